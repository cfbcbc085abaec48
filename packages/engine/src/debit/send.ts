import type { Attempt, AttemptOutcome, DebitRequest, Mandate, Rail } from '@daikou/core';
import { present } from '@daikou/core';
import { mapAtOnce } from '../concurrency.ts';
import { CALLS_AT_ONCE, type Job, railOf } from '../job.ts';
import { paceOf, type Sleep } from '../pace.ts';
import type { AttemptNews } from './settle.ts';

/** A committed attempt on its way to the rail. */
export type Sending = {
  readonly attempt: Attempt;
  readonly mandate: Mandate;
  readonly collectDate: Temporal.PlainDate;
};

type Sent = AttemptNews & { readonly attempt: Attempt };

/**
 * Gives committed attempts to their rails: one call for each, or one for all of them where the rail
 * takes many at once. The outcomes come in the order of `sending`.
 */
export async function sendAll(
  job: Job,
  sending: readonly Sending[],
  sleep: Sleep,
): Promise<readonly Sent[]> {
  const outcomes = new Map<string, AttemptOutcome>();
  const single: Sending[] = [];
  for (const [railId, members] of Map.groupBy(sending, ({ attempt }) => attempt.rail)) {
    const rail = railOf(job.engine, railId);
    if (rail.submitMany === undefined) single.push(...members);
    else {
      const told = await sendMany(job, rail, members);
      for (const [index, { attempt }] of members.entries()) {
        const none: AttemptOutcome = { kind: 'unknown', detail: 'no outcome' };
        outcomes.set(attempt.orderNumber, told[index] ?? none);
      }
    }
  }
  const told = await mapAtOnce(single, CALLS_AT_ONCE, async (one) => {
    const rail = railOf(job.engine, one.attempt.rail);
    await paceOf(rail, job.engine.clock, sleep)();
    return { orderNumber: one.attempt.orderNumber, outcome: await sendOne(job, rail, one) };
  });
  for (const { orderNumber, outcome } of told) outcomes.set(orderNumber, outcome);
  return sending.map(({ attempt }) => {
    const { orderNumber } = attempt;
    const outcome = present(outcomes.get(orderNumber), 'the outcome of a sent attempt');
    return { orderNumber, outcome, attempt };
  });
}

/** One call to the rail. Whatever is thrown is unknown: the money may have moved. */
async function sendOne(job: Job, rail: Rail, sending: Sending): Promise<AttemptOutcome> {
  try {
    return await rail.submit(toRequest(job, sending));
  } catch (error) {
    return unknown(error);
  }
}

async function sendMany(
  job: Job,
  rail: Rail,
  sending: readonly Sending[],
): Promise<readonly AttemptOutcome[]> {
  try {
    return (await rail.submitMany?.(sending.map((one) => toRequest(job, one)))) ?? [];
  } catch (error) {
    return sending.map(() => unknown(error));
  }
}

function unknown(error: unknown): AttemptOutcome {
  return { kind: 'unknown', detail: error instanceof Error ? error.name : 'thrown' };
}

/** `sequence` is left out: no rail of ours asks whether a debit is the first of its mandate. */
function toRequest(job: Job, { attempt, mandate, collectDate }: Sending): DebitRequest {
  return {
    orderNumber: attempt.orderNumber,
    railReference: present(mandate.railReference, 'the rail reference of an active mandate'),
    contractCode: mandate.contractCode,
    amount: attempt.amount,
    description: `${job.merchant.name} 自动续费`.slice(0, 40),
    collectDate,
  };
}
