import { Readable } from 'node:stream';
import { crc32, createInflateRaw } from 'node:zlib';
import iconv from 'iconv-lite';
import { type BillBytes, bytesAt, type Pieces } from '../bill-bytes.ts';
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

/** Longest file after unpacking, in bytes; the format itself ends at 4 GiB. */
const UNPACKED_LIMIT_BYTES = 4_000_000_000;

/** A bill of alike rows packs to a fiftieth; what packs tighter than this is a bomb. */
const RATIO_LIMIT = 200;

/** Small files may pack as tightly as they like. */
const RATIO_FREE_BYTES = 1024 * 1024;

/** Marks of the ZIP format (APPNOTE.TXT 4.3.7, 4.3.12, 4.3.16). */
const LOCAL_MARK = 0x04034b50;
const ENTRY_MARK = 0x02014b50;
const END_MARK = 0x06054b50;
const END_BYTES = 22;
const ENTRY_BYTES = 46;
const LOCAL_BYTES = 30;

/** Behind its directory an archive may have a comment of so many bytes. */
const COMMENT_BYTES = 0xffff;

/** A directory of so few files is shorter by far. */
const DIRECTORY_LIMIT_BYTES = 1024 * 1024;

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
export async function readArchive(
  archive: BillBytes,
  limit: number = UNPACKED_LIMIT_BYTES,
): Promise<ArchiveReading> {
  const end = await findEnd(archive);
  if (end === undefined) return damaged('the archive is cut, or is no ZIP archive');
  const count = end.bytes.readUInt16LE(10);
  if (count > MEMBERS_LIMIT) return damaged(`the archive has ${count} files`);
  const start = end.bytes.readUInt32LE(16);
  const length = end.at - start;
  if (length < 0 || length > DIRECTORY_LIMIT_BYTES) {
    return damaged('the directory of the archive is damaged');
  }
  const bytes = await bytesAt(archive, start, length);
  const members: BillMember[] = [];
  let at = 0;
  for (let index = 0; index < count; index += 1) {
    if (at + ENTRY_BYTES > bytes.length || bytes.readUInt32LE(at) !== ENTRY_MARK) {
      return damaged('the directory of the archive is damaged');
    }
    const entry = readEntry(bytes, at);
    const refusal = refuse(entry, limit);
    if (refusal !== undefined) return damaged(refusal);
    const packed = await packedBytes(archive, entry);
    if (packed === undefined) return damaged('a file of the archive is cut');
    const { name, size } = entry;
    members.push({ name, size, open: () => unpack({ ...entry, packed }) });
    at = entry.next;
  }
  return { kind: 'archive', members };
}

/** The record at the end of an archive, and where it stands. */
async function findEnd(
  archive: BillBytes,
): Promise<{ readonly at: number; readonly bytes: Buffer } | undefined> {
  const first = Math.max(0, archive.size - END_BYTES - COMMENT_BYTES);
  const tail = await bytesAt(archive, first, archive.size - first);
  for (let at = tail.length - END_BYTES; at >= 0; at -= 1) {
    if (tail.readUInt32LE(at) === END_MARK) return { at: first + at, bytes: tail.subarray(at) };
  }
  return undefined;
}

type Entry = {
  readonly name: string;
  readonly flags: number;
  readonly method: number;
  readonly checksum: number;
  readonly packedSize: number;
  readonly size: number;
  /** Where the file begins in the archive. */
  readonly header: number;
  /** Where the next entry begins in the directory. */
  readonly next: number;
};

function readEntry(bytes: Buffer, at: number): Entry {
  const flags = bytes.readUInt16LE(at + 8);
  const nameEnd = at + ENTRY_BYTES + bytes.readUInt16LE(at + 28);
  return {
    name: nameOf(bytes.subarray(at + ENTRY_BYTES, nameEnd), flags),
    flags,
    method: bytes.readUInt16LE(at + 10),
    checksum: bytes.readUInt32LE(at + 16),
    packedSize: bytes.readUInt32LE(at + 20),
    size: bytes.readUInt32LE(at + 24),
    header: bytes.readUInt32LE(at + 42),
    next: nameEnd + bytes.readUInt16LE(at + 30) + bytes.readUInt16LE(at + 32),
  };
}

/** A sentence that says why a file of the archive is not unpacked. */
function refuse(entry: Entry, limit: number): string | undefined {
  const { flags, method, size, packedSize } = entry;
  if ((flags & ENCRYPTED) !== 0) return 'a file of the archive is encrypted';
  if (method !== STORED && method !== DEFLATED) return 'a file of the archive is packed otherwise';
  if (size > limit) return `a file would grow to ${size} bytes, more than ${limit}`;
  if (size > RATIO_FREE_BYTES && size > packedSize * RATIO_LIMIT) {
    return `a file would grow from ${packedSize} to ${size} bytes: a ZIP bomb`;
  }
  return undefined;
}

/** The packed bytes of one file, behind a header of its own; undefined where they are cut. */
async function packedBytes(
  archive: BillBytes,
  { header, packedSize }: Entry,
): Promise<(() => Pieces) | undefined> {
  const local = await bytesAt(archive, header, LOCAL_BYTES);
  if (local.length < LOCAL_BYTES || local.readUInt32LE(0) !== LOCAL_MARK) return undefined;
  const names = local.readUInt16LE(26) + local.readUInt16LE(28);
  const start = header + LOCAL_BYTES + names;
  const end = start + packedSize;
  return end > archive.size ? undefined : () => archive.read(start, end);
}

/** Alipay writes the names in GBK without saying so; a flag says where they are UTF-8. */
function nameOf(bytes: Buffer, flags: number): string {
  return (flags & UTF8_NAME) === 0 ? iconv.decode(bytes, 'gbk') : bytes.toString('utf8');
}

type Packed = Pick<Entry, 'method' | 'size' | 'checksum'> & { readonly packed: () => Pieces };

async function* unpack(file: Packed): AsyncGenerator<Uint8Array> {
  const source = Readable.from(file.packed());
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
