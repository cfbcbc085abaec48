import {
  bucketOf,
  businessDate,
  type Customer,
  type CustomerId,
  decideSigningRefused,
  decideSigningStarted,
  type FirstPayment,
  type Mandate,
  type MandateId,
  type MandateRefusalCode,
  type MandateReport,
  type Money,
  mandateRefusal,
  ok,
  type PayerAccount,
  plannedDateFor,
  present,
  quarantineRefusal,
  type Rail,
  type Refusal,
  type Result,
  refuse,
  type SigningFlow,
  type SigningStarted,
  type Subscription,
  type Tx,
  toContractCode,
} from '@daikou/core';
import { toDisplayAccount } from '../customer/subscriber-import.ts';
import { isHeld } from '../held.ts';
import { idSource, type Job, nowOf } from '../job.ts';
import { notFound } from '../not-found.ts';
import { applyMandateReports } from './apply.ts';
import { requestSerial } from './sign.ts';

/** A wish to have a customer sign. The account passes through memory only. */
export type SigningWish = {
  readonly customerId: CustomerId;
  readonly rail: string;
  /** One of the rail's flows; absent: its first. */
  readonly flow?: SigningFlow;
  /** The most that one debit may take; absent: the rail's default. */
  readonly singleCap?: Money;
  readonly account?: PayerAccount;
  readonly firstPayment?: FirstPayment;
  /** The payer's address, which rails want for their own checks. */
  readonly clientIp: string;
};

/** The mandate as it is now, and what the payer does next. */
export type SigningBegun = { readonly mandate: Mandate; readonly started: SigningStarted };

/**
 * Makes a mandate and begins its signing for a payer who is present. The row is committed before
 * the rail is called, so that a signing that the rail knows of is never unknown here; a call
 * without a definite answer leaves it `signing`, to be asked about.
 */
export async function beginMandate(
  job: Job,
  wish: SigningWish,
): Promise<Result<SigningBegun, Refusal>> {
  const rail = job.engine.rails.get(wish.rail);
  if (rail === undefined) return refuse({ ...mandateRefusal('rail_unknown'), field: 'rail' });
  const wrong = findWrong(rail, wish);
  if (wrong !== undefined) return refuse(wrong);
  if (await isHeld(job)) return refuse(quarantineRefusal('held_in_quarantine'));
  const mandate = await saveSigning(job, rail, wish);
  if (mandate === undefined) return refuse(notFound('customer', 'customerId'));
  const started = await callRail(job, { rail, mandate, wish });
  if (started.kind === 'refused') await refuseSigning(job, mandate.id);
  if (started.kind === 'signed') await applyMandateReports(job, [started.report]);
  return ok({ mandate: await read(job, mandate.id), started });
}

/** Hands the code that the payer got by message to the rail; the mandate is then signed or not. */
export async function confirmMandate(
  job: Job,
  id: MandateId,
  answer: { readonly code: string; readonly account?: PayerAccount },
): Promise<Result<SigningBegun['mandate'], Refusal>> {
  const [mandate] = await job.engine.store.transact(job.merchant.id, (tx) => tx.lockMandates([id]));
  if (mandate === undefined) return refuse(notFound('mandate', 'id'));
  const confirm = job.engine.rails.get(mandate.rail)?.confirmSigning;
  if (mandate.state !== 'signing' || confirm === undefined) {
    return refuse(mandateRefusal('signing_not_waiting'));
  }
  const { contractCode } = mandate;
  let report: MandateReport;
  try {
    report = await confirm({ contractCode, ...answer });
  } catch (error) {
    report = { kind: 'unknown', detail: error instanceof Error ? error.name : 'thrown' };
  }
  await applyMandateReports(job, [report]);
  return ok(await read(job, id));
}

function findWrong(rail: Rail, wish: SigningWish): Refusal<MandateRefusalCode> | undefined {
  const { signingFlows, currencies } = rail.capabilities;
  const flow = wish.flow ?? signingFlows[0];
  const isKnown = flow !== undefined && signingFlows.includes(flow);
  const needsAccount = flow === 'message_code' || flow === 'paper';
  const hasAll =
    (!needsAccount || wish.account !== undefined) &&
    (flow !== 'pay_and_sign' || wish.firstPayment !== undefined);
  if (!isKnown || !hasAll) return { ...mandateRefusal('signing_flow_unknown'), field: 'flow' };
  const cap = wish.singleCap;
  if (cap !== undefined && (!currencies.includes(cap.currency) || cap.minor <= 0n)) {
    return { ...mandateRefusal('mandate_currency'), field: 'singleCap' };
  }
  return undefined;
}

async function saveSigning(job: Job, rail: Rail, wish: SigningWish): Promise<Mandate | undefined> {
  const now = nowOf(job.engine, job.merchant);
  const ids = idSource(job.engine);
  return await job.engine.store.transact(job.merchant.id, async (tx) => {
    const [customer] = await tx.loadCustomers([wish.customerId]);
    if (customer === undefined) return undefined;
    const draft = newMandate(job, { customer, rail, wish });
    const planned = await plannedFor(tx, job, { customer, rail });
    const begun = decideSigningStarted({ ...draft, ...planned }, { now, ids });
    await tx.save({ mandates: [begun.mandate], events: begun.events });
    return begun.mandate;
  });
}

function newMandate(
  job: Job,
  about: { readonly customer: Customer; readonly rail: Rail; readonly wish: SigningWish },
): Mandate {
  const { customer, rail, wish } = about;
  const id = idSource(job.engine)('man', bucketOf(customer.id));
  return {
    id,
    merchantId: customer.merchantId,
    customerId: customer.id,
    rail: rail.id,
    state: 'draft',
    contractCode: toContractCode(id),
    displayAccount: toDisplayAccount(customer.externalReference),
    singleCap: wish.singleCap ?? rail.capabilities.defaultSingleCap,
    createdAt: nowOf(job.engine, job.merchant),
  };
}

/** The date that a rail with planned dates is told: the one of the customer's next period. */
async function plannedFor(
  tx: Tx,
  job: Job,
  about: { readonly customer: Customer; readonly rail: Rail },
): Promise<Pick<Mandate, 'firstPlannedDate' | 'plannedDate'>> {
  const rule = about.rail.capabilities.plannedDate;
  if (rule === undefined) return {};
  const today = businessDate(nowOf(job.engine, job.merchant), job.merchant.zone);
  const found = await tx.listSubscriptions({ customerId: about.customer.id, limit: 100 });
  const dues = found
    .filter(({ state, collection }) => state !== 'ended' && collection === 'auto_debit')
    .map((one: Subscription) => one.billedThrough)
    .filter((due) => Temporal.PlainDate.compare(due, today) > 0)
    .sort(Temporal.PlainDate.compare);
  const planned = plannedDateFor(dues[0] ?? today.add({ months: 1 }), rule);
  return { firstPlannedDate: planned, plannedDate: planned };
}

async function callRail(
  job: Job,
  about: { readonly rail: Rail; readonly mandate: Mandate; readonly wish: SigningWish },
): Promise<SigningStarted> {
  const { rail, mandate, wish } = about;
  const { flow, account, firstPayment, clientIp } = wish;
  const { firstPlannedDate } = mandate;
  try {
    return await rail.beginSigning({
      contractCode: mandate.contractCode,
      displayAccount: mandate.displayAccount,
      singleCap: mandate.singleCap,
      requestSerial: requestSerial(job),
      clientIp,
      ...(flow === undefined ? {} : { flow }),
      ...(account === undefined ? {} : { account }),
      ...(firstPayment === undefined ? {} : { firstPayment }),
      ...(firstPlannedDate === undefined ? {} : { firstPlannedDate }),
    });
  } catch (error) {
    // Only the kind of the error: its message could quote what the payer gave.
    return { kind: 'unknown', detail: error instanceof Error ? error.name : 'thrown' };
  }
}

async function refuseSigning(job: Job, id: MandateId): Promise<void> {
  const context = { now: nowOf(job.engine, job.merchant), ids: idSource(job.engine) };
  await job.engine.store.transact(job.merchant.id, async (tx) => {
    const [mandate] = await tx.lockMandates([id]);
    if (mandate?.state !== 'signing') return;
    const refused = decideSigningRefused(mandate, context);
    await tx.save({ mandates: [refused.mandate], events: refused.events });
  });
}

async function read(job: Job, id: MandateId): Promise<Mandate> {
  return await job.engine.store.transact(job.merchant.id, async (tx) => {
    const [mandate] = await tx.lockMandates([id]);
    return present(mandate, 'a mandate that was just saved');
  });
}
