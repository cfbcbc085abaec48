import type { Books, Table } from './books.ts';
import { drawBasisPoints } from './chance.ts';
import { BANK_OUTCOMES } from './sepa/outcomes.ts';
import { CARD_OUTCOMES, CARD_REFUND_OUTCOMES } from './unionpay/outcomes.ts';

export type DebitRail = 'wechat' | 'alipay' | 'sepa' | 'unionpay';

/**
 * Outcome names that both rails know. `TIMEOUT_NOT_RECEIVED` swallows the first request of its
 * order.
 */
const SHARED_OUTCOMES = ['SUCCESS', 'TIMEOUT_THEN_PAID', 'TIMEOUT_NOT_RECEIVED', 'LOST_CALLBACK'];

/** Every outcome that can be scripted or drawn, by rail (the names of rails.md §1.9 and §2.7). */
export const OUTCOMES: Readonly<Record<DebitRail, ReadonlySet<string>>> = {
  sepa: BANK_OUTCOMES,
  unionpay: CARD_OUTCOMES,
  wechat: new Set([
    ...SHARED_OUTCOMES,
    'NOTENOUGH',
    'BANKERROR',
    'RULELIMIT',
    'ACCOUNTERROR',
    'USER_ACCOUNT_ABNORMAL',
    'USER_NOT_EXIST',
    'TRADE_ERROR',
    'SYSTEMERROR_THEN_PAID',
    'SYSTEMERROR_THEN_CLOSED',
    'ARRIVES_LATE',
  ]),
  alipay: new Set([
    ...SHARED_OUTCOMES,
    'PROCESSING_THEN_PAID',
    'ARRIVES_LATE',
    'SYSTEM_ERROR_THEN_PAID',
    'SYSTEM_ERROR_NOT_PAID',
    'ACQ.BUYER_BALANCE_NOT_ENOUGH',
    'ACQ.BUYER_BANKCARD_BALANCE_NOT_ENOUGH',
    'ACQ.NO_PAYMENT_INSTRUMENTS_AVAILABLE',
    'ACQ.ERROR_BALANCE_PAYMENT_DISABLE',
    'ACQ.MOBILE_PAYMENT_SWITCH_OFF',
    'ACQ.BUYER_PAYMENT_AMOUNT_DAY_LIMIT_ERROR',
    'ACQ.BUYER_PAYMENT_AMOUNT_MONTH_LIMIT_ERROR',
    'ACQ.BUYER_ENABLE_STATUS_FORBID',
    'ACQ.BUYER_NOT_EXIST',
    'ACQ.NOT_CERTIFIED_USER',
    'ACQ.ERROR_BUYER_CERTIFY_LEVEL_LIMIT',
    'ACQ.BUYER_NOT_MAINLAND_CERT',
    'ACQ.PAYMENT_REQUEST_HAS_RISK',
    'ACQ.PAYMENT_FAIL',
  ]),
};

/**
 * How a refund can be scripted to end; never drawn for a debit. A rail that is absent has none.
 * `…_THEN_DONE` returns the money and says nothing of use, `…_NOT_DONE` returns none.
 */
export const REFUND_OUTCOMES: Readonly<Record<string, ReadonlySet<string>>> = {
  unionpay: CARD_REFUND_OUTCOMES,
  wechat: new Set([
    'CHANGE',
    'REFUNDCLOSE',
    'NOTENOUGH',
    'USER_ACCOUNT_ABNORMAL',
    'ORDER_NOT_READY',
    'FREQUENCY_LIMITED',
    'TRADE_OVERDUE',
    'CERT_ERROR',
    'REFUND_SYSTEMERROR_THEN_DONE',
    'REFUND_SYSTEMERROR_NOT_DONE',
    'BIZERR_NEED_RETRY',
    'REFUND_TIMEOUT_THEN_DONE',
    'REFUND_TIMEOUT_NOT_RECEIVED',
    'REFUND_LOST_CALLBACK',
  ]),
  alipay: new Set([
    'REFUND_SYSTEM_ERROR_THEN_DONE',
    'REFUND_SYSTEM_ERROR_NOT_DONE',
    'REFUND_TIMEOUT_THEN_DONE',
    'REFUND_TIMEOUT_NOT_RECEIVED',
    'REFUND_FAIL',
    'REFUND_CARD_REFUSED',
    'ACQ.SELLER_BALANCE_NOT_ENOUGH',
    'ACQ.REFUND_CHARGE_ERROR',
    'ACQ.TRADE_NOT_ALLOW_REFUND',
    'ACQ.TRADE_HAS_FINISHED',
    'ACQ.REASON_TRADE_BEEN_FREEZEN',
    'ACQ.CUSTOMER_VALIDATE_ERROR',
    'ACQ.BUYER_NOT_EXIST',
    'ACQ.BUYER_ERROR',
  ]),
};

/** Basis points by outcome name, summing to 10000. */
export type OutcomeTable = Readonly<Record<string, number>>;

/** `first` rules an account's first attempt, `later` every other. */
export interface OutcomePlan {
  readonly first: OutcomeTable;
  readonly later: OutcomeTable;
}

interface Plans {
  readonly seed: string;
  readonly wechat?: OutcomePlan;
  readonly alipay?: OutcomePlan;
  readonly sepa?: OutcomePlan;
  readonly unionpay?: OutcomePlan;
}

interface Attempt {
  readonly account: string;
  readonly ordinal: number;
  readonly outcome: string;
  readonly swallowed: boolean;
}

/** What is asked: one order number of one account. `scripted` (a fault) goes before the draw. */
export interface OutcomeQuestion {
  readonly rail: DebitRail;
  readonly orderNumber: string;
  readonly account: string;
  readonly scripted: () => string | undefined;
}

/**
 * Decides how an order ends, once per order number.
 *
 * The decision depends on the seed, the rail, the display account and the ordinal of the attempt
 * only,
 * so two runs with other ports, ids and arrival orders agree order by order.
 */
export class Outcomes {
  readonly #plans: Table<Plans>;
  readonly #attempts: Table<Attempt>;
  readonly #counts: Table<{ readonly attempts: number }>;

  constructor(books: Books) {
    this.#plans = books.table('outcome_plans');
    this.#attempts = books.table('attempts');
    this.#counts = books.table('attempt_counts');
  }

  get plans(): Plans | undefined {
    return this.#plans.get('plans');
  }

  /** Takes a whole new plan; returns a sentence instead when it is wrong. */
  set(plans: unknown): string | undefined {
    const given = plans as Partial<Plans> | null;
    if (typeof given !== 'object' || given === null || typeof given.seed !== 'string') {
      return 'The outcomes need a seed (text).';
    }
    for (const rail of ['wechat', 'alipay', 'sepa', 'unionpay'] as const) {
      for (const moment of ['first', 'later'] as const) {
        const problem = findTableProblem(rail, given[rail]?.[moment]);
        if (problem !== undefined) return `${rail}.${moment}: ${problem}`;
      }
    }
    const { seed, wechat, alipay, sepa, unionpay } = given;
    this.#plans.put('plans', {
      seed,
      ...(wechat && { wechat }),
      ...(alipay && { alipay }),
      ...(sepa && { sepa }),
      ...(unionpay && { unionpay }),
    });
    return undefined;
  }

  /** Returns the outcome of this order: the one it already has, or a new decision that it keeps. */
  decide(question: OutcomeQuestion): string {
    const key = `${question.rail}|${question.orderNumber}`;
    const attempt = this.#attempts.get(key) ?? this.#begin(key, question);
    if (attempt.outcome !== 'TIMEOUT_NOT_RECEIVED') return attempt.outcome;
    if (attempt.swallowed) return 'SUCCESS';
    this.#attempts.put(key, { ...attempt, swallowed: true });
    return attempt.outcome;
  }

  #begin(key: string, question: OutcomeQuestion): Attempt {
    const { rail, account } = question;
    const countKey = `${rail}|${account}`;
    const ordinal = (this.#counts.get(countKey)?.attempts ?? 0) + 1;
    this.#counts.put(countKey, { attempts: ordinal });
    const outcome = question.scripted() ?? this.#draw(rail, account, ordinal);
    const attempt = { account, ordinal, outcome, swallowed: false };
    this.#attempts.put(key, attempt);
    return attempt;
  }

  #draw(rail: DebitRail, account: string, ordinal: number): string {
    const plans = this.plans;
    const plan = plans?.[rail];
    if (plans === undefined || plan === undefined) return 'SUCCESS';
    const table = ordinal === 1 ? plan.first : plan.later;
    return pick(table, drawBasisPoints(plans.seed, rail, account, ordinal));
  }
}

/**
 * Walks the table in the order of its names (not of the file), so that rewriting a file changes
 * nothing.
 */
export function pick(table: OutcomeTable, point: number): string {
  let edge = 0;
  for (const name of Object.keys(table).sort()) {
    edge += table[name] ?? 0;
    if (point < edge) return name;
  }
  return 'SUCCESS';
}

function findTableProblem(rail: DebitRail, table: OutcomeTable | undefined): string | undefined {
  if (table === undefined) return undefined;
  let sum = 0;
  for (const [name, share] of Object.entries(table)) {
    if (!OUTCOMES[rail].has(name)) return `${name} is not an outcome of this rail.`;
    if (!Number.isInteger(share) || share < 0) return `${name} must be whole basis points.`;
    sum += share;
  }
  return sum === 10_000 ? undefined : `the basis points sum to ${sum}, not to 10000.`;
}
