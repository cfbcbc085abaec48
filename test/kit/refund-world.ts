import { createHash } from 'node:crypto';
import {
  type Attempt,
  bucketOf,
  type CreditGrant,
  type CreditNote,
  DEFAULT_REFUND_POLICY,
  decideApprove,
  decideBookException,
  decideCreditException,
  decideRefundException,
  decideRequestRefund,
  decideRetryRefund,
  decideSettleRefund,
  decideSubmitRefund,
  decideTransferred,
  decideWithdrawRefund,
  type Invoice,
  type Journal,
  type MoneyException,
  money,
  oweRefund,
  type Payment,
  type PaymentFacts,
  type Refund,
  type RefundingContext,
  type RefundOutcome,
  type RefundPolicy,
  type RefundRules,
  toOrderNumber,
} from '../../packages/core/src/index.ts';
import { aDebit, anInvoice, at, countingIds, PRICE, RAIL, ZONE } from './builders.ts';

export const RULES: RefundRules = {
  withinDays: 365,
  partial: true,
  maxPerPayment: 50,
  secondsBetween: 0,
  completion: 'later',
};

/**
 * One paid renewal in memory and everything that goes back of it, with the steps that engine takes
 * around the decisions of core.
 */
export class RefundWorld {
  now = at('2026-03-12 10:00');
  rules: RefundRules | undefined = RULES;
  policy: RefundPolicy = { ...DEFAULT_REFUND_POLICY, approveAbove: { CNY: 1_000n } };
  isReturned = false;
  readonly invoice: Invoice = anInvoice({ state: 'paid', paidAt: at('2026-03-10 07:31') });
  readonly payment: Payment;
  readonly refunds: Refund[] = [];
  readonly notes: CreditNote[] = [];
  readonly journals: Journal[] = [];
  readonly grants: CreditGrant[] = [];
  readonly exceptions: MoneyException[] = [];
  readonly events: string[] = [];
  readonly #ids = countingIds(5_000);

  constructor() {
    const debit = aDebit();
    const bucket = bucketOf(debit.id);
    this.payment = {
      id: this.#ids('pay', bucket),
      merchantId: debit.merchantId,
      customerId: debit.customerId,
      debitId: debit.id,
      attemptId: this.#ids('att', bucket) as Attempt['id'],
      rail: RAIL,
      railReference: 'T-1',
      amount: PRICE,
      paidAt: at('2026-03-10 07:31'),
      businessDate: debit.collectDate,
    };
  }

  context(): RefundingContext {
    return {
      now: this.now,
      zone: ZONE,
      ids: this.#ids,
      policy: this.policy,
      hash: (text) => createHash('sha256').update(text).digest('hex'),
    };
  }

  facts(): PaymentFacts {
    const { payment } = this;
    return {
      payment,
      isReturned: this.isReturned,
      rules: this.rules,
      refunds: this.refunds,
      order: {
        debitId: payment.debitId,
        attemptId: payment.attemptId,
        rail: payment.rail,
        orderNumber: toOrderNumber(payment.debitId, 1),
        paymentReference: payment.railReference,
        paid: payment.amount,
        paidAt: payment.paidAt,
      },
      invoices: [{ invoice: this.invoice, notes: this.notes, byChanges: [] }],
    };
  }

  /** Asks for `minor` 分, or for all that is left; the code of the refusal, or the refund. */
  request(minor?: bigint, changes: { by?: string; route?: Refund['route'] } = {}): Refund | string {
    const context = this.context();
    const requested = decideRequestRefund(
      this.facts(),
      {
        ...(minor === undefined ? {} : { amount: money(minor, 'CNY') }),
        route: changes.route ?? 'original',
        reason: 'service_not_delivered',
        remark: '',
        by: changes.by ?? 'Anna',
      },
      context,
    );
    if (!requested.ok) return requested.refusal.code;
    const { refund, events } = requested.value;
    this.#tell(events);
    if (refund.state === 'awaiting_approval') {
      this.refunds.push(refund);
      return refund;
    }
    const owed = oweRefund(refund, this.facts().invoices, context);
    if (!owed.ok) return owed.refusal.code;
    this.refunds.push(refund);
    this.#book(owed.value);
    return refund;
  }

  approve(refund: Refund, by = 'Bao', hash = refund.approvalHash): string {
    const facts = { refunds: this.refunds, rules: this.rules, invoices: this.facts().invoices };
    const decision = decideApprove(refund, { by, hash }, { facts, context: this.context() });
    if (!decision.ok) return decision.refusal.code;
    this.#replace(decision.value.refund);
    this.#book(decision.value);
    return 'approved';
  }

  submit(refund: Refund): 'send' | 'stopped' | 'wait' {
    const about = { others: this.refunds, rules: this.rules, isTakenBack: this.isReturned };
    const decision = decideSubmitRefund(refund, about, this.context());
    this.#replace(decision.refund);
    if (decision.kind !== 'wait') this.#tell(decision.events);
    return decision.kind;
  }

  /** True where the word changed something; `isProof`: it is a line of the bill. */
  hear(refund: Refund, outcome: RefundOutcome, isProof = false): boolean {
    const facts = { refund, known: this.exceptions, isProof, context: this.context() };
    const settled = decideSettleRefund(outcome, facts);
    if (settled === undefined) return false;
    if (settled.refund !== undefined) this.#replace(settled.refund);
    this.exceptions.push(...settled.exceptions);
    this.journals.push(...settled.journals);
    this.#tell(settled.events);
    return true;
  }

  /** A person ends parked money in one of the ways; the code of the refusal, or the new state. */
  resolve(exception: MoneyException, action: 'credit' | 'book' | 'transfer' | 'original'): string {
    const context = this.context();
    if (action === 'credit' || action === 'book') {
      const decide = action === 'credit' ? decideCreditException : decideBookException;
      const decision = decide(exception, 'Anna', context);
      if (!decision.ok) return decision.refusal.code;
      this.#replaceException(decision.value.exception);
      if (decision.value.grant !== undefined) this.grants.push(decision.value.grant);
      if (decision.value.journal !== undefined) this.journals.push(decision.value.journal);
      return decision.value.exception.state;
    }
    const route = action === 'transfer' ? 'bank_transfer' : 'original';
    const ask = { route, reason: 'duplicate', remark: '', by: 'Anna' } as const;
    const decision = decideRefundException(exception, { facts: this.facts(), ask }, context);
    if (!decision.ok) return decision.refusal.code;
    this.#replaceException(decision.value.exception);
    this.refunds.push(decision.value.refund);
    return decision.value.exception.state;
  }

  withdraw(refund: Refund): string {
    const facts = { ...this.#parkedOf(refund), by: 'Anna', context: this.context() };
    const decision = decideWithdrawRefund(refund, facts);
    if (!decision.ok) return decision.refusal.code;
    this.#replace(decision.value.refund);
    for (const one of decision.value.exceptions) this.#replaceException(one);
    this.journals.push(...decision.value.journals);
    if (decision.value.grant !== undefined) this.grants.push(decision.value.grant);
    this.#tell(decision.value.events);
    return 'withdrawn';
  }

  transfer(refund: Refund, reference = 'BANK-1'): string {
    const facts = { ...this.#parkedOf(refund), by: 'Anna', context: this.context() };
    const decision = decideTransferred(refund, { reference, at: this.now }, facts);
    if (!decision.ok) return decision.refusal.code;
    if (decision.value.refund !== undefined) this.#replace(decision.value.refund);
    for (const one of decision.value.exceptions) this.#replaceException(one);
    this.journals.push(...decision.value.journals);
    return 'succeeded';
  }

  retry(refund: Refund): string {
    const decision = decideRetryRefund(refund, this.context());
    if (!decision.ok) return decision.refusal.code;
    this.#replace(decision.value);
    return decision.value.state;
  }

  /** The refund as it is now. */
  of({ id }: Refund): Refund {
    const found = this.refunds.find((one) => one.id === id);
    if (found === undefined) throw new Error('the refund is here');
    return found;
  }

  /** What an account holds, credit above zero, in 分. */
  credit(account: string): bigint {
    return this.journals
      .flatMap(({ entries }) => entries)
      .filter((entry) => entry.account === account)
      .reduce((total, { minor }) => total - minor, 0n);
  }

  #book(value: {
    readonly notes: readonly CreditNote[];
    readonly journals: readonly Journal[];
    readonly events: readonly { readonly type: string }[];
  }): void {
    this.notes.push(...value.notes);
    this.journals.push(...value.journals);
    this.#tell(value.events);
  }

  #parkedOf({ exceptionId }: Refund): { readonly exception?: MoneyException } {
    const exception = this.exceptions.find(({ id }) => id === exceptionId);
    return exception === undefined ? {} : { exception };
  }

  #replaceException(exception: MoneyException): void {
    const index = this.exceptions.findIndex(({ id }) => id === exception.id);
    this.exceptions[index] = exception;
  }

  #replace(refund: Refund): void {
    const index = this.refunds.findIndex(({ id }) => id === refund.id);
    this.refunds[index] = refund;
  }

  #tell(events: readonly { readonly type: string }[]): void {
    this.events.push(...events.map(({ type }) => type));
  }
}

export function succeeded(minor: bigint, now: Temporal.Instant, number = 'X-1'): RefundOutcome {
  return {
    kind: 'succeeded',
    railReference: number,
    refunded: money(minor, 'CNY'),
    refundedAt: now,
  };
}
