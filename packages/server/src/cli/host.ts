import { mkdirSync } from 'node:fs';
import type { Log } from '@daikou/engine';
import { openStore } from '@daikou/store';
import { pino } from 'pino';
import { type ControlEndpoint, type ControlHandler, openControl } from '../control/endpoint.ts';
import { Live } from '../live.ts';
import type { Settings } from '../settings.ts';

/** Gives commands the live process to work on, opening it when they first ask. */
export type Host = {
  readonly settings: Settings;
  readonly live: () => Promise<Live>;
  /** True where the command runs inside a process that was live before it. */
  readonly isInside: boolean;
  /** Tells clients the address again, once the server listens. */
  readonly publish: () => void;
};

export type OwnHost = Host & {
  readonly close: () => Promise<void>;
};

/** Logs on the error stream, structured; nothing of a customer is ever a field of them. */
export function makeLog(): Log {
  const logger = pino(
    { level: process.env['DAIKOU_LOG_LEVEL'] ?? 'warn', base: null },
    pino.destination({ dest: 2, sync: true }),
  );
  return {
    info: (message, facts) => logger.info(facts ?? {}, message),
    warn: (message, facts) => logger.warn(facts ?? {}, message),
  };
}

/**
 * A host that opens the database in this process. With the embedded database it also opens the
 * endpoint through which other commands run here, as the folder is never opened twice.
 */
export function ownHost(settings: Settings, handler: ControlHandler): OwnHost {
  let opened: Promise<Live> | undefined;
  let control: (ControlEndpoint & { readonly publish: () => void }) | undefined;
  const open = async (): Promise<Live> => {
    mkdirSync(settings.home, { recursive: true, mode: 0o700 });
    const { databaseUrl, home } = settings;
    const store = await openStore({ home, ...(databaseUrl === undefined ? {} : { databaseUrl }) });
    const live = await Live.make({ settings, store, log: makeLog() });
    if (databaseUrl === undefined) control = await openControl(home, () => live.url, handler);
    return live;
  };
  return {
    settings,
    isInside: false,
    live: () => {
      opened ??= open();
      return opened;
    },
    publish: () => control?.publish(),
    close: async () => {
      if (opened === undefined) return;
      const live = await opened.catch(() => undefined);
      await control?.close();
      await live?.close();
    },
  };
}
