import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { type BillBytes, bytesAt, type Pieces } from '../bill-bytes.ts';
import { BillUnreadable } from '../bill-errors.ts';

/**
 * Longest unpacked bill, in bytes: a packed file that grows beyond this is an attack or a mistake.
 */
const UNPACKED_LIMIT_BYTES = 8_000_000_000;

/** Far more than a row has: what is longer is no bill, and is not gathered in memory. */
const LONGEST_LINE_LETTERS = 64 * 1024;

/** Whether a bill begins as gzip does. */
export async function isPacked(file: BillBytes): Promise<boolean> {
  const [first, second] = await bytesAt(file, 0, 2);
  return first === 0x1f && second === 0x8b;
}

/**
 * The bytes of a bill, unpacked. Throws when they are damaged, and `BillUnreadable` when they grow
 * beyond `limit`.
 */
export async function* unpackBill(
  file: BillBytes,
  limit: number = UNPACKED_LIMIT_BYTES,
): AsyncGenerator<Uint8Array> {
  if (!(await isPacked(file))) {
    yield* file.read();
    return;
  }
  let length = 0;
  const stream: Pieces = Readable.from(file.read()).pipe(createGunzip());
  for await (const chunk of stream) {
    length += chunk.length;
    if (length > limit) {
      throw new BillUnreadable('file_damaged', `the bill unpacks to more than ${limit} bytes`);
    }
    yield chunk;
  }
}

/** The lines of the text, without line ends; one line in memory at a time. */
export async function* textLines(file: BillBytes): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let rest = '';
  try {
    for await (const chunk of unpackBill(file)) {
      const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
      rest = lines.pop() ?? '';
      if (rest.length > LONGEST_LINE_LETTERS) {
        throw new BillUnreadable('file_damaged', 'a row of the bill has no end');
      }
      for (const line of lines) yield line.replace(/\r$/, '');
    }
    rest += decoder.decode();
  } catch (error) {
    if (error instanceof BillUnreadable) throw error;
    throw new BillUnreadable('file_damaged', 'the bill is cut or is not UTF-8');
  }
  if (rest !== '') yield rest.replace(/\r$/, '');
}
