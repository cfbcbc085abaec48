import {
  type Customer,
  type CustomerEvent,
  type CustomerId,
  isId,
  liveWindow,
  type Merchant,
  type Meter,
  makeTimeReader,
  ok,
  type Refusal,
  type Result,
  readUsageEvent,
  refuse,
  type TimeReader,
  type Tx,
  type UsageEvent,
  type UsageRefusal,
  usageRefusal,
} from '@daikou/core';
import { idSource, type Job, nowOf } from '../job.ts';
import { metersByType } from './fold.ts';

/** One event as it arrived: parsed, or refused already because it is no JSON. */
export type RawEvent = {
  /** Its place in the request, from 0; in a file, its line. */
  readonly index: number;
  readonly value: unknown;
};

/** Why one event was not taken. */
export type RefusedEvent = Refusal & { readonly index: number; readonly id?: string };

/** What was read of a batch: events of known customers, and what was refused. */
export type CheckedEvents = {
  readonly events: readonly CustomerEvent[];
  readonly refused: readonly RefusedEvent[];
};

/** References whose customers an intake remembers; above it, it begins anew. */
const CUSTOMERS_REMEMBERED = 200_000;

/**
 * Milliseconds for which an intake remembers a department or member, as these can move. Who pays
 * keeps its reference for life.
 */
const CHILD_KEPT_MILLISECONDS = 5_000;

/** Subscriptions of somebody who moved whose last days are asked for. */
const SUBSCRIPTIONS_ASKED = 500;

/** Milliseconds for which an intake uses the meters that it has read. */
const METERS_KEPT_MILLISECONDS = 5_000;

/** Whom a subject means. */
type Subject = {
  readonly id: CustomerId;
  /** Milliseconds of the epoch from which on it is asked again. */
  readonly staleAt: number;
  /** Where it went, and the day from which on nothing is billed for it here. */
  readonly moved?: { readonly to: CustomerId; readonly from: string };
};

type Meters = {
  readonly byType: ReadonlyMap<string, readonly Meter[]>;
  readonly readAt: number;
};

/**
 * Checks events of one merchant against its meters and customers, and remembers both: who pays for
 * life, departments and members for seconds; what was not found is asked again.
 */
export class EventChecker {
  readonly #subjects = new Map<string, Subject>();
  readonly #readers = new Map<string, TimeReader>();
  #meters: Meters | undefined;

  /** Reads and checks live events; each is kept or refused by itself. */
  async checkLive(job: Job, raws: readonly RawEvent[]): Promise<CheckedEvents> {
    const now = nowOf(job.engine, job.merchant);
    const meters = await this.#metersFor(job, raws);
    const context = {
      meters,
      readTime: this.#readerOf(job.merchant),
      window: liveWindow(now),
      receivedAt: now.toString(),
    };
    return this.check(job, raws, (value) => readUsageEvent(value, context));
  }

  /** Checks events that `read` reads, and finds their customers. */
  async check(
    job: Job,
    raws: readonly RawEvent[],
    read: (value: unknown) => ReturnType<typeof readUsageEvent>,
  ): Promise<CheckedEvents> {
    const known: { readonly index: number; readonly event: UsageEvent }[] = [];
    const refused: RefusedEvent[] = [];
    for (const { index, value } of raws) {
      if (value instanceof Unreadable) {
        refused.push({ index, ...value.refusal });
        continue;
      }
      const result = read(value);
      if (result.ok) known.push({ index, event: result.value });
      else refused.push({ index, ...idOf(value), ...result.refusal });
    }
    await this.#findSubjects(
      job,
      known.map(({ event }) => event.subject),
    );
    const events: CustomerEvent[] = [];
    for (const { index, event } of known) {
      const subject = this.#subjects.get(event.subject);
      const customerId = customerOf(subject, event);
      if (customerId.ok) events.push({ ...event, customerId: customerId.value });
      else refused.push({ index, id: event.id, ...customerId.refusal });
    }
    return { events, refused: refused.sort((left, right) => left.index - right.index) };
  }

  #readerOf({ zone }: Merchant): TimeReader {
    const known = this.#readers.get(zone);
    if (known !== undefined) return known;
    const reader = makeTimeReader(zone);
    this.#readers.set(zone, reader);
    return reader;
  }

  /** The meters, read again after a while and whenever an event has a type that none listens to. */
  async #metersFor(
    job: Job,
    raws: readonly RawEvent[],
  ): Promise<ReadonlyMap<string, readonly Meter[]>> {
    const now = job.engine.clock.now().epochMilliseconds;
    const known = this.#meters;
    const isFresh = known !== undefined && now - known.readAt < METERS_KEPT_MILLISECONDS;
    if (isFresh && raws.every(({ value }) => hasMeter(value, known.byType))) return known.byType;
    const meters = await inTx(job, (tx) => tx.loadMeters());
    this.#meters = { byType: metersByType(meters), readAt: now };
    return this.#meters.byType;
  }

  async #findSubjects(job: Job, subjects: readonly string[]): Promise<void> {
    const now = job.engine.clock.now().epochMilliseconds;
    const isKnown = (subject: string) => (this.#subjects.get(subject)?.staleAt ?? 0) > now;
    const missing = [...new Set(subjects.filter((subject) => !isKnown(subject)))];
    if (missing.length === 0) return;
    if (this.#subjects.size + missing.length > CUSTOMERS_REMEMBERED) this.#subjects.clear();
    const wanted = this.#subjects.size === 0 ? [...new Set(subjects)] : missing;
    const ids = wanted.filter((subject): subject is CustomerId => isId('cus', subject));
    const found = await inTx(job, async (tx) => {
      const byId: Subject[] = [];
      for (const customer of ids.length === 0 ? [] : await tx.loadCustomers(ids)) {
        byId.push(await subjectOf(tx, customer, now));
      }
      return { byReference: await tx.findCustomerIds(wanted), byId };
    });
    for (const [reference, id] of found.byReference) {
      this.#subjects.set(reference, { id, staleAt: Number.POSITIVE_INFINITY });
    }
    for (const subject of found.byId) this.#subjects.set(subject.id, subject);
  }
}

/** Only departments and members move; what runs for them here goes on until the day of the move. */
async function subjectOf(
  tx: Tx,
  { id, payerId, movedTo }: Customer,
  now: number,
): Promise<Subject> {
  if (payerId === undefined) return { id, staleAt: Number.POSITIVE_INFINITY };
  const staleAt = now + CHILD_KEPT_MILLISECONDS;
  if (movedTo === undefined) return { id, staleAt };
  const running = await tx.listSubscriptionsFor(id, { limit: SUBSCRIPTIONS_ASKED });
  const ends = (await tx.loadSubscriptions(running)).map(({ endsOn }) => endsOn?.toString());
  return { id, staleAt, moved: { to: movedTo, from: latestOf(ends) } };
}

/** The latest of these days; a subscription without an end runs beyond all. */
function latestOf(days: readonly (string | undefined)[]): string {
  const sorted = days.map((day) => day ?? '9999-12-31').sort();
  return sorted.at(-1) ?? '';
}

/** Usage of somebody who moved is refused from the day on which nothing here bills it. */
function customerOf(
  subject: Subject | undefined,
  { time }: UsageEvent,
): Result<CustomerId, UsageRefusal> {
  if (subject === undefined) return refuse(usageRefusal('customer_unknown', 'subject'));
  const { id, moved } = subject;
  if (moved === undefined || time.day < moved.from) return ok(id);
  const next = `Send it to ${moved.to}, which continues it.`;
  return refuse({ ...usageRefusal('customer_moved', 'subject'), next });
}

/** Stands where an event was no JSON. */
export class Unreadable {
  readonly refusal: UsageRefusal;

  constructor(refusal: UsageRefusal) {
    this.refusal = refusal;
  }
}

function inTx<T>(job: Job, work: (tx: Tx) => Promise<T>): Promise<T> {
  return job.engine.store.transact(job.merchant.id, work);
}

function hasMeter(value: unknown, meters: ReadonlyMap<string, readonly Meter[]>): boolean {
  const type: unknown =
    typeof value === 'object' && value !== null && 'type' in value ? value.type : undefined;
  return typeof type !== 'string' || meters.has(type);
}

/** The id of a refused event, where it has one that can be said. */
function idOf(value: unknown): { readonly id?: string } {
  if (typeof value !== 'object' || value === null || !('id' in value)) return {};
  const { id } = value;
  return typeof id === 'string' && id !== '' ? { id: id.slice(0, 200) } : {};
}

/** Events to keep in one commit. */
export type EventsToSave = {
  readonly events: readonly CustomerEvent[];
  /** Some are likely known already: a retry, a second import. Only speed depends on it. */
  readonly expectsRepeats: boolean;
};

/** Keeps events in one commit; answers for each whether it was new. */
export async function saveEvents(job: Job, save: EventsToSave): Promise<readonly boolean[]> {
  return await inTx(job, (tx) => appendEvents(tx, job, save));
}

/** The same inside a transaction that does more: an import that notes how far it is. */
export async function appendEvents(
  tx: Tx,
  job: Job,
  { events, expectsRepeats }: EventsToSave,
): Promise<readonly boolean[]> {
  if (events.length === 0) return [];
  const bucket = job.engine.entropy.bytes(1)[0] ?? 0;
  return await tx.appendUsage({
    id: idSource(job.engine)('ubt', bucket),
    merchantId: job.merchant.id,
    receivedAt: nowOf(job.engine, job.merchant),
    events,
    expectsRepeats,
  });
}
