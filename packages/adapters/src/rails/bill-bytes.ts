import { randomBytes } from 'node:crypto';
import { close, open, read, unlink, write } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** Bytes of a file, in pieces of any length. */
export type Pieces = AsyncIterable<Uint8Array>;

/** The bytes of a downloaded bill: in memory while it is small, else on the disk. */
export type BillBytes = {
  readonly size: number;
  /** The bytes from `start` until before `end`; by default all. May be read again and again. */
  readonly read: (start?: number, end?: number) => Pieces;
  /** Gives the disk back; nothing can be read afterwards. Calling it again is harmless. */
  readonly release: () => Promise<void>;
};

export type BillIntake =
  | { readonly kind: 'held'; readonly bytes: BillBytes }
  /** `detail` is a sentence with the size and the limit. */
  | { readonly kind: 'too_large'; readonly detail: string };

/** Longest bill that is taken, in bytes as sent. Its rows stream, so this bounds the disk only. */
export const BILL_LIMIT_BYTES = 4_000_000_000;

/** What is longer goes to the disk: a usual day's bill never does. */
const MEMORY_LIMIT_BYTES = 8 * 1024 * 1024;

/** A file is read in pieces of this size, so that a limit of what is unpacked is met early. */
const PIECE_BYTES = 64 * 1024;

/** The sentence that a person reads beside the day whose bill was refused for its length. */
export function tooLarge(limit: number, size?: number): string {
  const told = size === undefined ? 'goes on after' : `has ${size} bytes, more than`;
  return `the bill ${told} the ${limit} bytes that one download may have`;
}

/**
 * Takes a download whole, in flat memory: what is long goes to a file that has lost its name before
 * its first byte is written, so that no crash leaves a bill behind and nobody else can open it. A
 * download that says that it is longer than `limit` ends with its first piece, and one that is ends
 * at the limit. What `pieces` or the disk throws is thrown on, and nothing is kept.
 */
export async function takeBill(
  pieces: Pieces,
  options: {
    readonly limit?: number;
    /** The length that the answer tells in its header. */
    readonly toldSize?: number | undefined;
    readonly memoryLimit?: number;
  } = {},
): Promise<BillIntake> {
  const { limit = BILL_LIMIT_BYTES, toldSize, memoryLimit = MEMORY_LIMIT_BYTES } = options;
  const isToldTooLarge = toldSize !== undefined && toldSize > limit;
  const first: Uint8Array[] = [];
  let size = 0;
  let file: NamelessFile | undefined;
  let isTaken = false;
  try {
    for await (const piece of pieces) {
      size += piece.length;
      if (isToldTooLarge) return { kind: 'too_large', detail: tooLarge(limit, toldSize) };
      if (size > limit) return { kind: 'too_large', detail: tooLarge(limit) };
      if (file === undefined && size > memoryLimit) {
        file = await openNameless();
        for (const one of first.splice(0)) await file.append(one);
      }
      if (file === undefined) first.push(piece);
      else await file.append(piece);
    }
    isTaken = true;
    return { kind: 'held', bytes: file?.bytes() ?? bytesInMemory(Buffer.concat(first, size)) };
  } finally {
    if (!isTaken) await file?.bytes().release();
  }
}

/** The length that an answer tells in `content-length`; undefined: it tells none. */
export function sizeTold(header: unknown): number | undefined {
  return typeof header === 'string' && /^\d{1,15}$/.test(header) ? Number(header) : undefined;
}

/** Bytes that are in memory anyway. */
export function bytesInMemory(bytes: Uint8Array): BillBytes {
  return {
    size: bytes.length,
    read: async function* (start = 0, end = bytes.length) {
      for (let at = start; at < end; at += PIECE_BYTES) {
        yield bytes.subarray(at, Math.min(at + PIECE_BYTES, end));
      }
    },
    release: async () => undefined,
  };
}

/** A few bytes of a bill at once. Returns less where the bill ends. */
export async function bytesAt(bytes: BillBytes, start: number, length: number): Promise<Buffer> {
  const end = Math.min(start + length, bytes.size);
  return Buffer.concat(await Array.fromAsync(bytes.read(start, end)));
}

const [openFile, readFile, writeFile, closeFile, unlinkFile] = [
  promisify(open),
  promisify(read),
  promisify(write),
  promisify(close),
  promisify(unlink),
];

type NamelessFile = {
  readonly append: (piece: Uint8Array) => Promise<void>;
  readonly bytes: () => BillBytes;
};

async function openNameless(): Promise<NamelessFile> {
  const path = join(tmpdir(), `daikou-bill-${randomBytes(12).toString('hex')}`);
  const file = await openFile(path, 'wx+', 0o600);
  await unlinkFile(path);
  let size = 0;
  let isOpen = true;
  return {
    append: async (piece) => {
      for (let done = 0; done < piece.length; ) {
        const { bytesWritten } = await writeFile(file, piece, done, piece.length - done, size);
        done += bytesWritten;
        size += bytesWritten;
      }
    },
    bytes: () => ({
      size,
      read: (start = 0, end = size) => piecesOf(file, start, end),
      release: async () => {
        if (!isOpen) return;
        isOpen = false;
        await closeFile(file);
      },
    }),
  };
}

async function* piecesOf(file: number, start: number, end: number): AsyncGenerator<Uint8Array> {
  for (let at = start; at < end; ) {
    const piece = Buffer.allocUnsafeSlow(Math.min(PIECE_BYTES, end - at));
    const { bytesRead } = await readFile(file, piece, 0, piece.length, at);
    if (bytesRead === 0) throw new Error('the file of the bill ends early');
    at += bytesRead;
    yield piece.subarray(0, bytesRead);
  }
}
