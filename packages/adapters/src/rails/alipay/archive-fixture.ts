import { crc32, deflateRawSync } from 'node:zlib';
import iconv from 'iconv-lite';

/** Test fixture: ZIP archives, byte for byte as Alipay packs them, and broken ones. */

export type Packed = {
  readonly name: string;
  readonly bytes: Uint8Array;
  /** Names in UTF-8 with the flag that says so; default GBK without it, as Alipay packs. */
  readonly utf8?: boolean;
  /** The size that the archive tells, when it lies. */
  readonly toldSize?: number;
  readonly toldChecksum?: number;
  /** Other flags than the name's, for example 1 for an encrypted file. */
  readonly flags?: number;
  /** 8: deflated; 0: stored. */
  readonly method?: number;
};

export const gbk = (text: string): Uint8Array => iconv.encode(text, 'gbk');

/** Packs the files in order. */
export function pack(files: readonly Packed[]): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const file of files) {
    const name = file.utf8 ? Buffer.from(file.name) : iconv.encode(file.name, 'gbk');
    const packed = file.method === 0 ? Buffer.from(file.bytes) : deflateRawSync(file.bytes);
    const fields = commonFields(file, { packed, name });
    const local = Buffer.concat([Buffer.from('PK\u0003\u0004'), fields, name, packed]);
    const rest = Buffer.alloc(14);
    rest.writeUInt32LE(offset, 10);
    directory.push(Buffer.concat([Buffer.from('PK\u0001\u0002\u0014\u0000'), fields, rest, name]));
    parts.push(local);
    offset += local.length;
  }
  const entries = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.write('PK\u0005\u0006');
  end.writeUInt16LE(files.length, 8);
  end.writeUInt16LE(files.length, 10);
  end.writeUInt32LE(entries.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...parts, entries, end]);
}

function commonFields(
  file: Packed,
  written: { readonly packed: Uint8Array; readonly name: Uint8Array },
): Buffer {
  const fields = Buffer.alloc(26);
  fields.writeUInt16LE(20, 0);
  fields.writeUInt16LE(file.flags ?? (file.utf8 ? 0x0800 : 0), 2);
  fields.writeUInt16LE(file.method ?? 8, 4);
  fields.writeUInt32LE(file.toldChecksum ?? crc32(file.bytes), 10);
  fields.writeUInt32LE(written.packed.length, 14);
  fields.writeUInt32LE(file.toldSize ?? file.bytes.length, 18);
  fields.writeUInt16LE(written.name.length, 22);
  return fields;
}
