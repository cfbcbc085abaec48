import { DEFAULT_TIMETABLE, instantAt } from '@daikou/core';

/** T of the demo: every subscription's first period starts here. */
export const DEMO_DUE_DATE = Temporal.PlainDate.from('2026-12-01');

export const DEMO_ZONE = 'Asia/Shanghai';

export type DemoStep = {
  readonly at: Temporal.Instant;
  /** The step before it filled tables: the planner is told their sizes. */
  readonly fills?: true;
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
 * instant, so a step that was cut off is finished by running it again. What falls due soon after a
 * step (questions about open attempts, numbers sent again) is followed at its own time.
 */
export function demoTimeline(): readonly DemoStep[] {
  const { draftTime, noticeTime, announceTime, collectTime, retryTime } = DEFAULT_TIMETABLE;
  return [
    { at: at(-11, '09:00'), label: 'sign' },
    { at: at(-8, draftTime), label: 'draft', fills: true },
    { at: at(-5, noticeTime), label: 'notice', fills: true },
    { at: at(-2, announceTime), label: 'announce', fills: true },
    { at: at(0, collectTime), label: 'debit' },
    { at: at(0, '09:00'), label: 'ask' },
    { at: at(1, retryTime), label: 'retry', fills: true },
    { at: at(1, '11:45'), label: 'bill' },
    { at: at(2, '10:30'), label: 'end', fills: true },
  ];
}
