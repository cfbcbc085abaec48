import { Readable } from 'node:stream';
import { crc32, createInflateRaw } from 'node:zlib';
import iconv from 'iconv-lite';
import { BillUnreadable } from '../bill-errors.ts';

/** One file of a bill archive; its bytes are unpacked only while they are read. */
export type BillMember = {
  readonly name: string;
  /** Bytes after unpacking, as the archive says; more than that is refused while reading. */
  readonly size: number;
  /** Streams the bytes. Throws `BillUnreadable` when they are not those that were packed. */
  readonly open: () => AsyncGenerator<Uint8Array>;
};

export type ArchiveReading =
  | { readonly kind: 'archive'; readonly members: readonly BillMember[] }
  | { readonly kind: 'damaged'; readonly detail: string };

/** A bill has two files; an archive of more than this is not one. */
const MEMBERS_LIMIT = 8;

/** Longest file after unpacking, in bytes. */
const UNPACKED_LIMIT_BYTES = 1024 * 1024 * 1024;

/** A bill of alike rows packs to a fiftieth; what packs tighter than this is a bomb. */
const RATIO_LIMIT = 200;

/** Small files may pack as tightly as they like. */
const RATIO_FREE_BYTES = 1024 * 1024;

/** Packed bytes go to the unpacker in pieces of this size, so that a limit is met early. */
const PIECE_BYTES = 64 * 1024;

/** Marks of the ZIP format (APPNOTE.TXT 4.3.7, 4.3.12, 4.3.16). */
const LOCAL_MARK = 0x04034b50;
const ENTRY_MARK = 0x02014b50;
const END_MARK = 0x06054b50;
const END_BYTES = 22;
const ENTRY_BYTES = 46;
const LOCAL_BYTES = 30;

/** The two ways in which a file may be packed. */
const STORED = 0;
const DEFLATED = 8;

/** Flags of an entry: it is encrypted; its name says that it is UTF-8. */
const ENCRYPTED = 0x0001;
const UTF8_NAME = 0x0800;

function damaged(detail: string): ArchiveReading {
  return { kind: 'damaged', detail };
}

/**
 * Reads an archive's directory, and nothing of its files. Refuses an archive that is cut, encrypted
 * or packed in another way, and one that would grow beyond the limits.
 */
export function readArchive(archive: Uint8Array): ArchiveReading {
  const bytes = Buffer.from(archive.buffer, archive.byteOffset, archive.byteLength);
  const end = findEnd(bytes);
  if (end === undefined) return damaged('the archive is cut, or is no ZIP archive');
  const count = bytes.readUInt16LE(end + 10);
  if (count > MEMBERS_LIMIT) return damaged(`the archive has ${count} files`);
  const members: BillMember[] = [];
  let at = bytes.readUInt32LE(end + 16);
  for (let index = 0; index < count; index += 1) {
    if (at + ENTRY_BYTES > end || bytes.readUInt32LE(at) !== ENTRY_MARK) {
      return damaged('the directory of the archive is damaged');
    }
    const entry = readEntry(bytes, at);
    if (typeof entry === 'string') return damaged(entry);
    members.push(entry.member);
    at = entry.next;
  }
  return { kind: 'archive', members };
}

/** Where the directory ends: behind it there may be a comment of up to 65,535 bytes. */
function findEnd(bytes: Buffer): number | undefined {
  const first = Math.max(0, bytes.length - END_BYTES - 0xffff);
  for (let at = bytes.length - END_BYTES; at >= first; at -= 1) {
    if (bytes.readUInt32LE(at) === END_MARK) return at;
  }
  return undefined;
}

/** One entry of the directory, or a sentence that says why it is refused. */
function readEntry(
  bytes: Buffer,
  at: number,
): { readonly member: BillMember; readonly next: number } | string {
  const flags = bytes.readUInt16LE(at + 8);
  const method = bytes.readUInt16LE(at + 10);
  const checksum = bytes.readUInt32LE(at + 16);
  const packedSize = bytes.readUInt32LE(at + 20);
  const size = bytes.readUInt32LE(at + 24);
  const nameEnd = at + ENTRY_BYTES + bytes.readUInt16LE(at + 28);
  const name = nameOf(bytes.subarray(at + ENTRY_BYTES, nameEnd), flags);
  if ((flags & ENCRYPTED) !== 0) return 'a file of the archive is encrypted';
  if (method !== STORED && method !== DEFLATED) return 'a file of the archive is packed otherwise';
  if (size > UNPACKED_LIMIT_BYTES) return `a file would grow to ${size} bytes`;
  if (size > RATIO_FREE_BYTES && size > packedSize * RATIO_LIMIT) {
    return `a file would grow from ${packedSize} to ${size} bytes: a ZIP bomb`;
  }
  const packed = packedBytes(bytes, bytes.readUInt32LE(at + 42), packedSize);
  if (packed === undefined) return 'a file of the archive is cut';
  const open = (): AsyncGenerator<Uint8Array> => unpack({ packed, method, size, checksum });
  const next = nameEnd + bytes.readUInt16LE(at + 30) + bytes.readUInt16LE(at + 32);
  return { member: { name, size, open }, next };
}

/** The packed bytes of one file, behind a header of its own. */
function packedBytes(bytes: Buffer, header: number, length: number): Buffer | undefined {
  if (header + LOCAL_BYTES > bytes.length) return undefined;
  if (bytes.readUInt32LE(header) !== LOCAL_MARK) return undefined;
  const names = bytes.readUInt16LE(header + 26) + bytes.readUInt16LE(header + 28);
  const start = header + LOCAL_BYTES + names;
  return start + length > bytes.length ? undefined : bytes.subarray(start, start + length);
}

/** Alipay writes the names in GBK without saying so; a flag says where they are UTF-8. */
function nameOf(bytes: Buffer, flags: number): string {
  return (flags & UTF8_NAME) === 0 ? iconv.decode(bytes, 'gbk') : bytes.toString('utf8');
}

type Packed = {
  readonly packed: Buffer;
  readonly method: number;
  readonly size: number;
  readonly checksum: number;
};

async function* unpack(file: Packed): AsyncGenerator<Uint8Array> {
  const source = Readable.from(pieces(file.packed));
  const unpacked = file.method === STORED ? source : source.pipe(createInflateRaw());
  let length = 0;
  let checksum = 0;
  try {
    for await (const chunk of unpacked as AsyncIterable<Buffer>) {
      length += chunk.length;
      if (length > file.size) break;
      checksum = crc32(chunk, checksum);
      yield chunk;
    }
  } catch {
    throw new BillUnreadable('file_damaged', 'a file of the archive cannot be unpacked');
  }
  if (length > file.size) {
    throw new BillUnreadable('file_damaged', 'a file is longer than its archive says');
  }
  if (length < file.size || checksum !== file.checksum) {
    throw new BillUnreadable('file_damaged', 'a file is not the one that was packed');
  }
}

function* pieces(bytes: Buffer): Generator<Buffer> {
  for (let start = 0; start < bytes.length; start += PIECE_BYTES) {
    yield bytes.subarray(start, start + PIECE_BYTES);
  }
}
