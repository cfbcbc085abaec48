import { createHash } from 'node:crypto';
import {
  type CustomerId,
  type DebitNotice,
  formatMoney,
  type Invoice,
  isDebitNotice,
  isTemplateKey,
  type MessageVariables,
  type Notice,
  type OwnTemplate,
  present,
  type RenderedText,
  renderWith,
  type SubscriptionId,
  type TemplateKey,
  type Tx,
  templateFor,
} from '@daikou/core';
import type { Job } from '../job.ts';

/** What a debit is called in the customer's words, and the rail that takes it. */
export type DebitNames = {
  readonly zh: string;
  readonly en: string;
  readonly rail: string;
  /** What paying late costs the customer, in the customer's language; absent: nothing. */
  readonly lateFeeRule?: string;
};

/** A message as it leaves, with what is kept as evidence of it. */
export type Composed = {
  readonly templateKey: TemplateKey;
  readonly templateVersion: string;
  readonly variables: MessageVariables;
  readonly rendered: RenderedText;
  readonly textHash: string;
};

/** The words of a message; undefined when no template has its key. */
export function compose(
  job: Job,
  notice: Notice,
  known: { readonly names: DebitNames | undefined; readonly own: readonly OwnTemplate[] },
): Composed | undefined {
  const key = notice.templateKey ?? notice.purpose;
  if (!isTemplateKey(key)) return undefined;
  const { version, text } = templateFor(key, notice.locale, known.own);
  const variables = isDebitNotice(notice)
    ? variablesOf(job, notice, known.names)
    : notice.variables;
  const rendered = renderWith(text, variables);
  return {
    templateKey: key,
    templateVersion: version,
    variables,
    rendered,
    textHash: hashOf(rendered),
  };
}

/** SHA-256 (hex) of subject and text, parted by an empty line. */
export function hashOf({ subject, text }: RenderedText): string {
  return createHash('sha256').update(`${subject}\n\n${text}`).digest('hex');
}

/** What the debits of these notices are for: the name of the plan, and what paying late costs. */
export async function loadDebitNames(
  tx: Tx,
  notices: readonly Notice[],
  lateFeeRules: ReadonlyMap<CustomerId, string>,
): Promise<ReadonlyMap<string, DebitNames>> {
  const debitIds = notices.filter(isDebitNotice).map((notice) => notice.debitId);
  if (debitIds.length === 0) return new Map();
  const bundles = await tx.lockDebits([...new Set(debitIds)]);
  const subscriptionIds = bundles.flatMap(({ invoices }) => invoices.slice(0, 1).map(subscribedBy));
  const subscriptions = new Map(
    (await tx.loadSubscriptions([...new Set(subscriptionIds)])).map((sub) => [sub.id, sub]),
  );
  const plans = new Map((await tx.loadCatalog()).plans.map((plan) => [plan.id, plan]));
  return new Map(
    bundles.map(({ debit, invoices }) => {
      const first = present(invoices[0], 'the invoice of a debit');
      const plan = plans.get(present(subscriptions.get(subscribedBy(first)), 'it').planId);
      const names = { zh: plan?.nameZh ?? '', en: plan?.nameEn ?? '', rail: debit.rail };
      const lateFeeRule = lateFeeRules.get(debit.customerId);
      const rule = lateFeeRule === undefined ? {} : { lateFeeRule };
      return [debit.id, { ...names, ...rule }] as const;
    }),
  );
}

/** Of a consolidated invoice the first of its subscriptions stands for all. */
function subscribedBy({ subscriptionId, lines }: Invoice): SubscriptionId {
  return subscriptionId ?? present(lines[0], 'a line of an invoice').subscriptionId;
}

function variablesOf(
  job: Job,
  notice: DebitNotice,
  names: DebitNames | undefined,
): MessageVariables {
  const isZh = notice.locale === 'zh-CN';
  const railNames = job.engine.railNames.get(names?.rail ?? '');
  return {
    merchantName: job.merchant.name,
    planName: (isZh ? names?.zh : names?.en) ?? '',
    amount: formatMoney(notice.amount),
    collectDate: notice.collectDate.toString(),
    railName: (isZh ? railNames?.zh : railNames?.en) ?? '',
    howToCancel: isZh ? howToCancelZh(job, railNames?.zh) : howToCancelEn(job, railNames?.en),
    lateFeeRule: names?.lateFeeRule === undefined ? '' : `${names.lateFeeRule}${isZh ? '。' : '.'}`,
  };
}

function howToCancelZh(job: Job, rail = ''): string {
  const { name } = job.merchant;
  return `如需关闭自动续费，可在扣款日前联系${name}，或在${rail}的扣费服务中关闭`;
}

function howToCancelEn(job: Job, rail = ''): string {
  return `To stop it, tell ${job.merchant.name} before that date or end the agreement in ${rail}`;
}
