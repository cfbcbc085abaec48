import { crc32, deflateRawSync } from 'node:zlib';
import iconv from 'iconv-lite';

/** Marks and fixed lengths of the ZIP format (APPNOTE.TXT 4.3.7, 4.3.12, 4.3.16). */
const LOCAL_MARK = 0x04034b50;
const ENTRY_MARK = 0x02014b50;
const END_MARK = 0x06054b50;
const DEFLATED = 8;
const VERSION = 20;
/** 1 January 1980, the first date that the format can say: the file's own times tell more. */
const DOS_DATE = 0x21;

/**
 * Packs files as Alipay does: names in GBK, without the flag that would say what they are. The
 * usual packers always write UTF-8 names with that flag.
 */
export function packGbk(files: Readonly<Record<string, Uint8Array>>): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const [name, bytes] of Object.entries(files)) {
    const nameBytes = iconv.encode(name, 'gbk');
    const packed = deflateRawSync(bytes);
    const common = commonFields({ checksum: crc32(bytes), packed, bytes, nameBytes });
    const local = Buffer.concat([uint32(LOCAL_MARK), common, nameBytes, packed]);
    directory.push(entryOf(common, nameBytes, offset));
    parts.push(local);
    offset += local.length;
  }
  const entries = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(END_MARK, 0);
  end.writeUInt16LE(directory.length, 8);
  end.writeUInt16LE(directory.length, 10);
  end.writeUInt32LE(entries.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...parts, entries, end]);
}

/** The 26 bytes that a file's own header and its entry in the directory share. */
function commonFields(file: {
  readonly checksum: number;
  readonly packed: Uint8Array;
  readonly bytes: Uint8Array;
  readonly nameBytes: Uint8Array;
}): Buffer {
  const fields = Buffer.alloc(26);
  fields.writeUInt16LE(VERSION, 0);
  fields.writeUInt16LE(DEFLATED, 4);
  fields.writeUInt16LE(DOS_DATE, 8);
  fields.writeUInt32LE(file.checksum, 10);
  fields.writeUInt32LE(file.packed.length, 14);
  fields.writeUInt32LE(file.bytes.length, 18);
  fields.writeUInt16LE(file.nameBytes.length, 22);
  return fields;
}

function entryOf(common: Buffer, nameBytes: Uint8Array, offset: number): Buffer {
  const version = Buffer.alloc(2);
  version.writeUInt16LE(VERSION, 0);
  // Comment length, disk, two kinds of attributes, and then where the file begins.
  const rest = Buffer.alloc(14);
  rest.writeUInt32LE(offset, 10);
  return Buffer.concat([uint32(ENTRY_MARK), version, common, rest, nameBytes]);
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value, 0);
  return bytes;
}
