import {
  addSeconds,
  type Contact,
  type Customer,
  decideNoticeProgress,
  type NewEvent,
  type Notice,
  nextStop,
  OPTIONAL_MESSAGES,
  type OwnTemplate,
  present,
  routeOf,
  type Tx,
  waitForMorning,
} from '@daikou/core';
import { groupBy } from '../concurrency.ts';
import { BATCH_ROWS, idSource, type Job, nowOf, rulesOf, timetableOf } from '../job.ts';
import { loadLateFeeRules } from '../late-fee-rule.ts';
import { type DebitNames, loadDebitNames } from './compose.ts';

/** Seconds that a sender holds a notice. A notice twice is harmless; a notice never is not. */
export const SENDING_LEASE_SECONDS = 120;

/** A message that leaves now; without an address there is no way to the customer. */
export type Outgoing = {
  readonly notice: Notice;
  readonly customer: Customer;
  readonly address: string | undefined;
};

export type SendBatch = {
  readonly claimed: number;
  readonly outgoing: readonly Outgoing[];
  readonly names: ReadonlyMap<string, DebitNames>;
  readonly own: readonly OwnTemplate[];
};

/**
 * Claims messages that are due and decides which leave now: one in the customer's quiet hours
 * waits, one that the customer declined ends, and one whose contact has changed since takes the
 * first way there is now. A fixed number of statements for the whole batch.
 */
export async function claimOutgoing(job: Job): Promise<SendBatch> {
  const { engine, merchant } = job;
  const wallNow = engine.clock.now();
  return engine.store.transact(merchant.id, async (tx) => {
    const notices = await tx.claimNoticesToSend({
      buckets: job.buckets,
      dueBy: nowOf(engine, merchant),
      limit: BATCH_ROWS,
      wallNow,
      leaseUntil: addSeconds(wallNow, SENDING_LEASE_SECONDS),
    });
    if (notices.length === 0) return { claimed: 0, outgoing: [], names: new Map(), own: [] };
    const people = await loadPeople(tx, notices);
    const customers = notices.map((notice) => people(notice).customer);
    const rules = await loadLateFeeRules(tx, job, { customers });
    const names = await loadDebitNames(tx, notices, rules);
    const own = await tx.loadOwnTemplates();
    const parted = notices.map((notice) => part(job, notice, { people, names }));
    await tx.save({
      notices: parted.flatMap(({ save }) => save ?? []),
      events: parted.flatMap(({ event }) => event ?? []),
    });
    const outgoing = parted.flatMap((one) => one.outgoing ?? []);
    return { claimed: notices.length, outgoing, names, own };
  });
}

/** The customers of these messages, and the contacts that they have beside mail and phone. */
export async function loadPeople(tx: Tx, notices: readonly Notice[]) {
  const ids = [...new Set(notices.map(({ customerId }) => customerId))];
  const customers = new Map((await tx.loadCustomers(ids)).map((one) => [one.id, one]));
  const contacts = groupBy(await tx.loadContacts(ids), ({ customerId }) => customerId);
  return (
    notice: Notice,
  ): { readonly customer: Customer; readonly contacts: readonly Contact[] } => ({
    customer: present(customers.get(notice.customerId), 'the customer of a notice'),
    contacts: contacts.get(notice.customerId) ?? [],
  });
}

type Parted = {
  readonly save?: Notice;
  readonly event?: NewEvent;
  readonly outgoing?: Outgoing;
};

function part(
  job: Job,
  notice: Notice,
  known: {
    readonly people: Awaited<ReturnType<typeof loadPeople>>;
    readonly names: ReadonlyMap<string, DebitNames>;
  },
): Parted {
  const { customer, contacts } = known.people(notice);
  const now = nowOf(job.engine, job.merchant);
  if (isDeclined(notice, customer)) {
    const refused = { kind: 'refused', code: 'declined' } as const;
    const context = { now, ids: idSource(job.engine) };
    const ended = decideNoticeProgress(notice, refused, context);
    if (ended === undefined) return {};
    const { followAt: _none, ...rest } = ended.notice;
    return { save: rest, event: ended.event };
  }
  const later = waitForMorning(notice, {
    customer,
    rules: rulesOf(job),
    zone: job.merchant.zone,
    now,
    timetable: timetableOf(job),
    noticeDays: noticeDaysOf(job, notice, known.names),
  });
  if (later !== undefined) {
    const { leaseUntil: _lease, ...rest } = notice;
    return { save: { ...rest, state: 'planned', dueAt: later } };
  }
  const route = routeOf(customer, contacts);
  const planned = route.find(({ channel }) => channel === notice.channel);
  const stop =
    notice.followsId === undefined || planned === undefined
      ? nextStop(route, notice.tried ?? [])
      : planned;
  if (stop === undefined || stop.channel === notice.channel) {
    return { outgoing: { notice, customer, address: stop?.address } };
  }
  const moved = { ...notice, channel: stop.channel };
  return { save: moved, outgoing: { notice: moved, customer, address: stop.address } };
}

/** What stops a service is told whatever the customer declined: nobody is cut off unwarned. */
const ALWAYS_TOLD: ReadonlySet<string> = new Set([
  'service_warned',
  'service_suspended',
  'service_deletion_due',
]);

function isDeclined(notice: Notice, customer: Customer): boolean {
  if (ALWAYS_TOLD.has(notice.templateKey ?? '')) return false;
  const declined = customer.noticePreferences?.declined ?? [];
  return OPTIONAL_MESSAGES.some(
    (purpose) => purpose === notice.purpose && declined.includes(purpose),
  );
}

function noticeDaysOf(
  job: Job,
  notice: Notice,
  names: ReadonlyMap<string, DebitNames>,
): number | undefined {
  const rail = names.get(notice.debitId ?? '')?.rail;
  return rail === undefined ? undefined : job.engine.rails.get(rail)?.capabilities.noticeDays;
}
