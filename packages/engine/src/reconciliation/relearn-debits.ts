import {
  type AttemptOutcome,
  type DebitBundle,
  type DebitId,
  firstUnlearnedOrdinal,
  numbersToAskAgain,
  type QuarantineFinding,
  relearnAttempt,
  type Tx,
  toOrderNumber,
} from '@daikou/core';
import { mapAtOnce } from '../concurrency.ts';
import { settleOutcomes, settleWithin } from '../debit/settle.ts';
import { BATCH_ROWS, CALLS_AT_ONCE, idSource, type Job, nowOf } from '../job.ts';
import { paceOf, type Sleep } from '../pace.ts';

export type DebitsAsked = { readonly asked: number; readonly unanswered: number };

/**
 * Asks the rails about every debit that the backup left waiting: what became of the numbers that
 * it knows, then of the next ones, until the rail has never seen one. Each that the rail knows
 * becomes a row and is settled by its word.
 */
export async function relearnDebits(job: Job, sleep: Sleep): Promise<DebitsAsked> {
  let asked = 0;
  let unanswered = 0;
  let page = await loadPage(job, undefined);
  while (page.length > 0) {
    const answers = await mapAtOnce(page, CALLS_AT_ONCE, (id) => relearnOne(job, id, sleep));
    asked += page.length;
    unanswered += answers.filter((isAnswered) => !isAnswered).length;
    job.progress.advance(page.length);
    page = await loadPage(job, page.at(-1));
  }
  return { asked, unanswered };
}

function loadPage(job: Job, after: DebitId | undefined): Promise<readonly DebitId[]> {
  const place = after === undefined ? {} : { after };
  return job.engine.store.transact(job.merchant.id, (tx) =>
    tx.listWaitingDebits({ limit: BATCH_ROWS, ...place }),
  );
}

/** True when the rail gave a definite word on every number of the debit. */
async function relearnOne(job: Job, id: DebitId, sleep: Sleep): Promise<boolean> {
  const bundle = await load(job, id);
  if (bundle === undefined) return true;
  for (const orderNumber of numbersToAskAgain(bundle.attempts)) {
    const outcome = await ask(job, { bundle, orderNumber, sleep });
    if (outcome.kind === 'unknown') return false;
    await settleOutcomes(job, [{ orderNumber, outcome }]);
  }
  let next = (await load(job, id)) ?? bundle;
  let ordinal = firstUnlearnedOrdinal(next.attempts);
  while (ordinal !== undefined) {
    const orderNumber = toOrderNumber(id, ordinal);
    const outcome = await ask(job, { bundle: next, orderNumber, sleep });
    if (outcome.kind === 'unknown') return false;
    if (outcome.kind === 'not_found' || outcome.kind === 'never_sent') return true;
    await takeIn(job, id, { ordinal, outcome });
    next = (await load(job, id)) ?? next;
    const following = firstUnlearnedOrdinal(next.attempts);
    ordinal = following === ordinal ? undefined : following;
  }
  return true;
}

async function load(job: Job, id: DebitId): Promise<DebitBundle | undefined> {
  const [bundle] = await job.engine.store.transact(job.merchant.id, (tx) => tx.lockDebits([id]));
  return bundle;
}

async function ask(
  job: Job,
  about: { readonly bundle: DebitBundle; readonly orderNumber: string; readonly sleep: Sleep },
): Promise<AttemptOutcome> {
  const rail = job.engine.rails.get(about.bundle.debit.rail);
  if (rail === undefined) return { kind: 'unknown', detail: 'the rail is not connected' };
  try {
    await paceOf(rail, job.engine.clock, about.sleep)();
    return await rail.ask(about.orderNumber);
  } catch (error) {
    return { kind: 'unknown', detail: error instanceof Error ? error.name : 'thrown' };
  }
}

async function takeIn(
  job: Job,
  id: DebitId,
  found: { readonly ordinal: number; readonly outcome: AttemptOutcome },
): Promise<void> {
  await job.engine.store.transact(job.merchant.id, async (tx) => {
    const [bundle] = await tx.lockDebits([id]);
    if (bundle === undefined) return;
    await addNumber(tx, job, { bundle, ...found, kind: 'attempt' });
  });
}

/**
 * Adds a number that the rail knows, lists it and settles it, in the caller's transaction. False:
 * another number of the debit is open, so this one cannot be taken in.
 */
export async function addNumber(
  tx: Tx,
  job: Job,
  found: {
    readonly bundle: Pick<DebitBundle, 'debit' | 'attempts'>;
    readonly ordinal: number;
    readonly outcome: AttemptOutcome;
    readonly kind: 'attempt' | 'debit';
  },
): Promise<boolean> {
  const { bundle, ordinal, outcome, kind } = found;
  const isOpenNow = bundle.attempts.some(({ endedAt }) => endedAt === undefined);
  const isKnown = bundle.attempts.some((one) => one.ordinal === ordinal);
  if (isOpenNow || isKnown) return false;
  const now = nowOf(job.engine, job.merchant);
  const added = relearnAttempt(
    bundle.debit,
    { ordinal, outcome },
    { now, ids: idSource(job.engine) },
  );
  await tx.save({ debits: [added.debit], attempts: [added.attempt] });
  const { orderNumber, amount, rail, merchantId } = added.attempt;
  const finding: QuarantineFinding = {
    merchantId,
    kind,
    rail,
    number: orderNumber,
    outcome: outcome.kind,
    amount: outcome.kind === 'succeeded' ? outcome.paid : amount,
    needsPerson: false,
    foundAt: now,
  };
  await tx.addFindings([finding]);
  await settleWithin(tx, job, [{ orderNumber, outcome }]);
  return true;
}
