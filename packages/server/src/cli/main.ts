import { runInside } from '../control/client.ts';
import type { ControlHandler } from '../control/endpoint.ts';
import { readSettings, type Settings, type SettingsProblem } from '../settings.ts';
import { EXIT } from './failures.ts';
import { type OwnHost, ownHost } from './host.ts';
import type { Io } from './io.ts';
import { runCommandLine } from './program.ts';
import { languageOf } from './words.ts';

const stop = new AbortController();

/** True once a command serves and will end by itself when it is asked to. */
let isServing = false;

function ownIo(): Io {
  return {
    out: (text) => process.stdout.write(text),
    err: (text) => process.stderr.write(text),
    isTty: process.stderr.isTTY === true && process.env['CI'] === undefined,
    columns: process.stderr.columns ?? 80,
    language: languageOf(process.env),
    // npm moves to the repository's root and says here where the person stood.
    cwd: process.env['INIT_CWD'] ?? process.cwd(),
    signal: stop.signal,
    beginService: () => {
      isServing = true;
    },
  };
}

/** Runs a client's command line on this process's database, speaking to the client. */
function insideHandler(host: () => OwnHost): ControlHandler {
  return async (request, reply, signal) => {
    const own = host();
    return runCommandLine(request.argv, {
      host: { ...own, isInside: true },
      io: {
        out: (text) => reply({ kind: 'out', text }),
        err: (text) => reply({ kind: 'err', text }),
        isTty: request.isTty,
        columns: request.columns,
        language: request.language === 'zh' ? 'zh' : 'en',
        cwd: request.cwd,
        signal,
        beginService: () => undefined,
      },
    });
  };
}

async function runElsewhere(settings: Settings, io: Io, argv: readonly string[]): Promise<number> {
  const { cwd, language, isTty, columns } = io;
  const code = await runInside(settings.home, { argv, cwd, language, isTty, columns }, io);
  if (code !== undefined) return code;
  io.err(
    'Another process owns the data folder and answers no commands. ' +
      'Wait for it to end, or end it, and try again.\n',
  );
  return EXIT.environment;
}

async function main(argv: readonly string[]): Promise<number> {
  const io = ownIo();
  const settings: Settings | SettingsProblem = readSettings(process.env);
  if ('sentence' in settings) {
    io.err(`${settings.sentence} ${settings.next}\n`);
    return EXIT.environment;
  }
  const host: OwnHost = ownHost(
    settings,
    insideHandler(() => host),
  );
  listenForSignals();
  // A database that another process owns is not a failure here: that process runs the command.
  let isOwnedElsewhere = false;
  const code = await runCommandLine(argv, {
    io,
    host: {
      ...host,
      live: async () => {
        try {
          return await host.live();
        } catch (error) {
          if (error instanceof Error && error.name === 'DatabaseInUse') isOwnedElsewhere = true;
          throw error;
        }
      },
    },
    isOwnedElsewhere: () => isOwnedElsewhere,
  });
  if (isOwnedElsewhere) return runElsewhere(settings, io, argv);
  await host.close();
  return code;
}

function listenForSignals(): void {
  let isStopping = false;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      // A second signal, or one to a command that does not serve, ends the process at once: every
      // step that was cut off is finished by the next start.
      if (isStopping || !isServing) process.exit(EXIT.interrupted);
      isStopping = true;
      stop.abort();
    });
  }
}

process.exitCode = await main(process.argv.slice(2));
// Open sockets of clients must not keep a finished command alive.
process.exit();
