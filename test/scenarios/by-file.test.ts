import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { makeSepaRail } from '../../packages/adapters/src/index.ts';
import {
  type Catalog,
  type Currency,
  DEFAULT_TIMETABLE,
  type Mandate,
  type Rail,
  type RailEvent,
  toOrderNumber,
} from '../../packages/core/src/index.ts';
import {
  ALL_BUCKETS,
  type Engine,
  fetchRailNews,
  type Job,
  NO_PROGRESS,
  submitDebits,
} from '../../packages/engine/src/index.ts';
import { type Sandbox, startSandbox } from '../../packages/sandbox/src/index.ts';
import { applyItems } from '../../packages/server/src/http/inbox.ts';
import { type Life, NOW, newCatalog, newLife, newMerchant } from '../kit/life.ts';
import { BACKENDS, type FreshStore } from '../kit/stores.ts';

/** A rail that is reached by files, on a real database, with the bank of the sandbox behind it. */
type Stage = {
  readonly store: FreshStore;
  readonly rail: Rail;
  readonly job: Job;
  readonly catalog: Catalog;
  readonly sandbox: Sandbox;
  readonly admin: (method: string, path: string, body?: unknown) => Promise<unknown>;
  readonly moveTo: (instant: string) => Promise<void>;
  readonly warnings: string[];
};

/** The same rows in euros: the builders write CNY. */
function inEuros<T>(value: T): T {
  if (Array.isArray(value)) return value.map(inEuros) as T;
  if (typeof value !== 'object' || value === null) return value;
  if (Object.getPrototypeOf(value) !== Object.prototype) return value;
  const entries = Object.entries(value).map(([key, part]) =>
    key === 'currency' ? [key, 'EUR' satisfies Currency] : [key, inEuros(part)],
  );
  return Object.fromEntries(entries) as T;
}

/** What is closed when all stories have ended: a hook set inside a story may come too late. */
const opened: (() => Promise<void>)[] = [];

async function openStage(store: FreshStore): Promise<Stage> {
  const home = mkdtempSync(join(tmpdir(), 'daikou-by-file-'));
  const sandbox = await startSandbox({ home });
  opened.push(async () => {
    await sandbox.stop();
    rmSync(home, { recursive: true, force: true });
  });
  const admin = async (method: string, path: string, body?: unknown) => {
    const sent = body === undefined ? {} : { body: JSON.stringify(body) };
    const response = await fetch(`${sandbox.endpoints.admin}${path}`, { method, ...sent });
    assert.ok(response.ok, await response.clone().text());
    return response.json();
  };
  const clock = { now: NOW };
  const moveTo = async (instant: string) => {
    clock.now = Temporal.Instant.from(instant);
    await admin('PUT', '/admin/clock', { now: clock.now.toString() });
  };
  await moveTo(NOW.toString());
  const { sepa } = (await admin('GET', '/admin/credentials')) as {
    readonly sepa: Pick<Parameters<typeof makeSepaRail>[0], 'creditor' | 'vaultKey'>;
  };
  const rail = makeSepaRail({
    ...sandbox.endpoints.sepa,
    ...sepa,
    archive: join(home, 'archive'),
    now: () => clock.now,
  });
  const warnings: string[] = [];
  const engine: Engine = {
    store,
    rails: new Map([[rail.id, rail]]),
    channels: new Map(),
    clock: { now: () => clock.now },
    entropy: { bytes: (length) => crypto.getRandomValues(new Uint8Array(length)) },
    timetable: DEFAULT_TIMETABLE,
    railNames: new Map(),
    log: { info() {}, warn: (message) => warnings.push(message) },
  };
  const merchant = newMerchant();
  await store.saveMerchant(merchant);
  const catalog = inEuros(newCatalog());
  await store.transact(merchant.id, (tx) => tx.addToCatalog(catalog));
  const job: Job = { engine, merchant, buckets: ALL_BUCKETS, progress: NO_PROGRESS };
  return { store, rail, job, catalog, sandbox, admin, moveTo, warnings };
}

/** A customer whose renewal of 29.85 euros is due now, by a mandate on paper. */
async function dueCustomer(stage: Stage): Promise<Life> {
  const { store, job, rail } = stage;
  const life = inEuros(newLife(job.merchant.id, { catalog: stage.catalog }));
  const mandate: Mandate = { ...life.mandate, rail: rail.id, ...(await signed(rail, life)) };
  const { paidAt: _paid, ...rest } = life.invoice;
  const invoice = { ...rest, state: 'open' as const };
  const debit = { ...life.debit, rail: rail.id, state: 'scheduled' as const, attemptCount: 0 };
  const told = NOW.subtract({ hours: 24 * 20 });
  const notice = { ...life.notice, dueAt: told, sentAt: told, deliveredAt: told };
  await store.transact(job.merchant.id, async (tx) => {
    await tx.insertNewCustomers([life.customer]);
    await tx.save({
      subscriptions: [life.subscription],
      mandates: [mandate],
      invoices: [invoice],
      debits: [debit],
      notices: [notice],
      journals: [life.invoiceJournal],
    });
  });
  return { ...life, mandate, invoice, debit };
}

/** What the rail says of a signed form: the reference holds the account, sealed. */
async function signed(rail: Rail, { mandate }: Life): Promise<Pick<Mandate, 'railReference'>> {
  const started = await rail.beginSigning({
    flow: 'paper',
    account: {
      kind: 'bank_account',
      iban: 'DE02120300000000202051',
      holderName: 'Erika Mustermann',
      signedOn: Temporal.PlainDate.from('2026-02-01'),
    },
    contractCode: mandate.contractCode,
    displayAccount: mandate.displayAccount,
    singleCap: { minor: 100_000n, currency: 'EUR' },
    requestSerial: '1',
    clientIp: '192.0.2.10',
  });
  assert.ok(started.kind === 'signed' && started.report.kind === 'active');
  return { railReference: started.report.railReference };
}

const apply = (job: Job, events: readonly RailEvent[]) =>
  applyItems(
    job,
    events.map((event) => ({ kind: 'rail', event })),
  );

const noSleep = () => Promise.resolve();

async function statesOf({ store, job }: Stage, life: Life) {
  return store.transact(job.merchant.id, async (tx) => {
    const [bundle] = await tx.lockDebits([life.debit.id]);
    assert.ok(bundle !== undefined);
    return {
      debit: bundle.debit.state,
      invoice: bundle.invoices[0]?.state,
      mandate: bundle.mandate.state,
      attempts: bundle.attempts.map((attempt) => attempt.state),
    };
  });
}

describe('a rail that is reached by files', () => {
  const databases = BACKENDS[0]?.databases();
  let store: Promise<FreshStore> | undefined;
  after(async () => {
    for (const close of opened) await close();
  });
  // One database for all: each story is a merchant of its own.
  const aStage = async () => {
    store ??= databases?.fresh();
    assert.ok(store !== undefined);
    return openStage(await store);
  };

  test('collected, booked, taken back as unauthorised: every step once', async () => {
    const stage = await aStage();
    const life = await dueCustomer(stage);
    const orderNumber = toOrderNumber(life.debit.id, 1);
    const script = { rail: stage.rail.id, orderNumber, fault: 'RETURN_MD01' };
    await stage.admin('POST', '/admin/faults', script);
    const counts = await submitDebits(stage.job, noSleep);
    assert.equal(counts.sent, 1, JSON.stringify(counts));
    const open = { debit: 'in_flight', invoice: 'open', mandate: 'active', attempts: ['accepted'] };
    assert.deepEqual(await statesOf(stage, life), open);

    await stage.admin('POST', '/admin/idle');
    await fetchRailNews(stage.job, apply);
    assert.deepEqual(await statesOf(stage, life), open, 'a file that was taken is no money');

    // Sunday's debit goes to the bank on Monday and is booked on Tuesday.
    await stage.moveTo('2026-03-03T12:00:00Z');
    assert.ok((await fetchRailNews(stage.job, apply)).events > 0);
    const paid = {
      debit: 'succeeded',
      invoice: 'paid',
      mandate: 'active',
      attempts: ['succeeded'],
    };
    assert.deepEqual(await statesOf(stage, life), paid);
    assert.equal((await fetchRailNews(stage.job, apply)).events, 0, 'nothing is told twice');

    await stage.moveTo('2026-03-09T12:00:00Z');
    assert.ok((await fetchRailNews(stage.job, apply)).events > 0);
    const back = await statesOf(stage, life);
    assert.equal(back.invoice, 'open', 'the money is owed again');
    assert.equal(back.mandate, 'ended', 'nothing more may be collected by it');
    assert.deepEqual(stage.warnings, []);
    const { sepa } = (await stage.admin('GET', '/admin/books/summary')) as {
      readonly sepa: { readonly succeeded: number; readonly doubleDebits: readonly unknown[] };
    };
    assert.equal(sepa.succeeded, 1);
    assert.deepEqual(sepa.doubleDebits, []);
  });

  test('an event that cannot be applied holds back its place, and nothing else', async () => {
    const stage = await aStage();
    const first = await dueCustomer(stage);
    const second = await dueCustomer(stage);
    await submitDebits(stage.job, noSleep);
    await stage.admin('POST', '/admin/idle');
    const poison = toOrderNumber(first.debit.id, 1);
    await stage.moveTo('2026-03-03T12:00:00Z');
    const counts = await fetchRailNews(stage.job, async (job, events) => {
      if (events.some((event) => 'orderNumber' in event && event.orderNumber === poison)) {
        throw new Error('cannot be applied today');
      }
      await apply(job, events);
    });
    assert.equal(counts.failed, 1);
    assert.equal((await statesOf(stage, first)).debit, 'in_flight');
    assert.equal((await statesOf(stage, second)).debit, 'succeeded');
    await fetchRailNews(stage.job, apply);
    assert.equal((await statesOf(stage, first)).debit, 'succeeded');
    assert.ok(stage.warnings.length > 0);
  });
});
