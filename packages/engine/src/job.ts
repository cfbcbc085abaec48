import {
  type AddressVault,
  type AmountGuard,
  BUCKET_COUNT,
  type BucketRange,
  type Clock,
  type ContactChannel,
  DEFAULT_NOTICE_RULES,
  type Entropy,
  type IdSource,
  type Merchant,
  makeId,
  type NoticeChannel,
  type NoticeRules,
  present,
  type Rail,
  type RailId,
  type RefundPolicy,
  type SanityBounds,
  type ScheduleContext,
  type Store,
  type Timetable,
  type WebhookSender,
} from '@daikou/core';

/** Everything outside that the use cases act through. Joined once, in the server's compose file. */
export type Engine = {
  readonly store: Store;
  readonly rails: ReadonlyMap<RailId, Rail>;
  readonly channels: ReadonlyMap<ContactChannel, NoticeChannel>;
  readonly clock: Clock;
  readonly entropy: Entropy;
  readonly timetable: Timetable;
  /** When a person looks at an amount before it is debited; absent: never. */
  readonly amountGuard?: AmountGuard;
  /** What stops runaway billing; the defaults when absent. */
  readonly bounds?: SanityBounds;
  /** What the merchant decided about money that goes back; the defaults when absent. */
  readonly refunds?: RefundPolicy;
  /** What people call a rail, by rail id and language. */
  readonly railNames: ReadonlyMap<RailId, { readonly zh: string; readonly en: string }>;
  /** Seals addresses that are secrets; absent: such contacts are refused. */
  readonly addresses?: AddressVault;
  /** Calls the receivers of webhooks; absent: none is called, and what is due waits. */
  readonly webhooks?: WebhookSender;
  readonly log: Log;
};

export type Log = {
  readonly info: (message: string, facts?: Readonly<Record<string, unknown>>) => void;
  readonly warn: (message: string, facts?: Readonly<Record<string, unknown>>) => void;
};

/** A long job tells how far it is: items and, where money is counted, its minor units. */
export type Progress = {
  readonly start: (label: string, total?: number) => void;
  readonly advance: (items: number, minor?: bigint) => void;
  readonly finish: () => void;
};

export const NO_PROGRESS: Progress = { start() {}, advance() {}, finish() {} };

/** One piece of work for one merchant: what it may touch, and whom it tells. */
export type Job = {
  readonly engine: Engine;
  readonly merchant: Merchant;
  readonly buckets: BucketRange;
  readonly progress: Progress;
  /** What the merchant decided about its notices; the defaults when absent. */
  readonly noticeRules?: NoticeRules;
};

export const ALL_BUCKETS: BucketRange = { from: 0, until: BUCKET_COUNT };

/** Rows that one transaction claims. Enough to spread its cost, few enough to lose at a crash. */
export const BATCH_ROWS = 250;

/** Calls to one provider that are under way at once. */
export const CALLS_AT_ONCE = 24;

/** The merchant's present: its test clock where it has one, else the wall clock. */
export function nowOf(engine: Engine, merchant: Merchant): Temporal.Instant {
  return merchant.testClock ?? engine.clock.now();
}

/** Ids ordered by the wall clock. */
export function idSource(engine: Engine): IdSource {
  return (prefix, bucket) =>
    makeId(prefix, {
      epochMilliseconds: engine.clock.now().epochMilliseconds,
      random: engine.entropy.bytes(10),
      bucket,
    });
}

export function railOf(engine: Engine, rail: RailId): Rail {
  return present(engine.rails.get(rail), `the rail ${rail}`);
}

/** Days between draft and notice, so that what a check finds can be mended before. */
const DRAFT_BEFORE_NOTICE_DAYS = 3;

/** The rules that hold for a job: the merchant's, else those of the law and convention. */
export function rulesOf(job: Job): NoticeRules {
  return job.noticeRules ?? DEFAULT_NOTICE_RULES;
}

/** The timetable under the merchant's rules: its days of notice, and the draft before them. */
export function timetableOf(job: Job): Timetable {
  const { timetable } = job.engine;
  if (job.noticeRules === undefined) return timetable;
  const noticeDaysBefore = Math.max(timetable.noticeDaysBefore, job.noticeRules.leadDays);
  const draftDaysBefore = Math.max(
    timetable.draftDaysBefore,
    noticeDaysBefore + DRAFT_BEFORE_NOTICE_DAYS,
  );
  return { ...timetable, noticeDaysBefore, draftDaysBefore };
}

/** What core's debit decisions want to know, for one rail at this moment. */
export function scheduleContext(job: Job, rail: RailId, now: Temporal.Instant): ScheduleContext {
  return {
    capabilities: railOf(job.engine, rail).capabilities,
    capabilitiesOf: (other) => job.engine.rails.get(other)?.capabilities,
    ...(job.engine.amountGuard === undefined ? {} : { amountGuard: job.engine.amountGuard }),
    timetable: timetableOf(job),
    zone: job.merchant.zone,
    now,
    ids: idSource(job.engine),
  };
}
