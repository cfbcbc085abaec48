import type { DaikouEvent } from '../../packages/core/src/index.ts';
import { clockOf } from './builders.ts';

/** The order in which facts are told; the database keeps them in one of its own. */
const ORDER = ['rail', 'channel', 'purpose', 'order_number', 'minor', 'collect_date'];

/**
 * A customer's events as lines that people read: `12-01 07:30 payment.received ¥29.85`. Times are
 * those of Beijing without the year; order numbers are shown by their ordinal (`#1`), as the rest
 * of them differs on every run.
 */
export function storyOf(
  events: readonly DaikouEvent[],
  { whole = false }: { readonly whole?: boolean } = {},
): readonly string[] {
  return events
    .filter((event) => whole || !isOfCheckups(event))
    .map((event) => {
      const facts = Object.entries(event.data)
        .sort(([a], [b]) => placeOf(a) - placeOf(b))
        .flatMap(([key, value]) => factOf(key, value));
      return [clockOf(event.at).slice(5), event.type, ...facts].join(' ');
    });
}

/** Left out unless the story is told whole: what looks before debits found, and its messages. */
function isOfCheckups({ type, data }: DaikouEvent): boolean {
  if (type.startsWith('checkup.') || data['kind'] === 'checkup_finding') return true;
  return type.startsWith('notice.') && data['purpose'] === 'checkup';
}

function placeOf(key: string): number {
  const place = ORDER.indexOf(key);
  return place < 0 ? ORDER.length : place;
}

function factOf(key: string, value: string | number | boolean): string[] {
  switch (key) {
    case 'minor':
      return [yuan(BigInt(value))];
    case 'order_number':
      return [`#${String(value).split('N').at(-1)}`];
    case 'collect_date':
      return [`on ${String(value).slice(5)}`];
    case 'about':
    case 'subject_id':
    case 'currency':
    case 'period_start':
    case 'line':
      return [];
    default:
      return [String(value)];
  }
}

/** Written here once more, so that a mistake of the product's own format is seen. */
function yuan(minor: bigint): string {
  return `¥${minor / 100n}.${(minor % 100n).toString().padStart(2, '0')}`;
}

/** What happens before T in the usual month: T is 1 December, the notice comes on T−5. */
export function noticed(rail: string, amount = '¥29.85'): readonly string[] {
  return [
    '11-20 09:00 customer.imported',
    `11-20 09:00 mandate.signing ${rail}`,
    `11-20 09:00 mandate.active ${rail}`,
    `11-23 08:00 invoice.drafted ${amount}`,
    `11-26 09:00 invoice.issued ${amount}`,
    `11-26 09:00 debit.scheduled ${rail} ${amount} on 12-01`,
    `11-26 09:00 notice.sent mail renewal ${amount} on 12-01`,
    `11-26 09:00 notice.delivered mail renewal ${amount} on 12-01`,
  ];
}

/** The story up to the chase after what is not paid: what comes then has stories of its own. */
export function untilDunning(story: readonly string[]): readonly string[] {
  const chase = story.findIndex((line) => line.includes(' dunning.started '));
  return chase < 0 ? story : story.slice(0, chase);
}
