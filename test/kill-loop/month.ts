import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { businessDate, type Merchant, makeId, money } from '../../packages/core/src/index.ts';
import {
  ALL_BUCKETS,
  type Engine,
  importSubscriberFile,
  type Job,
  NO_PROGRESS,
  signMandates,
} from '../../packages/engine/src/index.ts';
import { callbackUrl, composeEngine } from '../../packages/server/src/compose.ts';
import { SandboxAdmin } from '../../packages/server/src/demo/sandbox-admin.ts';
import { startSandboxProcess } from '../../packages/server/src/demo/sandbox-process.ts';
import { pumpAll, pumpDeliveries } from '../../packages/server/src/worker/pump.ts';
import { type OpenedStore, openStore } from '../../packages/store/src/index.ts';
import { at, ZONE } from '../kit/builders.ts';
import { toWitness } from '../kit/sandbox-witness.ts';
import { writeSubscribers } from '../kit/subscriber-lines.ts';

const MERCHANT = 'kill-loop';

/** The instants of the collecting days: debits, questions, retries, bills. */
const INSTANTS = [
  '2026-12-01 07:30',
  '2026-12-01 07:31',
  '2026-12-01 07:33',
  '2026-12-01 07:38',
  '2026-12-01 07:53',
  '2026-12-01 08:54',
  '2026-12-01 15:00',
  '2026-12-02 10:00',
  '2026-12-02 10:30',
  '2026-12-02 12:00',
  '2026-12-02 18:30',
  '2026-12-03 10:30',
  '2026-12-03 18:00',
  '2026-12-04 10:30',
  '2026-12-05 10:30',
];

/** When the rails are asked about what left last: a debit is not lost before it was asked about. */
const LAST_QUESTIONS = [
  '2026-12-05 10:31',
  '2026-12-05 10:34',
  '2026-12-05 10:40',
  '2026-12-05 10:56',
  '2026-12-05 12:00',
  '2026-12-05 18:30',
];

/** Basis points of what becomes of an order, besides success. */
const TROUBLE = {
  wechat: {
    SUCCESS: 7_200,
    NOTENOUGH: 800,
    SYSTEMERROR_THEN_PAID: 500,
    SYSTEMERROR_THEN_CLOSED: 300,
    TIMEOUT_THEN_PAID: 500,
    TIMEOUT_NOT_RECEIVED: 400,
    LOST_CALLBACK: 300,
  },
  alipay: {
    SUCCESS: 7_200,
    'ACQ.BUYER_BALANCE_NOT_ENOUGH': 800,
    SYSTEM_ERROR_THEN_PAID: 500,
    SYSTEM_ERROR_NOT_PAID: 300,
    TIMEOUT_THEN_PAID: 500,
    TIMEOUT_NOT_RECEIVED: 400,
    PROCESSING_THEN_PAID: 300,
  },
};

const REPORT_TOKEN = 'test-only-report-token';
/** Milliseconds after which an adapter calls silence a timeout. */
const TIMEOUT_MILLISECONDS = 700;
const QUIET_LOOKS = 200;

/** A month whose collecting days are about to begin, and the world that it is collected from. */
export type Month = {
  readonly instants: readonly string[];
  /** Later moments, for questions only. */
  readonly lastQuestions: readonly string[];
  readonly moveTo: (local: string) => Promise<void>;
  readonly untilQuiet: () => Promise<void>;
  /** Lets go of what dead senders hold; nobody may be alive. */
  readonly endLeases: () => Promise<void>;
  readonly report: () => Promise<{
    readonly succeeded: number;
    readonly doubleDebits: number;
    readonly lost: number;
    readonly ledgerEqualsRail: boolean;
  }>;
  readonly close: () => Promise<void>;
};

/** Imports, signs, drafts, issues and announces in peace, up to the eve of the debits. */
export async function openMonth(about: {
  readonly seed: number;
  readonly customers: number;
  readonly databaseUrl: string;
  readonly folder: string;
  readonly port: number;
}): Promise<Month> {
  const { databaseUrl, folder } = about;
  const store = await openStore({ databaseUrl, home: folder });
  const sandbox = await startSandboxProcess(join(folder, 'sandbox'));
  const admin = new SandboxAdmin(sandbox.endpoints);
  let merchant = newMerchant();
  await store.saveMerchant(merchant);
  const baseUrl = `http://127.0.0.1:${about.port}`;
  const connections = await connect(admin, baseUrl);
  // What the processes are connected to, as an operator would write it.
  const config = JSON.stringify({ [MERCHANT]: connections });
  writeFileSync(join(folder, 'config.json'), config, { mode: 0o600 });
  const engine = composeEngine({
    store,
    log: { info() {}, warn() {} },
    connections,
    baseUrl,
    merchantCode: MERCHANT,
  });
  const moveTo = async (local: string) => {
    // What has passed under fire is not lived again.
    if (Temporal.Instant.compare(at(local), merchant.testClock ?? at(local)) < 0) return;
    // The world first: workers that live meanwhile must not be ahead of the rails' time.
    await admin.moveClock(at(local));
    merchant = { ...merchant, testClock: at(local) };
    await store.saveMerchant(merchant);
  };
  const job = () => ({ engine, merchant, buckets: ALL_BUCKETS, progress: NO_PROGRESS });
  await admin.moveClock(at('2026-11-20 09:00'));
  await subscribe(job(), folder, about.customers);
  for (const local of ['2026-11-23 08:00', '2026-11-26 09:00', '2026-11-29 10:00']) {
    await moveTo(local);
    await pumpAll(job());
    await admin.idle();
    await pumpDeliveries(job());
  }
  await trouble(admin, about.seed);
  return {
    instants: INSTANTS,
    lastQuestions: LAST_QUESTIONS,
    moveTo,
    untilQuiet: () => untilQuiet(store, merchant, admin),
    endLeases: async () => {
      await store.rawSql("update notices set lease_until = null where state = 'sending'");
    },
    report: () => report(store, merchant, admin),
    close: async () => {
      for (const channel of engine.channels.values()) await channel.close();
      await store.close();
      await sandbox.stop();
    },
  };
}

function newMerchant(): Merchant {
  return {
    id: makeId('mer', {
      epochMilliseconds: Date.now(),
      random: crypto.getRandomValues(new Uint8Array(10)),
      bucket: 0,
    }),
    code: MERCHANT,
    name: '示例通信',
    zone: ZONE,
    mode: 'test',
    testClock: at('2026-11-20 09:00'),
    demo: false,
  };
}

async function connect(admin: SandboxAdmin, baseUrl: string) {
  const rail = (id: string) => callbackUrl(baseUrl, id, MERCHANT);
  await admin.configure({
    wechat: { terminationUrl: rail('wechat'), callbackTimeScale: 0.01, processingMs: 20 },
    alipay: { appGatewayUrl: rail('alipay'), callbackTimeScale: 0.001, processingMs: 20 },
    callbacks: { duplicateBp: 3_000 },
    sms: { reportDelayMs: 1 },
    smtp: { reportUrl: rail('notices/mail'), reportToken: REPORT_TOKEN, reportDelayMs: 1 },
  });
  const { wechat, alipay, ...rest } = await admin.connections(REPORT_TOKEN);
  assert.ok(wechat !== undefined && alipay !== undefined);
  const timeoutMilliseconds = TIMEOUT_MILLISECONDS;
  return {
    ...rest,
    wechat: { ...wechat, timeoutMilliseconds },
    alipay: { ...alipay, timeoutMilliseconds },
  };
}

async function trouble(admin: SandboxAdmin, seed: number): Promise<void> {
  const both = (table: Readonly<Record<string, number>>) => ({ first: table, later: table });
  await admin.setOutcomes({
    seed: `kill-loop-${seed}`,
    wechat: both(TROUBLE.wechat),
    alipay: both(TROUBLE.alipay),
  });
}

async function subscribe(job: Job & { readonly engine: Engine }, folder: string, count: number) {
  const path = join(folder, 'subscribers.csv');
  const lines = Array.from({ length: count }, (_, index) => ({
    reference: `C-${index + 1}`,
    by: index % 2 === 0 ? ('wechat' as const) : ('alipay' as const),
    charge: '29.85',
    phone: `+121255501${String(index % 100).padStart(2, '0')}`,
  }));
  writeFileSync(path, writeSubscribers(lines));
  const singleCap = money(20_000n, 'CNY');
  const imported = await importSubscriberFile(job, path, {
    methods: new Map([
      ['alipay', { collection: 'auto_debit', rail: 'alipay', singleCap }],
      ['wechat', { collection: 'auto_debit', rail: 'wechat', singleCap }],
    ]),
    firstDueDate: Temporal.PlainDate.from('2026-12-01'),
    addressOf: (reference) => ({ name: reference }),
  });
  assert.ok(imported.ok && imported.value.refused === 0, JSON.stringify(imported));
  await signMandates(job, async (url) => {
    const body = new URLSearchParams({ decision: 'agree' });
    await (await fetch(url, { method: 'POST', body })).arrayBuffer();
  });
}

/** Waits until nothing that is due now is left, by the workers' hands. */
async function untilQuiet(store: OpenedStore, merchant: Merchant, admin: SandboxAdmin) {
  const dueBy = merchant.testClock ?? at('2026-12-01 07:30');
  for (let look = 0; look < QUIET_LOOKS; look += 1) {
    await admin.idle();
    const due = await store.transact(merchant.id, (tx) =>
      tx.countDue({ buckets: ALL_BUCKETS, dueBy, expiredBy: businessDate(dueBy, merchant.zone) }),
    );
    const { debitsToSubmit, attemptsToAsk, noticesToSend, noticesSent } = due;
    if (debitsToSubmit + attemptsToAsk + noticesToSend + noticesSent === 0) return;
    await sleep(200);
  }
}

/** Debits that are neither done, nor failed, nor waiting for their next date. */
const LOST = `
  select count(*)::int from debits d
   where d.state = 'in_flight'
      or (d.state = 'succeeded' and not exists (
            select 1 from payments p where p.debit_id = d.id and p.bucket = d.bucket))`;

async function report(store: OpenedStore, merchant: Merchant, admin: SandboxAdmin) {
  const witness = toWitness(await admin.summary());
  const [lost] = (await store.rawSql(LOST)).rows;
  const { summary, balances } = await store.transact(merchant.id, async (tx) => ({
    summary: await tx.loadSummary(),
    balances: await tx.loadTrialBalance(),
  }));
  const clearing = balances
    .filter(({ account }) => account.startsWith('1012.'))
    .reduce((total, one) => total + one.debitMinor - one.creditMinor, 0n);
  const { succeeded, succeededMinor } = summary.debits;
  const { feeMinor } = summary.reconciliation;
  return {
    succeeded: witness.succeeded,
    doubleDebits: witness.doubleDebits.length,
    lost: Number(lost?.[0] ?? 0),
    ledgerEqualsRail:
      witness.succeeded === succeeded &&
      BigInt(witness.succeededMinor) === succeededMinor &&
      clearing === succeededMinor - feeMinor,
  };
}
