import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { createInflate } from 'node:zlib';
import { Unzip, type UnzipFile, UnzipInflate } from 'fflate';
import { bytesInMemory, type Pieces } from '../bill-bytes.ts';

/** The two files of a settlement day that we read, in GBK; each call reads from the beginning. */
export type SettlementFiles = {
  /** ZM: one line for each trade. */
  readonly trades: () => Pieces;
  /** ZME: one line for each correction (差错). Empty when the archive has none. */
  readonly corrections: () => Pieces;
};

export type Opened =
  | {
      readonly kind: 'files';
      readonly files: SettlementFiles;
      /** SHA-256 of the contents, hex. The archive itself holds the time at which it was packed. */
      readonly contentHash: string;
      readonly isEmpty: boolean;
    }
  | { readonly kind: 'refused'; readonly detail: string };

/** Longest content after each of the two unpackings, in bytes: more is an attack or a mistake. */
const UNPACKED_LIMIT_BYTES = 4_000_000_000;

/** Thrown when an archive grows beyond the limit. */
class TooLong extends Error {}

/**
 * Opens `fileContent`: Base64 of a zlib stream of a zip (rails.md §3.4). It is unpacked once to its
 * end before a row is handed out, as only then the zlib checksum proves it whole; the rows are
 * unpacked a second time, piece by piece, so that a file of a million rows is never in memory. The
 * files of another merchant are refused by their names, and either unpacking stops at `limit`.
 */
export async function openSettlement(
  content: string,
  merId: string,
  limit: number = UNPACKED_LIMIT_BYTES,
): Promise<Opened> {
  const packed = Buffer.from(content, 'base64');
  const [trades, corrections] = [`ZM_${merId}`, `ZME_${merId}`];
  const hashes = { trades: createHash('sha256'), corrections: createHash('sha256') };
  const names = new Set<string>();
  let length = 0;
  try {
    for await (const { name, piece } of entriesOf(packed, limit)) {
      names.add(name);
      if (name.includes(trades)) hashes.trades.update(piece);
      else if (name.includes(corrections)) hashes.corrections.update(piece);
      else continue;
      length += piece.length;
    }
  } catch (error) {
    return refused(
      error instanceof TooLong
        ? `the settlement file unpacks to more than ${limit} bytes`
        : 'the settlement file is damaged',
    );
  }
  const owners = [...names].flatMap((name) => /ZME?_(\d{15})/.exec(name)?.[1] ?? []);
  if (owners.some((owner) => owner !== merId)) return refused('the file is of another merchant');
  if (![...names].some((name) => name.includes(trades))) {
    return refused('the archive has no file of trades');
  }
  const both = createHash('sha256');
  both.update(hashes.trades.digest()).update(hashes.corrections.digest());
  return {
    kind: 'files',
    files: {
      trades: () => fileOf(packed, trades, limit),
      corrections: () => fileOf(packed, corrections, limit),
    },
    contentHash: both.digest('hex'),
    isEmpty: length === 0,
  };
}

function refused(detail: string): Opened {
  return { kind: 'refused', detail };
}

async function* fileOf(packed: Uint8Array, part: string, limit: number): Pieces {
  for await (const { name, piece } of entriesOf(packed, limit)) {
    if (name.includes(part)) yield piece;
  }
}

type Entry = { readonly name: string; readonly piece: Uint8Array };

/**
 * The files of the archive in pieces; a file without content comes as one empty piece. Throws when
 * the archive is damaged, ends early, names a file twice, or grows beyond `limit`.
 */
async function* entriesOf(packed: Uint8Array, limit: number): AsyncGenerator<Entry> {
  const waiting: Entry[] = [];
  const names = new Set<string>();
  const open = new Set<string>();
  const unzipper = new Unzip((file: UnzipFile) => {
    const { name } = file;
    if (names.has(name)) throw new Error('a file of the archive comes twice');
    names.add(name);
    open.add(name);
    waiting.push({ name, piece: new Uint8Array() });
    file.ondata = (error, piece, isLast) => {
      if (error !== null) throw error;
      waiting.push({ name, piece });
      if (isLast) open.delete(name);
    };
    file.start();
  });
  unzipper.register(UnzipInflate);
  let [outer, inner] = [0, 0];
  const taken = function* (): Generator<Entry> {
    for (const entry of waiting.splice(0)) {
      inner += entry.piece.length;
      if (inner > limit) throw new TooLong();
      yield entry;
    }
  };
  const zip: Pieces = Readable.from(bytesInMemory(packed).read()).pipe(createInflate());
  for await (const chunk of zip) {
    outer += chunk.length;
    if (outer > limit) throw new TooLong();
    unzipper.push(chunk, false);
    yield* taken();
  }
  unzipper.push(new Uint8Array(), true);
  yield* taken();
  if (open.size > 0) throw new Error('a file of the archive ends early');
}
