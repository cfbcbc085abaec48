import {
  type Contact,
  type ContactChange,
  type Customer,
  type CustomerId,
  contactsOf,
  decideContact,
  decidePreferences,
  dropTask,
  isId,
  type Notice,
  type NoticePreferences,
  ok,
  type Refusal,
  type Result,
  refuse,
  routeOf,
  type Tx,
} from '@daikou/core';
import { idSource, type Job, nowOf } from '../job.ts';
import { notFound } from '../not-found.ts';
import { resendAll } from './follow.ts';
import { openContacts, sealContact } from './sealed.ts';
import { tellAgain } from './tell-again.ts';

/** How a customer is reached: every contact, and the order in which they are tried. */
export type Reach = {
  readonly customer: Customer;
  readonly contacts: readonly Contact[];
  readonly order: readonly Contact['channel'][];
};

/** Tasks of one customer that are looked through for messages that go again. */
const TASKS_MOST = 200;

/** Every contact of a customer, mail and phone of its own row among them. */
export async function readContacts(job: Job, id: CustomerId): Promise<Result<Reach, Refusal>> {
  return job.engine.store.transact(job.merchant.id, async (tx) => {
    const [customer] = await tx.loadCustomers([id]);
    if (customer === undefined) return refuse(notFound('customer'));
    return ok(reachOf(customer, await tx.loadContacts([id])));
  });
}

/**
 * Adds or corrects one contact. What could not be delivered before goes again at once, so that a
 * corrected address is all that a person has to do; and where the old one was wrong, what it proved
 * is void. Returns the messages that go (again) because of it.
 */
export async function changeContact(
  job: Job,
  id: CustomerId,
  change: ContactChange,
): Promise<Result<Reach & { readonly resent: readonly Notice[] }, Refusal>> {
  return job.engine.store.transact(job.merchant.id, async (tx) => {
    const [customer] = await tx.lockCustomers([id]);
    if (customer === undefined) return refuse(notFound('customer'));
    const contacts = await tx.loadContacts([id]);
    const context = { now: nowOf(job.engine, job.merchant), ids: idSource(job.engine) };
    const known = { customer, contacts: openContacts(job, contacts) };
    const decision = decideContact(known, change, context);
    if (!decision.ok) return decision;
    const { event, isNewWay } = decision.value;
    const before = contacts.find(({ channel }) => channel === change.channel);
    const sealed = sealContact(job, decision.value.contact, before);
    if (!sealed.ok) return sealed;
    const contact = sealed.value;
    // What was sent names the address as the books had it.
    const { wrong: given } = decision.value;
    const wrong = given && { ...given, address: before?.address ?? given.address };
    await tx.save({
      customers: [decision.value.customer],
      contacts: [contact],
      events: [event],
    });
    const resent = isNewWay ? await resendUndelivered(tx, job, id) : [];
    if (isNewWay) await warnAgain(tx, id, context);
    const again = wrong
      ? await tellAgain(tx, job, { customer: decision.value.customer, wrong })
      : [];
    const reach = reachOf(decision.value.customer, await tx.loadContacts([id]));
    return ok({ ...reach, resent: [...resent, ...again] });
  });
}

async function resendUndelivered(
  tx: Tx,
  job: Job,
  customerId: CustomerId,
): Promise<readonly Notice[]> {
  const tasks = await tx.listTasks({ customerId, state: 'open', limit: TASKS_MOST });
  const ids = tasks.flatMap(({ kind, data }) => {
    const id = String(data['notice'] ?? '');
    return kind === 'notice_undelivered' && isId('not', id) ? [id] : [];
  });
  if (ids.length === 0) return [];
  const answers = await resendAll(tx, job, await tx.lockNotices(ids));
  return answers.flatMap((answer) => (answer.ok ? [answer.value] : []));
}

/**
 * A warning that reached nobody is not sent again as it was, as it names a date that is over: its
 * task ends, and the look at the arrears, due now, warns anew.
 */
async function warnAgain(
  tx: Tx,
  id: CustomerId,
  context: Parameters<typeof dropTask>[1],
): Promise<void> {
  const open = await tx.findOpenTasks([id], 'arrears');
  const asked = open.filter(({ data }) => data['about'] === 'warning_undelivered');
  if (asked.length === 0) return;
  const ended = asked.map((task) => dropTask(task, context));
  await tx.lookAtArrearsNow([id]);
  await tx.save({
    tasks: ended.flatMap(({ tasks }) => tasks),
    events: ended.flatMap(({ events }) => events),
  });
}

/** Takes the wishes of a customer about its notices, whole. */
export async function changePreferences(
  job: Job,
  id: CustomerId,
  preferences: NoticePreferences,
): Promise<Result<Reach, Refusal>> {
  return job.engine.store.transact(job.merchant.id, async (tx) => {
    const [customer] = await tx.lockCustomers([id]);
    if (customer === undefined) return refuse(notFound('customer'));
    const contacts = await tx.loadContacts([id]);
    const decision = decidePreferences({ customer, contacts }, preferences);
    if (!decision.ok) return decision;
    await tx.save({ customers: [decision.value] });
    return ok(reachOf(decision.value, contacts));
  });
}

function reachOf(customer: Customer, contacts: readonly Contact[]): Reach {
  return {
    customer,
    contacts: contactsOf(customer, contacts),
    order: routeOf(customer, contacts).map(({ channel }) => channel),
  };
}
