import { Unzip, type UnzipFile, UnzipInflate } from 'fflate';
import iconv from 'iconv-lite';

/** The two CSV files of a day's bill, still in GBK. */
export type BillFiles = { readonly details: Uint8Array; readonly summary: Uint8Array };

/**
 * Longest file after unpacking, in bytes: an archive that grows beyond this is an attack or a
 * mistake.
 */
const UNPACKED_LIMIT_BYTES = 1024 * 1024 * 1024;

/** The archive is fed to the unpacker in pieces of this size, so that the limit is met early. */
const PIECE_BYTES = 256 * 1024;

/**
 * Unpacks a bill archive, or undefined when it is damaged, too large or lacks one of its two files.
 */
export function unzipBill(archive: Uint8Array): BillFiles | undefined {
  const files: { name: string; chunks: Uint8Array[]; isWhole: boolean }[] = [];
  let length = 0;
  const unzip = new Unzip((file: UnzipFile) => {
    const entry = { name: nameOf(file.name), chunks: [] as Uint8Array[], isWhole: false };
    files.push(entry);
    file.ondata = (error, chunk, isLast) => {
      length += chunk?.length ?? 0;
      if (error !== null || length > UNPACKED_LIMIT_BYTES) throw new Error('damaged archive');
      entry.chunks.push(chunk);
      entry.isWhole = isLast;
    };
    file.start();
  });
  unzip.register(UnzipInflate);
  try {
    for (let start = 0; start < archive.length; start += PIECE_BYTES) {
      const end = start + PIECE_BYTES;
      unzip.push(archive.subarray(start, end), end >= archive.length);
    }
  } catch {
    return undefined;
  }
  const isSummary = (name: string): boolean => name.includes('汇总');
  const whole = files.filter((file) => file.isWhole && file.name.endsWith('.csv'));
  const details = whole.find((file) => !isSummary(file.name));
  const summary = whole.find((file) => isSummary(file.name));
  if (details === undefined || summary === undefined) return undefined;
  return { details: Buffer.concat(details.chunks), summary: Buffer.concat(summary.chunks) };
}

/**
 * Alipay writes entry names in GBK without saying so; then the unpacker hands out their bytes as
 * Latin-1.
 */
function nameOf(name: string): string {
  const isBytes = [...name].every((character) => (character.codePointAt(0) ?? 0) <= 0xff);
  return isBytes ? iconv.decode(Buffer.from(name, 'latin1'), 'gbk') : name;
}
