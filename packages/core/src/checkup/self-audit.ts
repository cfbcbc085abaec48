import { businessDate, instantAt } from '../calendar/business-time.ts';
import { nextWorkday } from '../calendar/holidays.ts';
import { addDays } from '../calendar/periods.ts';
import type { Plan } from '../catalog/catalog.ts';
import { type Customer, channelOf } from '../customer/customer.ts';
import { bucketOf, type CustomerId, type MandateId, type MerchantId } from '../ids/ids.ts';
import type { IdSource } from '../ids/source.ts';
import type { Mandate } from '../mandate/mandate.ts';
import type { Money } from '../money/money.ts';
import { formatMoney } from '../money/text.ts';
import type { Notice } from '../notice/notice.ts';
import { planMessage } from '../notice/plan.ts';
import type { NewEvent } from '../result/event.ts';
import type { Subscription } from '../subscription/subscription.ts';
import { planNames } from './check-service.ts';
import type { CheckupFinding } from './checkup.ts';
import type { SubscriptionApproval, UpcomingAmount, WaitingPriceChange } from './facts.ts';
import { numbered } from './message.ts';

/** When a customer's next self-audit is due. `month`: the last one, as its first day. */
export type SelfAuditPlan = {
  readonly merchantId: MerchantId;
  readonly customerId: CustomerId;
  readonly nextAt?: Temporal.Instant;
  readonly month?: Temporal.PlainDate;
};

/** What a self-audit reads of one customer. */
export type SelfAuditFacts = {
  readonly customer: Customer;
  readonly mandates: readonly Mandate[];
  /** Those that have not ended. */
  readonly subscriptions: readonly Subscription[];
  readonly plans: ReadonlyMap<Plan['id'], Plan>;
  /** What each subscription billed last, tax included. */
  readonly lastAmounts: ReadonlyMap<Subscription['id'], Money>;
  /** What waits to be debited for a subscription already. */
  readonly upcoming: readonly UpcomingAmount[];
  /** Open ones. */
  readonly findings: readonly CheckupFinding[];
  readonly priceChanges: readonly WaitingPriceChange[];
  readonly approvals: readonly SubscriptionApproval[];
  readonly railNames: ReadonlyMap<string, { readonly zh: string; readonly en: string }>;
};

/** One subscription as its payer sees it: what comes next, and who approved it. */
export type AuditedSubscription = {
  readonly id: Subscription['id'];
  readonly nameZh: string;
  readonly nameEn: string;
  readonly state: Subscription['state'];
  readonly nextDate: Temporal.PlainDate;
  /** What will be debited on that date, where its invoice is made already. */
  readonly nextAmount?: Money;
  /** What it billed last; absent: nothing yet. */
  readonly lastAmount?: Money;
  readonly isUnused: boolean;
  readonly approvedBy?: string;
  readonly approvedAt?: Temporal.Instant;
};

/** Everything that is debited from one customer, on one page (每月自查). */
export type SelfAudit = {
  readonly customerId: CustomerId;
  readonly mandates: readonly {
    readonly id: MandateId;
    readonly railZh: string;
    readonly railEn: string;
    readonly singleCap: Money;
    readonly signedAt?: Temporal.Instant;
    readonly lastFour?: string;
  }[];
  readonly subscriptions: readonly AuditedSubscription[];
  readonly findings: readonly CheckupFinding[];
  readonly priceChanges: readonly WaitingPriceChange[];
};

/** The hour at which self-audits are sent, in the merchant's zone. */
const AUDIT_TIME = Temporal.PlainTime.from('10:00');

/** The day of a month's self-audit at 10:00: its first workday by the Chinese calendar. */
export function selfAuditAt(month: Temporal.PlainDate, zone: string): Temporal.Instant {
  return instantAt(nextWorkday(month.with({ day: 1 })).date, AUDIT_TIME, zone);
}

/** The next self-audit after `now`: this month's while it is still to come, else the next one's. */
export function nextSelfAuditAt(now: Temporal.Instant, zone: string): Temporal.Instant {
  const first = businessDate(now, zone).with({ day: 1 });
  const own = selfAuditAt(first, zone);
  if (Temporal.Instant.compare(now, own) < 0) return own;
  return selfAuditAt(addDays(first, 31).with({ day: 1 }), zone);
}

/** What is debited from this customer, from the facts alone. */
export function computeSelfAudit(facts: SelfAuditFacts): SelfAudit {
  const unused = new Set<string>(
    facts.findings.filter(({ code }) => code === 'unused_service').map(({ about }) => about),
  );
  return {
    customerId: facts.customer.id,
    mandates: facts.mandates
      .filter(({ state }) => state === 'active')
      .map(({ id, rail, singleCap, signedAt, account }) => ({
        id,
        railZh: facts.railNames.get(rail)?.zh ?? rail,
        railEn: facts.railNames.get(rail)?.en ?? rail,
        singleCap,
        ...(signedAt === undefined ? {} : { signedAt }),
        ...(account === undefined ? {} : { lastFour: account.lastFour }),
      })),
    subscriptions: facts.subscriptions.map((subscription) =>
      audited(subscription, facts, unused.has(subscription.id)),
    ),
    findings: facts.findings,
    priceChanges: facts.priceChanges,
  };
}

function audited(
  subscription: Subscription,
  facts: SelfAuditFacts,
  isUnused: boolean,
): AuditedSubscription {
  const { zh, en } = planNames(subscription, facts.plans);
  const lastAmount = facts.lastAmounts.get(subscription.id);
  const next = facts.upcoming.find((one) => one.subscriptionId === subscription.id);
  const approval = facts.approvals.find((one) => one.subscriptionId === subscription.id);
  return {
    id: subscription.id,
    nameZh: zh,
    nameEn: en,
    state: subscription.state,
    nextDate: next?.on ?? subscription.billedThrough,
    ...(next === undefined ? {} : { nextAmount: next.amount }),
    ...(lastAmount === undefined ? {} : { lastAmount }),
    isUnused,
    ...(approval === undefined ? {} : { approvedBy: approval.by, approvedAt: approval.at }),
  };
}

export type SelfAuditContext = {
  readonly now: Temporal.Instant;
  readonly zone: string;
  readonly ids: IdSource;
  readonly merchantName: string;
};

export type SelfAuditDecision = {
  readonly plan: SelfAuditPlan;
  readonly message?: Notice;
  readonly events: readonly NewEvent[];
};

/**
 * What a customer's due self-audit does: the payer gets one message, the merchant's system one
 * event, once a month. A plan that was never due only learns its date; a customer who has nothing
 * running is not asked for again until a subscription starts.
 */
export function decideSelfAudit(
  plan: SelfAuditPlan,
  facts: SelfAuditFacts,
  about: { readonly isWanted: boolean; readonly context: SelfAuditContext },
): SelfAuditDecision {
  const { context, isWanted } = about;
  const { nextAt: due, ...rest } = plan;
  if (facts.subscriptions.length === 0) return { plan: rest, events: [] };
  const nextAt = nextSelfAuditAt(context.now, context.zone);
  const month = businessDate(context.now, context.zone).with({ day: 1 });
  const isDay = due?.equals(selfAuditAt(month, context.zone)) === true;
  if (!isWanted || !isDay || plan.month?.equals(month) === true) {
    return { plan: { ...rest, nextAt }, events: [] };
  }
  const next: SelfAuditPlan = { ...rest, nextAt, month };
  const audit = computeSelfAudit(facts);
  const { customer } = facts;
  if (channelOf(customer) === undefined) return { plan: next, events: [] };
  const message = planAuditMessage(audit, customer, { ...context, month });
  return { plan: next, message, events: [auditedEvent(audit, customer, context)] };
}

function planAuditMessage(
  audit: SelfAudit,
  customer: Customer,
  context: SelfAuditContext & { readonly month: Temporal.PlainDate },
): Notice {
  const isZh = customer.locale === 'zh-CN';
  const none = isZh ? '无' : 'none';
  const text = (lines: readonly string[]) => (lines.length === 0 ? none : numbered(lines));
  return planMessage(
    {
      purpose: 'checkup',
      templateKey: 'self_audit',
      variables: {
        merchantName: context.merchantName,
        month: context.month.toPlainYearMonth().toString(),
        mandates: text(audit.mandates.map((one) => (isZh ? one.railZh : one.railEn))),
        subscriptions: text(audit.subscriptions.map((one) => subscriptionLine(one, isZh))),
        findings: text(
          audit.findings.map(({ sentenceZh, sentenceEn }) => (isZh ? sentenceZh : sentenceEn)),
        ),
        priceChanges: text(audit.priceChanges.map((one) => priceLine(one, isZh))),
      },
      subjectId: customer.id,
      dueAt: context.now,
    },
    { customer },
    context,
  );
}

function subscriptionLine(one: AuditedSubscription, isZh: boolean): string {
  const { lastAmount, nextAmount, nextDate } = one;
  const next = nextAmount === undefined ? '' : ` ${formatMoney(nextAmount)}`;
  const amount = lastAmount === undefined ? '' : formatMoney(lastAmount);
  if (isZh) {
    const last = amount === '' ? '' : `，上期 ${amount}`;
    const unused = one.isUnused ? '，近期未使用' : '';
    const by = one.approvedBy === undefined ? '' : `，审批人 ${one.approvedBy}`;
    return `「${one.nameZh}」下次计费 ${nextDate}${next}${last}${unused}${by}`;
  }
  const last = amount === '' ? '' : `, last ${amount}`;
  const unused = one.isUnused ? ', not used lately' : '';
  const by = one.approvedBy === undefined ? '' : `, approved by ${one.approvedBy}`;
  return `“${one.nameEn}”, next ${nextDate}${next}${last}${unused}${by}`;
}

function priceLine({ consent, effectiveOn }: WaitingPriceChange, isZh: boolean): string {
  const [before, after] = [formatMoney(consent.before), formatMoney(consent.after)];
  return isZh
    ? `自 ${effectiveOn} 起 ${before} → ${after}，尚未答复`
    : `from ${effectiveOn} ${before} → ${after}, not answered yet`;
}

function auditedEvent(
  audit: SelfAudit,
  customer: Customer,
  { now, ids }: SelfAuditContext,
): NewEvent {
  return {
    id: ids('evt', bucketOf(customer.id)),
    merchantId: customer.merchantId,
    customerId: customer.id,
    type: 'checkup.audited',
    subjectId: customer.id,
    at: now,
    data: {
      mandates: audit.mandates.length,
      subscriptions: audit.subscriptions.length,
      findings: audit.findings.length,
      price_changes: audit.priceChanges.length,
    },
  };
}
