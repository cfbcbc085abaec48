import { businessDate } from '../calendar/business-time.ts';
import { bucketOf, type CustomerId, type MerchantId } from '../ids/ids.ts';
import type { CreditGrant } from '../invoice/credit-grant.ts';
import type { Journal } from '../ledger/journal.ts';
import { postBalanceRefundOwed } from '../ledger/refund-templates.ts';
import { add, type Money, money, subtract, sum, within, zero } from '../money/money.ts';
import { allocateByAmount } from '../money/split.ts';
import type { NewEvent } from '../result/event.ts';
import { ok, type Result, refuse } from '../result/result.ts';
import { leftOfOrder } from './plan.ts';
import { processingOf } from './policy.ts';
import type { Refund } from './refund.ts';
import { type RefundRequestRefusal, refundRefusal } from './refusals.ts';
import {
  checkRail,
  makeRefund,
  owedBy,
  type PaidFacts,
  type RefundAsk,
  type RefundingContext,
} from './request.ts';

/** What decides about a customer's balance; its grants are held until the commit. */
export type BalanceFacts = {
  readonly merchantId: MerchantId;
  readonly customerId: CustomerId;
  readonly currency: Money['currency'];
  readonly grants: readonly CreditGrant[];
  /** The customer's paid orders that were not returned, oldest first. */
  readonly orders: readonly PaidFacts[];
};

export type BalanceRefundDecision = {
  /** One for each order that gives some of it back; the last by bank transfer where they lack. */
  readonly refunds: readonly Refund[];
  /** The grants that are drawn from, with what is left of them. */
  readonly grants: readonly CreditGrant[];
  readonly journals: readonly Journal[];
  readonly events: readonly NewEvent[];
};

/**
 * Pays a customer's own balance out: to the orders that brought money, the oldest first and within
 * the limits of their rails, and the rest by bank transfer. Vouchers are never paid out. What the
 * merchant declared to keep is taken off once and spread over the parts. The money leaves the
 * balance at once, also while a part waits for an approval, so that no invoice uses it meanwhile.
 */
export function decideRefundBalance(
  facts: BalanceFacts,
  ask: RefundAsk,
  context: RefundingContext,
): Result<BalanceRefundDecision, RefundRequestRefusal> {
  const own = facts.grants.filter(
    ({ kind, left }) => kind !== 'promotional' && left.currency === facts.currency,
  );
  const held = sum(
    own.map(({ left }) => left),
    facts.currency,
  );
  const wanted = ask.amount ?? held;
  const refused = checkBalance(ask, wanted, held);
  if (refused !== undefined) return refuse(refundRefusal(refused));
  const processing = processingOf(wanted, context.policy);
  const parts = spreadOverOrders(subtract(wanted, processing), { facts, ask, context });
  const kept = allocateByAmount(
    processing,
    parts.map(({ amount }) => amount),
  );
  const pool = own.map((grant) => ({ grant, left: grant.left }));
  const decisions = parts.map(({ amount, order }, index) => {
    const share = kept[index] ?? zero(amount.currency);
    return makePart(facts, { ask, amount, order, share, pool }, context);
  });
  return ok({
    refunds: decisions.map(({ refund }) => refund),
    grants: pool
      .filter(({ grant, left }) => left.minor !== grant.left.minor)
      .map(({ grant, left }) => ({ ...grant, left })),
    journals: decisions.map(({ journal }) => journal),
    events: decisions.flatMap(({ events }) => events),
  });
}

function checkBalance(
  ask: RefundAsk,
  wanted: Money,
  held: Money,
): RefundRequestRefusal['code'] | undefined {
  if (ask.by.trim() === '') return 'requester_missing';
  if (wanted.currency !== held.currency) return 'currency_mix';
  if (held.minor <= 0n) return 'balance_too_low';
  if (wanted.minor <= 0n) return 'amount_not_positive';
  return wanted.minor > held.minor ? 'balance_too_low' : undefined;
}

type Part = { readonly amount: Money; readonly order: PaidFacts | undefined };

function spreadOverOrders(
  total: Money,
  about: {
    readonly facts: BalanceFacts;
    readonly ask: RefundAsk;
    readonly context: RefundingContext;
  },
): readonly Part[] {
  const { facts, ask, context } = about;
  const parts: Part[] = [];
  let rest = total;
  for (const order of ask.route === 'original' ? facts.orders : []) {
    const left = leftOfOrder(order.order.paid, order.refunds);
    if (left.currency !== rest.currency || left.minor <= 0n || rest.minor === 0n) continue;
    const amount = within(left, rest);
    if (checkRail(order, { ...ask, amount }, context) !== undefined) continue;
    parts.push({ amount, order });
    rest = subtract(rest, amount);
  }
  return rest.minor === 0n ? parts : [...parts, { amount: rest, order: undefined }];
}

function makePart(
  facts: BalanceFacts,
  part: Part & {
    readonly ask: RefundAsk;
    readonly share: Money;
    readonly pool: { readonly grant: CreditGrant; left: Money }[];
  },
  context: RefundingContext,
): { readonly refund: Refund; readonly journal: Journal; readonly events: readonly NewEvent[] } {
  const { amount, order, share, ask } = part;
  const { merchantId, customerId } = facts;
  const { refund, events } = makeRefund(
    {
      merchantId,
      customerId,
      source: 'balance',
      amount,
      processing: share,
      takes: [],
      draws: drawFrom(part.pool, add(amount, share)),
      ...(order === undefined ? {} : { order: order.order }),
    },
    {
      ask: { ...ask, route: order === undefined ? 'bank_transfer' : 'original' },
      refunds: order?.refunds ?? [],
      rules: order?.rules,
    },
    context,
  );
  const journal = postBalanceRefundOwed({
    id: context.ids('jrn', bucketOf(refund.id)),
    merchantId,
    customerId,
    refundId: refund.id,
    owed: owedBy(refund),
    businessDate: businessDate(context.now, context.zone),
    postedAt: context.now,
  });
  return { refund, journal, events };
}

/** Takes `amount` off the grants in their order; the caller knows that they have it. */
function drawFrom(
  pool: { readonly grant: CreditGrant; left: Money }[],
  amount: Money,
): Refund['draws'] {
  const draws: { readonly grantId: CreditGrant['id']; readonly amount: Money }[] = [];
  let missing = amount;
  for (const source of pool) {
    const taken = within(source.left, missing);
    if (taken.minor === 0n) continue;
    source.left = subtract(source.left, taken);
    missing = subtract(missing, taken);
    draws.push({ grantId: source.grant.id, amount: money(taken.minor, taken.currency) });
  }
  return draws;
}
