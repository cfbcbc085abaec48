import { DEFAULT_TIMETABLE, instantAt } from '@daikou/core';

/** T of the demo: every subscription's first period starts here. */
export const DEMO_DUE_DATE = Temporal.PlainDate.from('2026-12-01');

export const DEMO_ZONE = 'Asia/Shanghai';

export type DemoStep = {
  readonly at: Temporal.Instant;
  readonly label:
    | 'sign'
    | 'draft'
    | 'notice'
    | 'announce'
    | 'debit'
    | 'ask'
    | 'bill'
    | 'retry'
    | 'end';
};

function at(days: number, time: Temporal.PlainTime | string): Temporal.Instant {
  return instantAt(DEMO_DUE_DATE.add({ days }), Temporal.PlainTime.from(time), DEMO_ZONE);
}

/**
 * The month of the demo, around T (DESIGN §9). Every step does everything that is due at its
 * instant, so a step that was cut off is finished by running it again. The questions after a debit
 * follow the ask schedule; a number that a rail never saw is sent again between them.
 */
export function demoTimeline(): readonly DemoStep[] {
  const { draftTime, noticeTime, announceTime, collectTime, retryTime } = DEFAULT_TIMETABLE;
  const after = (time: Temporal.PlainTime, duration: Temporal.DurationLike) => time.add(duration);
  const asks: readonly Temporal.DurationLike[] = [
    { seconds: 40 },
    { minutes: 3 },
    { minutes: 9 },
    { minutes: 25 },
    { minutes: 90 },
  ];
  return [
    { at: at(-11, '09:00'), label: 'sign' },
    { at: at(-8, draftTime), label: 'draft' },
    { at: at(-5, noticeTime), label: 'notice' },
    { at: at(-2, announceTime), label: 'announce' },
    { at: at(0, collectTime), label: 'debit' },
    ...asks.map((wait): DemoStep => ({ at: at(0, after(collectTime, wait)), label: 'ask' })),
    { at: at(1, retryTime), label: 'retry' },
    ...asks.map((wait): DemoStep => ({ at: at(1, after(retryTime, wait)), label: 'ask' })),
    { at: at(1, '11:45'), label: 'bill' },
    { at: at(2, '10:30'), label: 'end' },
  ];
}
