import { Writable } from 'node:stream';
import type { Language } from './words.ts';

/** Where a command speaks: its own terminal, or the terminal of the client that asked for it. */
export type Io = {
  /** Results only. With `--json` nothing else ever goes here. */
  readonly out: (text: string) => void;
  /** Progress and messages for people. */
  readonly err: (text: string) => void;
  readonly isTty: boolean;
  readonly columns: number;
  readonly language: Language;
  /** Relative paths of the command line are resolved against this. */
  readonly cwd: string;
  /** Aborted when the terminal asks to stop. */
  readonly signal: AbortSignal;
  /**
   * Says that from now on the command serves until `signal` is aborted and then ends by itself.
   * Before that a request to stop ends the process at once: every step cut off is resumed later.
   */
  readonly beginService: () => void;
};

/** Han, Kana, Hangul and full-width forms: characters that take two columns in a terminal. */
const WIDE = new RegExp(
  '[\\u1100-\\u115f\\u2e80-\\ua4cf\\uac00-\\ud7a3\\uf900-\\ufaff' +
    '\\ufe30-\\ufe4f\\uff00-\\uff60\\uffe0-\\uffe6]',
);

/** Columns that a text takes in a terminal. */
export function displayWidth(text: string): number {
  let width = 0;
  for (const character of text) width += WIDE.test(character) ? 2 : 1;
  return width;
}

export function padEnd(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - displayWidth(text)));
}

/** A stream for libraries that draw on a terminal, drawing on `io`. */
export function terminalStream(io: Io): NodeJS.WriteStream {
  const stream = new Writable({
    decodeStrings: false,
    write(chunk: unknown, _encoding, done) {
      io.err(String(chunk));
      done();
    },
  });
  return Object.assign(stream, {
    isTTY: io.isTty,
    columns: io.columns,
  }) as unknown as NodeJS.WriteStream;
}
