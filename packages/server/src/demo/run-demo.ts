import {
  type Merchant,
  type MerchantId,
  makeId,
  ok,
  type Refusal,
  type Result,
  refuse,
} from '@daikou/core';
import {
  ALL_BUCKETS,
  type Engine,
  type ImportRefusal,
  type ImportResult,
  importSubscriberFile,
  type Job,
  nowOf,
  type Progress,
  signMandates,
} from '@daikou/engine';
import { METHOD_PLANS } from '../compose.ts';
import { reconcileDue } from '../worker/loop.ts';
import { pumpAll, pumpDeliveries } from '../worker/pump.ts';
import { demoAddresses } from './addresses.ts';
import { DEMO_DUE_DATE, DEMO_ZONE, type DemoStep, demoTimeline } from './timeline.ts';
import { DEMO_MERCHANT, type DemoWorld } from './world.ts';

/** Rounds in which a step waits for reports and callbacks before the clock moves on. */
const SETTLE_ROUNDS = 6;

export type DemoRefusal = ImportRefusal | Refusal<'not_a_demo'>;

export type DemoParts = {
  readonly engine: Engine;
  readonly world: DemoWorld;
  readonly progress: Progress;
  readonly file: string;
  readonly onStep: (step: DemoStep) => void;
};

/** The demo merchant; made on the first start, frozen at the first step. */
export async function ensureDemoMerchant(engine: Engine): Promise<Result<Merchant, DemoRefusal>> {
  const merchants = await engine.store.listMerchants();
  const known = merchants.find((merchant) => merchant.code === DEMO_MERCHANT);
  if (known !== undefined && !known.demo) {
    return refuse({
      code: 'not_a_demo',
      sentence: `This database has a merchant “${DEMO_MERCHANT}” that is not a demo.`,
      next: 'Use another DATABASE_URL or DAIKOU_HOME for the demo; nothing was changed.',
    });
  }
  if (merchants.some((merchant) => merchant.mode === 'live')) {
    return refuse({
      code: 'not_a_demo',
      sentence: 'This database holds a live merchant, so no demo is run beside it.',
      next: 'Use another DATABASE_URL or DAIKOU_HOME for the demo; nothing was changed.',
    });
  }
  if (known !== undefined) return ok(known);
  const [first] = demoTimeline();
  const merchant: Merchant = {
    id: newMerchantId(engine),
    code: DEMO_MERCHANT,
    name: '示例通信',
    zone: DEMO_ZONE,
    mode: 'test',
    testClock: first?.at ?? nowFromWall(engine),
    demo: true,
  };
  await engine.store.saveMerchant(merchant);
  return ok(merchant);
}

function newMerchantId(engine: Engine): MerchantId {
  return makeId('mer', {
    epochMilliseconds: engine.clock.now().epochMilliseconds,
    random: engine.entropy.bytes(10),
    bucket: 0,
  });
}

function nowFromWall(engine: Engine): Temporal.Instant {
  return engine.clock.now();
}

/**
 * Runs the demo to its end, from wherever it is: import and sign, then step by step through the
 * month, doing at each instant all that is due. Killed at any moment and run again it reaches the
 * same totals, because the clock moves only when a step is done and every use case resumes.
 */
export async function runDemo(
  parts: DemoParts,
  start: Merchant,
): Promise<Result<ImportResult, DemoRefusal>> {
  let merchant = start;
  const steps = demoTimeline();
  const imported = await importAndSign(parts, merchant);
  if (!imported.ok) return imported;
  for (const step of steps) {
    merchant = await moveClock(parts, merchant, step.at);
    parts.onStep(step);
    await runStep(jobOf(parts, merchant), parts.world);
  }
  return imported;
}

function jobOf(parts: DemoParts, merchant: Merchant): Job {
  return { engine: parts.engine, merchant, buckets: ALL_BUCKETS, progress: parts.progress };
}

async function importAndSign(
  parts: DemoParts,
  merchant: Merchant,
): Promise<Result<ImportResult, DemoRefusal>> {
  const job = jobOf(parts, merchant);
  await parts.world.admin.moveClock(nowOf(parts.engine, merchant));
  const imported = await importSubscriberFile(job, parts.file, {
    methods: METHOD_PLANS,
    firstDueDate: DEMO_DUE_DATE,
    addressOf: demoAddresses,
  });
  if (!imported.ok) return imported;
  const waiting = await parts.engine.store.transact(merchant.id, (tx) =>
    tx.countDue({ buckets: ALL_BUCKETS, dueBy: nowOf(parts.engine, merchant) }),
  );
  if (waiting.mandatesToSign > 0) {
    parts.progress.start('mandates', waiting.mandatesToSign);
    await signMandates(job, (url) => agreeInWallet(url));
    await parts.world.admin.idle();
    parts.progress.finish();
  }
  return imported;
}

/** The simulated payer: opens the wallet's page and presses the button that agrees. */
async function agreeInWallet(url: string): Promise<void> {
  const response = await fetch(url, {
    method: 'POST',
    body: new URLSearchParams({ decision: 'agree' }),
  });
  await response.arrayBuffer();
}

/** Moves both clocks forward, never back: a resumed demo is past its early steps already. */
async function moveClock(
  parts: DemoParts,
  merchant: Merchant,
  instant: Temporal.Instant,
): Promise<Merchant> {
  const now = nowOf(parts.engine, merchant);
  const target = Temporal.Instant.compare(instant, now) > 0 ? instant : now;
  const moved: Merchant = { ...merchant, testClock: target };
  if (target !== now) await parts.engine.store.saveMerchant(moved);
  await parts.world.admin.moveClock(target);
  return moved;
}

/** Everything that is due at this instant, and what follows from it within the same instant. */
async function runStep(job: Job, world: DemoWorld): Promise<void> {
  for (let round = 0; round < SETTLE_ROUNDS; round += 1) {
    const counts = await pumpAll(job);
    await world.admin.idle();
    await pumpDeliveries(job);
    const { drafted, issued, noticesSent, announced, asked, submitted } = counts;
    if (drafted + issued + noticesSent + announced + asked + submitted === 0) break;
  }
  await reconcileDue(job);
}
