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

/**
 * Seconds after which a committed attempt is not sent any more by the process that committed it:
 * fewer than the 30 after which the rail is asked. A process that stood still (stopped, swapped
 * out, its machine asleep) would else send a number that others hold for never sent, and whose
 * invoice may have been paid another way since.
 */
export const SEND_WITHIN_SECONDS = 20;

type Sent = AttemptNews & { readonly attempt: Attempt };

/**
 * Gives committed attempts to their rails: one call for each, or one for all of them where the rail
 * takes many at once. The outcomes come in the order of `sending`. `begunAt` is the moment before
 * their intents were committed: what cannot leave within `SEND_WITHIN_SECONDS` of it is not sent
 * and is unknown, as another process may have taken it up.
 */
export async function sendAll(
  job: Job,
  sending: readonly Sending[],
  { begunAt, sleep }: { readonly begunAt: Temporal.Instant; readonly sleep: Sleep },
): Promise<readonly Sent[]> {
  const isLate = () => job.engine.clock.now().since(begunAt).total('seconds') > SEND_WITHIN_SECONDS;
  const outcomes = new Map<string, AttemptOutcome>();
  const single: Sending[] = [];
  for (const [railId, members] of Map.groupBy(sending, ({ attempt }) => attempt.rail)) {
    const rail = railOf(job.engine, railId);
    if (rail.submitMany === undefined) single.push(...members);
    else {
      const told = isLate() ? members.map(() => LATE) : await sendMany(job, rail, members);
      for (const [index, { attempt }] of members.entries()) {
        const none: AttemptOutcome = { kind: 'unknown', detail: 'no outcome' };
        outcomes.set(attempt.orderNumber, told[index] ?? none);
      }
    }
  }
  const told = await mapAtOnce(single, CALLS_AT_ONCE, async (one) => {
    const rail = railOf(job.engine, one.attempt.rail);
    await paceOf(rail, job.engine.clock, sleep)();
    const outcome = isLate() ? LATE : await sendOne(job, rail, one);
    return { orderNumber: one.attempt.orderNumber, outcome };
  });
  for (const { orderNumber, outcome } of told) outcomes.set(orderNumber, outcome);
  return sending.map(({ attempt }) => {
    const { orderNumber } = attempt;
    const outcome = present(outcomes.get(orderNumber), 'the outcome of a sent attempt');
    return { orderNumber, outcome, attempt };
  });
}

/** We did not send it; somebody else may have. */
const LATE: AttemptOutcome = { kind: 'unknown', detail: 'not sent: it was too late' };

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
