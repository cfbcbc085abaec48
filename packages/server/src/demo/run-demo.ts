import { setTimeout as sleep } from 'node:timers/promises';
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
  countDueNow,
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
import { pumpAll, pumpDeliveries, pumpWebhooks } from '../worker/pump.ts';
import { demoAddresses } from './addresses.ts';
import { publishDemoPolicies } from './policies.ts';
import { DEMO_DUE_DATE, DEMO_ZONE, type DemoStep, demoTimeline } from './timeline.ts';
import { DEMO_MERCHANT, type DemoWorld } from './world.ts';

/** Rounds in which a step waits for reports and callbacks before the clock moves on. */
const SETTLE_ROUNDS = 6;

/** What falls due within so many minutes of a step still belongs to it. */
const FOLLOW_UP_MINUTES = 20;
const FOLLOW_UPS = 200;

/**
 * Seconds that a step waits for notices which a dead sender still holds; its lease ends by then.
 */
const LEASE_WAIT_SECONDS = 150;

/** A step waits so long for reports that the simulators send again: up to two minutes. */
const REPORT_LOOK_MILLISECONDS = 200;
const REPORT_LOOKS = 600;

export type DemoRefusal = ImportRefusal | Refusal<'not_a_demo'>;

export type DemoParts = {
  readonly engine: Engine;
  readonly world: DemoWorld;
  readonly progress: Progress;
  readonly file: string;
  readonly onStep: (step: DemoStep) => Promise<void>;
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
  await publishDemoPolicies(jobOf(parts, merchant));
  const imported = await importAndSign(parts, merchant);
  if (!imported.ok) return imported;
  for (const [index, step] of steps.entries()) {
    merchant = await moveClock(parts, merchant, step.at);
    await parts.onStep(step);
    await runStep(jobOf(parts, merchant), parts.world);
    merchant = await followUp(parts, merchant, steps[index + 1]?.at);
  }
  return imported;
}

/**
 * What falls due soon after a step, at its own time: questions about open attempts, numbers that
 * are sent again, announcements that a killed run left half made. The clock follows them one by
 * one.
 */
async function followUp(
  parts: DemoParts,
  start: Merchant,
  nextStep: Temporal.Instant | undefined,
): Promise<Merchant> {
  let merchant = start;
  for (let round = 0; round < FOLLOW_UPS; round += 1) {
    const now = nowOf(parts.engine, merchant);
    const horizon = now.add({ minutes: FOLLOW_UP_MINUTES });
    const due = await parts.engine.store.transact(merchant.id, (tx) => tx.findNextDue());
    if (due === undefined || nextStep === undefined) return merchant;
    const isSoon = [horizon, nextStep].every((end) => Temporal.Instant.compare(due, end) < 0);
    if (!isSoon || Temporal.Instant.compare(due, now) <= 0) return merchant;
    merchant = await moveClock(parts, merchant, due);
    await runStep(jobOf(parts, merchant), parts.world);
  }
  return merchant;
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
  const waiting = await countDueNow(job);
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
  await waitForLeases(job);
  await waitForReports(job, world);
  await reconcileDue(job);
  await pumpWebhooks(job);
}

/**
 * A report that found nobody, because our process had been killed, is sent again after a while; the
 * month must not go on without it, as a notice that is proved too late holds its debit back.
 */
async function waitForReports(job: Job, world: DemoWorld): Promise<void> {
  for (let look = 0; look < REPORT_LOOKS; look += 1) {
    const { retrying } = await world.admin.idle();
    await pumpDeliveries(job);
    const { noticesSent } = await countDueNow(job);
    if (noticesSent === 0 || retrying === 0) return;
    await sleep(REPORT_LOOK_MILLISECONDS);
  }
}

/**
 * A sender that was killed holds its notices for a while; the month must not go on without them.
 */
async function waitForLeases(job: Job): Promise<void> {
  for (let second = 0; second < LEASE_WAIT_SECONDS; second += 1) {
    const { noticesToSend } = await countDueNow(job);
    if (noticesToSend === 0) return;
    await sleep(1000);
    await pumpAll(job);
    await pumpDeliveries(job);
  }
}
