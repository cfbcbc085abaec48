import {
  type Customer,
  type CustomerId,
  type DebitId,
  decideTellAgain,
  instantAt,
  isWarning,
  type Notice,
  type NoticeId,
  type TellAgain,
  type Tx,
  voided,
  type WrongAddress,
  wentTo,
} from '@daikou/core';
import { type Job, nowOf, scheduleContext } from '../job.ts';

/** Rows of one customer that are read at a time. */
const PAGE = 200;

/**
 * What a wrong address proved is void: debits that have not left wait for a notice to the right
 * one, and a warning that went there is made anew by the look at the arrears. Returns the notices
 * that are sent because of it.
 */
export async function tellAgain(
  tx: Tx,
  job: Job,
  about: { readonly customer: Customer; readonly wrong: WrongAddress },
): Promise<readonly Notice[]> {
  const { customer, wrong } = about;
  const decisions = await decideDebits(tx, job, about);
  const warnings = await warningsAt(tx, job, about);
  const ended = await onlyStill(tx, [...decisions.flatMap((one) => one.ended), ...warnings], wrong);
  const notices = decisions.flatMap(({ notice }) => notice ?? []);
  if (warnings.length > 0) await tx.lookAtArrearsNow([customer.id]);
  await tx.save({
    debits: decisions.map(({ debit }) => debit),
    notices: [...ended, ...notices],
    events: decisions.flatMap(({ events }) => events),
  });
  return notices;
}

async function decideDebits(
  tx: Tx,
  job: Job,
  { customer, wrong }: { readonly customer: Customer; readonly wrong: WrongAddress },
): Promise<readonly TellAgain[]> {
  const now = nowOf(job.engine, job.merchant);
  const bundles = await tx.lockDebits(await scheduledOf(tx, customer.id));
  return bundles.flatMap((bundle) => {
    const context = scheduleContext(job, bundle.debit.rail, now);
    return decideTellAgain({ ...bundle, customer }, wrong, context) ?? [];
  });
}

async function scheduledOf(tx: Tx, customerId: CustomerId): Promise<readonly DebitId[]> {
  const ids: DebitId[] = [];
  let page: readonly { readonly id: DebitId }[];
  do {
    const after = ids.at(-1);
    page = await tx.listDebits({
      customerId,
      state: 'scheduled',
      limit: PAGE,
      ...(after === undefined ? {} : { after }),
    });
    ids.push(...page.map(({ id }) => id));
  } while (page.length === PAGE);
  return ids;
}

/** Warnings of the arrears that stand; a service that is off already stays so. */
async function warningsAt(
  tx: Tx,
  job: Job,
  { customer, wrong }: { readonly customer: Customer; readonly wrong: WrongAddress },
): Promise<readonly Notice[]> {
  const [arrears] = await tx.loadArrears([customer.id]);
  if (arrears?.state !== 'warned' || arrears.warnedOn === undefined) return [];
  const from = instantAt(arrears.warnedOn, Temporal.PlainTime.from('00:00'), job.merchant.zone);
  const { channel } = wrong;
  const sent = await tx.listNotices({ customerId: customer.id, channel, from, limit: PAGE });
  const now = nowOf(job.engine, job.merchant);
  return sent
    .filter((notice) => isWarning(notice) && wentTo(notice, wrong))
    .map((notice) => voided(notice, now));
}

/** As the rows are now: a receipt may have come between. What is no longer so is left alone. */
async function onlyStill(
  tx: Tx,
  ended: readonly Notice[],
  wrong: WrongAddress,
): Promise<readonly Notice[]> {
  const byId = new Map<NoticeId, Notice>(ended.map((notice) => [notice.id, notice]));
  const fresh = await tx.lockNotices([...byId.keys()]);
  return fresh.flatMap((notice) => {
    const wanted = byId.get(notice.id);
    if (wanted?.voidedAt === undefined) return notice.state === 'planned' ? (wanted ?? []) : [];
    return wentTo(notice, wrong) ? voided(notice, wanted.voidedAt) : [];
  });
}
