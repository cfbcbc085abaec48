import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type FailpointPlan, parseFailpoints } from './failpoints.ts';

/** What the environment decides. One knob chooses the database: `DATABASE_URL`. */
export type Settings = {
  /** Where the embedded database, the sandbox's books and the control endpoint live. */
  readonly home: string;
  /** Absent: the embedded database under `home`. */
  readonly databaseUrl?: string;
  readonly host: string;
  readonly port: number;
  /** The address under which rails reach us; absent: what we bind to. */
  readonly publicUrl?: string;
  /** Seconds between two looks of a worker that found nothing to do. */
  readonly workerIdleSeconds: number;
  /** Moments at which this process kills itself: for tests of crashes only. */
  readonly failpoints?: FailpointPlan;
  /** The repository's root, for data that ships with it. */
  readonly root: string;
};

export type SettingsProblem = { readonly sentence: string; readonly next: string };

const DEFAULT_PORT = 8787;
const DEFAULT_WORKER_IDLE_SECONDS = 5;

export function repositoryRoot(): string {
  return resolve(dirname(fileURLToPath(import.meta.url)), '../../..');
}

/** Reads the settings, or says which variable is wrong and what it should be. */
export function readSettings(
  environment: Readonly<Record<string, string | undefined>>,
): Settings | SettingsProblem {
  const root = repositoryRoot();
  const port = environment['DAIKOU_PORT'] ?? String(DEFAULT_PORT);
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535) {
    return {
      sentence: `DAIKOU_PORT is “${port}”, which is not a port number.`,
      next: 'Set it to a number from 0 to 65535, or leave it out for 8787.',
    };
  }
  const publicUrl = environment['DAIKOU_PUBLIC_URL'];
  if (publicUrl !== undefined && !URL.canParse(publicUrl)) {
    return {
      sentence: 'DAIKOU_PUBLIC_URL is not an address.',
      next: 'Set it to the https address under which payment rails reach this server.',
    };
  }
  const idle = environment['DAIKOU_WORKER_IDLE_SECONDS'] ?? String(DEFAULT_WORKER_IDLE_SECONDS);
  if (!/^\d{1,4}(\.\d{1,3})?$/.test(idle)) {
    return {
      sentence: `DAIKOU_WORKER_IDLE_SECONDS is “${idle}”, which is not a number of seconds.`,
      next: 'Set it to seconds such as 5 or 0.5, or leave it out.',
    };
  }
  const deaths = environment['DAIKOU_FAILPOINTS'];
  const failpoints = deaths === undefined ? undefined : parseFailpoints(deaths);
  if (deaths !== undefined && failpoints === undefined) {
    return {
      sentence: 'DAIKOU_FAILPOINTS is not a plan of failpoints.',
      next: 'Leave it out; only tests of crashes set it, for example after-rail:0.03,seed:7.',
    };
  }
  const databaseUrl = environment['DATABASE_URL'];
  return {
    home: resolve(root, environment['DAIKOU_HOME'] ?? '.daikou'),
    ...(databaseUrl === undefined || databaseUrl === '' ? {} : { databaseUrl }),
    host: environment['DAIKOU_HOST'] ?? '127.0.0.1',
    port: Number(port),
    workerIdleSeconds: Number(idle),
    ...(failpoints === undefined ? {} : { failpoints }),
    ...(publicUrl === undefined ? {} : { publicUrl: publicUrl.replace(/\/$/, '') }),
    root,
  };
}

export function telcoFile(settings: Settings): string {
  return join(settings.root, 'packages/server/data/telco/Telco-Customer-Churn.csv');
}
