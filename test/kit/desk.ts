import { makeLog } from '../../packages/server/src/cli/host.ts';
import { runCommandLine } from '../../packages/server/src/cli/program.ts';
import type { Live } from '../../packages/server/src/live.ts';
import { readSettings } from '../../packages/server/src/settings.ts';
import type { Play } from './stage.ts';

/** What one command printed, and its exit code. */
export type AtDesk = { readonly code: number; readonly out: string; readonly err: string };

/**
 * Runs `daikou <words>` in this process for the merchant of a play, with its engine and its clock:
 * what a live process does for a command that a client sends it, without a process for each.
 */
export async function atDesk(play: Play, words: readonly string[]): Promise<AtDesk> {
  const settings = readSettings({});
  if ('sentence' in settings) throw new Error(settings.sentence);
  let out = '';
  let err = '';
  const { store } = play.engine;
  // The parts of a live process that commands about money use.
  const live = { settings, store, log: makeLog(), jobOf: async () => play.job() };
  const code = await runCommandLine([...words, '--merchant', play.merchant.code], {
    io: {
      out: (text) => {
        out += text;
      },
      err: (text) => {
        err += text;
      },
      isTty: false,
      columns: 80,
      language: 'en',
      cwd: process.cwd(),
      signal: new AbortController().signal,
      beginService: () => undefined,
    },
    host: {
      settings,
      isInside: true,
      publish: () => undefined,
      live: async () => live as unknown as Live,
    },
  });
  return { code, out, err };
}
