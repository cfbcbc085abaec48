import {
  countTries,
  type Money,
  money,
  reachesThreshold,
  retryDates,
  sum,
  toMoney,
  whyNoAttempt,
} from '../../packages/core/src/index.ts';
import {
  CaseNotUnderstood,
  currencyAt,
  dateAt,
  flagAt,
  type Given,
  has,
  listAt,
  moneyText,
  optional,
  ratioOf,
  recordAt,
  recordsAt,
  textAt,
  wholeAt,
} from './kit.ts';
import type { Operation } from './run.ts';

// dunning.json, retries and campaigns: text of a case → types of core → one call of core → text.

const DAY_SECONDS = 24 * 60 * 60;

function intervalsOf(given: Given): readonly number[] {
  return listAt(given, 'intervals_days').map((days) => {
    if (Number.isSafeInteger(days)) return days as number;
    throw new CaseNotUnderstood('an interval is not a whole number of days');
  });
}

function paymentRetries(given: Given) {
  const until = optional(given, 'until', dateAt);
  const dates = retryDates(dateAt(given, 'first_failure'), intervalsOf(given), until);
  return { retry_dates: dates.map((date) => date.toString()) };
}

function retryCount(given: Given) {
  const { tries, isPaid } = countTries(
    intervalsOf(given),
    optional(given, 'succeeds_on_retry', wholeAt),
  );
  return { attempts: tries, final: isPaid ? 'paid' : 'failed' };
}

function amountOf(given: Given): Money {
  return toMoney(ratioOf(given['amount']), currencyAt(given));
}

/** One threshold, several, or those of the campaign. */
function thresholdsOf(given: Given): readonly Money[] {
  if (has(given, 'threshold')) return [amountOf(recordAt(given, 'threshold'))];
  const owner = has(given, 'thresholds') ? given : recordAt(given, 'campaign');
  return recordsAt(owner, 'thresholds').map(amountOf);
}

function campaignDue(given: Given) {
  const campaign = recordAt(given, 'campaign');
  const tries = optional(given, 'attempts', wholeAt) ?? optional(given, 'attempts_made', wholeAt);
  const notDue = whyNoAttempt({
    overdue: amountOf(recordAt(given, 'overdue')),
    thresholds: thresholdsOf(given),
    isExcluded: flagAt(given, 'excluded'),
    tries: tries ?? 0,
    maxTries: wholeAt(campaign, 'max_attempts'),
    secondsSinceLast: optional(given, 'seconds_since_last_attempt', wholeAt),
    secondsBetween: wholeAt(campaign, 'days_between_attempts') * DAY_SECONDS,
  });
  return { attempt: notDue === undefined };
}

/** A moment without a zone counts as UTC: only distances matter here. */
function momentOf(text: string): Temporal.Instant {
  try {
    return Temporal.Instant.from(text.endsWith('Z') ? text : `${text}Z`);
  } catch {
    throw new CaseNotUnderstood(`${text} is not a moment`);
  }
}

function overdueAt(given: Given, at: Temporal.Instant, currency: Money['currency']): Money {
  const unpaid = recordsAt(given, 'overdue_invoices').filter((invoice) => {
    const began = Temporal.Instant.compare(momentOf(textAt(invoice, 'at')), at) <= 0;
    const isPaid =
      has(invoice, 'paid_at') &&
      Temporal.Instant.compare(momentOf(textAt(invoice, 'paid_at')), at) <= 0;
    return began && !isPaid && currencyAt(invoice) === currency;
  });
  return unpaid.length === 0 ? money(0n, currency) : sum(unpaid.map(amountOf), currency);
}

/** Tries are counted for each currency; the time since the last one is shared by all. */
function campaignTimeline(given: Given) {
  const campaign = recordAt(given, 'campaign');
  const thresholds = thresholdsOf(given);
  const tries = new Map<Money['currency'], number>();
  let last: Temporal.Instant | undefined;
  const runs = listAt(given, 'runs').map((text) => {
    const at = momentOf(String(text));
    const asked: Record<string, string> = {};
    const since = last === undefined ? undefined : at.since(last).total('seconds');
    for (const { currency } of thresholds) {
      const overdue = overdueAt(given, at, currency);
      const notDue = whyNoAttempt({
        overdue,
        thresholds,
        isExcluded: flagAt(given, 'excluded'),
        tries: tries.get(currency) ?? 0,
        maxTries: wholeAt(campaign, 'max_attempts'),
        secondsSinceLast: since,
        secondsBetween: wholeAt(campaign, 'days_between_attempts') * DAY_SECONDS,
      });
      if (notDue !== undefined || !reachesThreshold(overdue, thresholds)) continue;
      tries.set(currency, (tries.get(currency) ?? 0) + 1);
      asked[currency] = moneyText(overdue);
      last = at;
    }
    return [String(text), Object.fromEntries(tries), asked];
  });
  return { runs };
}

export const OPERATIONS: Readonly<Record<string, Operation>> = {
  payment_retries: paymentRetries,
  retry_count: retryCount,
  campaign_due: campaignDue,
  campaign_timeline: campaignTimeline,
};
