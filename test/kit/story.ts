import type { DaikouEvent } from '../../packages/core/src/index.ts';
import { clockOf } from './builders.ts';

/**
 * A customer's events as lines that people read: `12-01 07:30 payment.received ¥29.85`. Times are
 * those of Beijing without the year; order numbers are shown by their ordinal (`#1`), as the rest
 * of them differs on every run.
 */
export function storyOf(events: readonly DaikouEvent[]): readonly string[] {
  return events.map((event) => {
    const facts = Object.entries(event.data).flatMap(([key, value]) => factOf(key, value));
    return [clockOf(event.at).slice(5), event.type, ...facts].join(' ');
  });
}

function factOf(key: string, value: string | number | boolean): string[] {
  switch (key) {
    case 'minor':
      return [yuan(BigInt(value))];
    case 'order_number':
      return [`#${String(value).split('N').at(-1)}`];
    case 'collect_date':
      return [`on ${String(value).slice(5)}`];
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
