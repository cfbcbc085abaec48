import { createSign, createVerify, generateKeyPairSync } from 'node:crypto';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { Rail } from '../packages/core/src/index.ts';
import {
  ALL_BUCKETS,
  askOpenAttempts,
  type Engine,
  type Job,
  NO_PROGRESS,
  submitDebits,
} from '../packages/engine/src/index.ts';
import { callbackUrl, composeEngine } from '../packages/server/src/compose.ts';
import { SandboxAdmin } from '../packages/server/src/demo/sandbox-admin.ts';
import { startSandboxProcess } from '../packages/server/src/demo/sandbox-process.ts';
import { makeApp } from '../packages/server/src/http/app.ts';
import { Inbox } from '../packages/server/src/http/inbox.ts';
import { temporaryFolder } from '../test/kit/telco.ts';
import { type BenchDatabase, openPostgresBench } from './databases.ts';
import { type BenchRail, makeDebitDay, OPENS } from './debit-day-world.ts';
import { perSecond } from './rounds.ts';

/** Each callback of the rails is heard so often. */
const CALLBACK_COPIES = 3;
/** Basis points of the orders whose answer is lost, half of them with the money taken. */
const TIMEOUT_BASIS_POINTS = 200;
const TIMEOUT_MILLISECONDS = 1_500;
/** Milliseconds between two moves of the world's clock, which runs as fast as the wall's. */
const TICK_MILLISECONDS = 1_000;
const ASK_MILLISECONDS = 5_000;
/** Signatures that the limit is measured with. */
const SIGNATURES = 2_000;

type DayResult = {
  readonly name: string;
  readonly debits: number;
  readonly seconds: number;
  readonly per_second: number;
  /** When the last debit was submitted, on the world's clock. */
  readonly finished_at: string;
  readonly inside_window: boolean;
  readonly succeeded_at_the_rails: number;
  readonly succeeded_in_our_books: number;
  readonly double_debits: number;
  readonly unknown_left: number;
  readonly violations: number;
};

/**
 * A debit day through the simulators: `--debits` (100,000) at the rails' own limit with lost
 * answers and every callback three times; then `--free` (20,000) without the limit, beside the RSA
 * signatures alone, which no merchant of these rails can be faster than.
 */
export async function run(say: (line: string) => void): Promise<unknown> {
  const { values } = parseArgs({
    args: process.argv.slice(3),
    options: {
      debits: { type: 'string', default: '100000' },
      free: { type: 'string', default: '20000' },
      json: { type: 'boolean', default: false },
    },
  });
  const results: DayResult[] = [];
  const limited = Number(values.debits);
  if (limited > 0) {
    say(`a day at the rails' limit: ${limited} debits`);
    results.push(
      await runDay({
        name: 'at the limit',
        count: limited,
        rails: ['wechat', 'alipay'],
        isLimited: true,
        say,
      }),
    );
  }
  const free = Number(values.free);
  if (free > 0) {
    say(`without the limit: ${free} debits on the rail whose requests are signed with RSA`);
    results.push(
      await runDay({
        name: 'without the limit',
        count: free,
        rails: ['alipay'],
        isLimited: false,
        say,
      }),
    );
  }
  const signatures = signaturesPerSecond();
  const last = results.at(-1);
  return {
    bench: 'debit-day',
    results,
    rsa_signatures_and_verifications_per_second: signatures,
    ratio_without_limit:
      last === undefined || free === 0 ? null : Number((last.per_second / signatures).toFixed(3)),
  };
}

/** One signature and one verification for each debit, in this process alone. */
function signaturesPerSecond(): number {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const text = 'x'.repeat(600);
  const start = performance.now();
  for (let index = 0; index < SIGNATURES; index += 1) {
    const signature = createSign('RSA-SHA256').update(`${text}${index}`).sign(privateKey);
    createVerify('RSA-SHA256').update(`${text}${index}`).verify(publicKey, signature);
  }
  return perSecond(SIGNATURES, (performance.now() - start) / 1000);
}

type DayPlan = {
  readonly name: string;
  readonly count: number;
  readonly rails: readonly BenchRail[];
  readonly isLimited: boolean;
  readonly say: (line: string) => void;
};

async function runDay(plan: DayPlan): Promise<DayResult> {
  const folder = temporaryFolder();
  const database = await openPostgresBench();
  const ears = await listen();
  const home = join(folder.path, 'sandbox');
  // The simulators make their keys; then their journal is given the contracts.
  const first = await startSandboxProcess(home);
  const { wechat } = await new SandboxAdmin(first.endpoints).connections('bench');
  await first.stop();
  try {
    const started = performance.now();
    const { merchant } = await makeDebitDay(database.store, {
      ...plan,
      sandboxHome: home,
      planId: wechat?.planId ?? '',
      callbackUrl: (rail) => callbackUrl(ears.url, rail, 'bench'),
    });
    await database.admin('analyze');
    plan.say(`made in ${Math.round((performance.now() - started) / 1000)} s`);
    const sandbox = await startSandboxProcess(home);
    const admin = new SandboxAdmin(sandbox.endpoints);
    try {
      return await collect(plan, { database, admin, merchant, ears });
    } finally {
      await sandbox.stop();
    }
  } finally {
    await ears.close();
    await database.close();
    folder.remove();
  }
}

type Parts = {
  readonly database: BenchDatabase;
  readonly admin: SandboxAdmin;
  readonly merchant: Job['merchant'];
  readonly ears: Ears;
};

async function collect(plan: DayPlan, parts: Parts): Promise<DayResult> {
  const { database, admin, merchant, ears } = parts;
  const engine = await openDay(plan, parts);
  const job: Job = { engine, merchant, buckets: ALL_BUCKETS, progress: NO_PROGRESS };
  const app = await makeApp({
    store: database.store,
    log: engine.log,
    isReady: () => true,
    targetOf: async () => ({ engine, inbox }),
  });
  const inbox = new Inbox(async () => job);
  await app.ready();
  ears.hand((request, response) => app.routing(request, response));
  const start = performance.now();
  let isOver = false;
  const ticking = tick(() => isOver, engine, admin);
  const asking = ask(() => isOver, job);
  const counts = await submitDebits(job, (milliseconds) => sleep(milliseconds));
  const seconds = (performance.now() - start) / 1000;
  const finished = engine.clock.now();
  plan.say(`sent ${counts.sent} in ${Math.round(seconds)} s; asking about what is open`);
  isOver = true;
  await Promise.all([ticking, asking]);
  await settleTheRest(job, admin);
  await admin.idle();
  const result = await count(plan, parts, { seconds, finished });
  await app.close();
  return result;
}

/** The world's clock stands at the opening of the day and then runs with the wall's. */
let ahead = 0;

async function openDay(plan: DayPlan, { database, admin, ears }: Parts): Promise<Engine> {
  ahead = OPENS.epochMilliseconds - Date.now();
  const outcomes = (lost: number, paid: string, unseen: string) => ({
    SUCCESS: 10_000 - lost,
    [paid]: lost / 2,
    [unseen]: lost / 2,
  });
  const lost = plan.isLimited ? TIMEOUT_BASIS_POINTS : 0;
  const table = outcomes(lost, 'TIMEOUT_THEN_PAID', 'TIMEOUT_NOT_RECEIVED');
  await admin.moveClock(OPENS);
  await admin.setOutcomes({
    seed: 'debit-day',
    wechat: { first: table, later: { SUCCESS: 10_000 } },
    alipay: { first: table, later: { SUCCESS: 10_000 } },
  });
  const { wechat, alipay } = await admin.connections('bench');
  const timeoutMilliseconds = TIMEOUT_MILLISECONDS;
  const engine = composeEngine({
    store: database.store,
    log: { info() {}, warn() {} },
    connections: {
      ...(wechat === undefined ? {} : { wechat: { ...wechat, timeoutMilliseconds } }),
      ...(alipay === undefined ? {} : { alipay: { ...alipay, timeoutMilliseconds } }),
    },
    baseUrl: ears.url,
    merchantCode: 'bench',
  });
  const now = () => Temporal.Now.instant().add({ milliseconds: ahead });
  const rails = [...engine.rails].map(([id, rail]) => [id, plan.isLimited ? rail : unbound(rail)]);
  return { ...engine, clock: { now }, rails: new Map(rails as [string, Rail][]) };
}

function unbound(rail: Rail): Rail {
  return { ...rail, capabilities: { ...rail.capabilities, submitPerSecond: 1_000_000 } };
}

async function tick(isOver: () => boolean, engine: Engine, admin: SandboxAdmin): Promise<void> {
  while (!isOver()) {
    await admin.moveClock(engine.clock.now());
    await sleep(TICK_MILLISECONDS);
  }
}

async function ask(isOver: () => boolean, job: Job): Promise<void> {
  while (!isOver()) {
    await askOpenAttempts(job);
    await sleep(ASK_MILLISECONDS);
  }
}

/** Whatever is still open is asked about at its own times; the clock goes there at once. */
async function settleTheRest(job: Job, admin: SandboxAdmin): Promise<void> {
  for (let minutes = 0; minutes < 600; minutes += 2) {
    await admin.idle();
    await askOpenAttempts(job);
    await submitDebits(job, (milliseconds) => sleep(milliseconds));
    const due = await job.engine.store.transact(job.merchant.id, (tx) => tx.findNextDue());
    const open = await openAttempts(job);
    if (open === 0 || due === undefined) return;
    ahead += 2 * 60 * 1000;
    await admin.moveClock(job.engine.clock.now());
  }
}

async function openAttempts(job: Job): Promise<number> {
  const far = job.engine.clock.now().add({ hours: 24 * 30 });
  const due = await job.engine.store.transact(job.merchant.id, (tx) =>
    tx.countDue({
      buckets: ALL_BUCKETS,
      dueBy: far,
      expiredBy: far.toZonedDateTimeISO('UTC').toPlainDate(),
    }),
  );
  return due.attemptsToAsk + due.debitsToSubmit;
}

async function count(
  plan: DayPlan,
  { database, admin }: Parts,
  measured: { readonly seconds: number; readonly finished: Temporal.Instant },
): Promise<DayResult> {
  const books = Object.values(await admin.summary());
  const local = measured.finished.toZonedDateTimeISO('Asia/Shanghai');
  const violations = await database.store.findViolations(5);
  return {
    name: plan.name,
    debits: plan.count,
    seconds: Math.round(measured.seconds),
    per_second: perSecond(plan.count, measured.seconds),
    finished_at: local.toPlainTime().toString({ smallestUnit: 'second' }),
    inside_window: local.hour >= 7 && local.hour < 22,
    succeeded_at_the_rails: books.reduce((total, rail) => total + (rail.succeeded ?? 0), 0),
    succeeded_in_our_books: await database.count('select count(*) from payments'),
    double_debits: books.reduce((total, rail) => total + (rail.doubleDebits?.length ?? 0), 0),
    unknown_left: await database.count(
      "select count(*) from attempts where state in ('submitting', 'accepted', 'unknown')",
    ),
    violations: violations.length,
  };
}

type Handler = (request: IncomingMessage, response: never) => void;
type Ears = {
  readonly url: string;
  readonly hand: (handler: Handler) => void;
  readonly close: () => Promise<void>;
};

/**
 * Where the rails call back. Each message is handed to our server three times at once, as rails
 * that lost our answer would; the first answer goes back.
 */
async function listen(): Promise<Ears> {
  const box: { app?: Server } = {};
  let inner = '';
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', async () => {
      const { host: _host, connection: _connection, ...headers } = request.headers;
      const ask = () =>
        fetch(`${inner}${request.url}`, {
          method: request.method ?? 'POST',
          headers: headers as Record<string, string>,
          body: Buffer.concat(chunks),
        });
      const answers = await Promise.all(Array.from({ length: CALLBACK_COPIES }, ask));
      const [first] = answers;
      response.statusCode = first?.status ?? 503;
      response.setHeader('content-type', first?.headers.get('content-type') ?? 'text/plain');
      response.end(await first?.text());
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const portOf = (one: Server) => (one.address() as AddressInfo).port;
  return {
    url: `http://127.0.0.1:${portOf(server)}`,
    hand: (handler) => {
      const app = createServer(handler as never);
      box.app = app;
      app.listen(0, '127.0.0.1', () => {
        inner = `http://127.0.0.1:${portOf(app)}`;
      });
    },
    close: async () => {
      for (const one of [server, box.app]) {
        one?.closeAllConnections();
        await new Promise<void>((resolve) =>
          one === undefined ? resolve() : one.close(() => resolve()),
        );
      }
    },
  };
}
