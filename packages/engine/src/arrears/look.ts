import {
  ARREARS_POLICY_CODE,
  type Arrears,
  type ArrearsContext,
  type ArrearsFacts,
  type ArrearsLook,
  type ArrearsPolicy,
  arrearsMessage,
  businessDate,
  type Customer,
  type CustomerMessage,
  DEFAULT_ARREARS_POLICY,
  decideArrears,
  type EntitlementOverride,
  effectOf,
  endTask,
  invariant,
  isInForce,
  isUnwarned,
  isWorse,
  type NewEvent,
  openTask,
  type Policy,
  present,
  readArrearsPolicy,
  type StoredArrearsFacts,
  type Task,
  type Tx,
} from '@daikou/core';
import { lookApart, PUT_OFF_MINUTES } from '../apart.ts';
import { isHeld } from '../held.ts';
import { BATCH_ROWS, idSource, type Job, nowOf } from '../job.ts';

export type ArrearsCounts = {
  readonly looked: number;
  readonly stopped: number;
  readonly restored: number;
};

/**
 * Looks at every customer whose arrears are due: new ones begin to be watched, states become worse
 * at their hour or better at once, and whoever is concerned is told in the same commit. In
 * quarantine after a restore nobody's service stops: the books may lack the payment.
 */
export async function lookAtArrears(job: Job): Promise<ArrearsCounts> {
  const counts = { looked: 0, stopped: 0, restored: 0 };
  if (await isHeld(job)) return counts;
  await watch(job);
  const looks = await lookApart<Arrears, ArrearsLook>(BATCH_ROWS, {
    lookAt: (limit, noted) => lookAtBatch(job, limit, noted),
    putOff: (one, why) => putOff(job, one, why),
  });
  counts.looked = looks.length;
  for (const look of looks) {
    const effect = effectOf(look);
    if (effect !== 'none') counts[effect] += 1;
  }
  return counts;
}

/** Looked at again later, unless somebody else has taken it up meanwhile. */
async function putOff(job: Job, { customerId }: Arrears, why: string): Promise<void> {
  const dueBy = nowOf(job.engine, job.merchant);
  await job.engine.store.transact(job.merchant.id, async (tx) => {
    const [first] = await tx.claimArrearsToLook({ buckets: job.buckets, dueBy, limit: 1 });
    if (first?.customerId !== customerId) return;
    const nextLookAt = dueBy.add({ minutes: PUT_OFF_MINUTES });
    await tx.save({ arrears: [{ ...first, nextLookAt }] });
  });
  job.engine.log.warn('arrears of a customer cannot be looked at yet', {
    customer: customerId,
    why,
  });
}

/** Customers with something overdue whom nobody watched get their due row. */
async function watch(job: Job): Promise<void> {
  const now = nowOf(job.engine, job.merchant);
  const before = businessDate(now, job.merchant.zone);
  let watched = BATCH_ROWS;
  while (watched === BATCH_ROWS) {
    watched = await job.engine.store.transact(job.merchant.id, (tx) =>
      tx.watchOverdue({ buckets: job.buckets, before, limit: BATCH_ROWS }),
    );
  }
}

async function lookAtBatch(
  job: Job,
  limit: number,
  noted: (claimed: readonly Arrears[]) => void,
): Promise<readonly ArrearsLook[]> {
  const now = nowOf(job.engine, job.merchant);
  return job.engine.store.transact(job.merchant.id, async (tx) => {
    // The work may run again after a lost race: what the lost one claimed is no longer ours.
    noted([]);
    const claim = { buckets: job.buckets, dueBy: now, limit };
    const claimed = await tx.claimArrearsToLook(claim);
    noted(claimed);
    if (claimed.length === 0) return [];
    const ids = claimed.map(({ customerId }) => customerId);
    const today = businessDate(now, job.merchant.zone);
    const [facts, customers, policies] = [
      await tx.loadArrearsFacts(ids, { before: today, now, zone: job.merchant.zone }),
      new Map((await tx.loadCustomers(ids)).map((one) => [one.id, one])),
      await tx.loadPolicies('arrears'),
    ];
    const byCustomer = new Map(facts.map((one) => [one.customerId, one]));
    const looks: Decided[] = claimed.map((before) => {
      const customer = present(customers.get(before.customerId), 'the customer of arrears');
      const stored = present(byCustomer.get(before.customerId), 'the facts of arrears');
      const policy = arrearsPolicyFor(customer, policies);
      return decideOne(job, { before, customer, facts: stored, policy, now });
    });
    const tasks = await tasksOf(tx, looks, { job, now });
    await tx.save({
      arrears: looks.map(({ look }) => look.arrears),
      notices: looks.flatMap(({ message }) => message ?? []),
      tasks: tasks.tasks,
      events: [...looks.flatMap(({ look }) => look.events), ...tasks.events],
    });
    return looks.map(({ look }) => look);
  });
}

/**
 * The policy for a customer: the one whose code is its kind (`person`, `organisation`), else
 * `default`, else the built-in one.
 */
export function arrearsPolicyFor(customer: Customer, policies: readonly Policy[]): ArrearsPolicy {
  const own =
    policies.find(({ code }) => code === customer.kind) ??
    policies.find(({ code }) => code === ARREARS_POLICY_CODE);
  if (own === undefined) return DEFAULT_ARREARS_POLICY;
  const read = readArrearsPolicy(own.body);
  invariant(read.ok, 'a published policy was read before it was published');
  return read.value;
}

type Decided = {
  readonly look: ArrearsLook;
  readonly message?: CustomerMessage;
  readonly customer: Customer;
};

function decideOne(
  job: Job,
  about: {
    readonly before: Arrears;
    readonly customer: Customer;
    readonly facts: StoredArrearsFacts;
    readonly policy: ArrearsPolicy;
    readonly now: Temporal.Instant;
  },
): Decided {
  const { before, customer, facts, policy, now } = about;
  const context: ArrearsContext = {
    now,
    zone: job.merchant.zone,
    policy,
    ids: idSource(job.engine),
  };
  const today = businessDate(now, job.merchant.zone);
  const look = decideArrears(before, factsOf(customer, facts, today), context);
  const merchantName = job.merchant.name;
  const message = arrearsMessage(look, { customer, merchantName }, context);
  return { look, customer, ...(message === undefined ? {} : { message }) };
}

/** What people decided about a customer's arrears, joined with what the rows say. */
function factsOf(
  customer: Customer,
  stored: StoredArrearsFacts,
  today: Temporal.PlainDate,
): ArrearsFacts {
  const inForce = stored.overrides.filter((one) => isInForce(one, today));
  const disputed = new Set(inForce.flatMap(({ invoiceId }) => invoiceId ?? []));
  const postponedUntil = latestEnd(inForce.filter(({ kind }) => kind === 'no_suspension'));
  return {
    customer,
    overdue: stored.overdue.map((one) => ({ ...one, isDisputed: disputed.has(one.id) })),
    tags: inForce.flatMap(({ kind, code }) =>
      kind === 'control_tag' && code !== undefined ? [code] : [],
    ),
    ...(stored.lastFailure === undefined ? {} : { lastFailure: stored.lastFailure }),
    ...(stored.moneyUnderWay === undefined ? {} : { moneyUnderWay: stored.moneyUnderWay }),
    ...(postponedUntil === undefined ? {} : { postponedUntil }),
    ...(stored.warning === undefined ? {} : { warning: stored.warning }),
  };
}

function latestEnd(overrides: readonly EntitlementOverride[]): Temporal.PlainDate | undefined {
  return overrides
    .map(({ until }) => until)
    .toSorted((left, right) => Temporal.PlainDate.compare(left, right))
    .at(-1);
}

/** Days in which a person looks at data that may be deleted. */
const DELETION_TASK_DAYS = 3;

/**
 * A person confirms a deletion; the task is dropped when the service comes back before. So is the
 * one about a warning that reached nobody, when there is nothing to warn of any more.
 */
async function tasksOf(
  tx: Tx,
  looks: readonly Decided[],
  { job, now }: { readonly job: Job; readonly now: Temporal.Instant },
): Promise<{ readonly tasks: readonly Task[]; readonly events: readonly NewEvent[] }> {
  const context = { now, ids: idSource(job.engine) };
  const due = looks.filter(({ look }) => isWorse(look) && look.arrears.state === 'deletable');
  const mended = looks.filter(({ look }) => effectOf(look) === 'restored' || isUnwarned(look));
  const about = [...due, ...mended].map(({ customer }) => customer.id);
  if (about.length === 0) return { tasks: [], events: [] };
  const open = await tx.findOpenTasks(about, 'arrears');
  const opened = due
    .filter(({ customer }) => !open.some(({ subjectId }) => subjectId === customer.id))
    .map(({ customer, look }) =>
      openTask(
        {
          kind: 'arrears',
          subjectId: customer.id,
          owner: 'admin',
          dueAt: now.add({ hours: 24 * DELETION_TASK_DAYS }),
          data: { about: 'deletion_due', since: look.arrears.since.toString() },
        },
        { merchantId: customer.merchantId, customerId: customer.id },
        context,
      ),
    );
  const dropped = open
    .filter(({ subjectId }) => mended.some(({ customer }) => customer.id === subjectId))
    .map((task) => endTask(task, { state: 'dropped', by: 'daikou' }, context));
  return {
    tasks: [...opened, ...dropped].map(({ task }) => task),
    events: [...opened, ...dropped].flatMap(({ events }) => events),
  };
}
