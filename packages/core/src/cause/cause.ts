/**
 * Why an invoice is overdue, in the words of the trade: forgotten; too little money; a method or
 * account data that no longer work; the rail's or our own fault; what the merchant changed; what
 * the customer added; what the two agreed anew; what the customer contests.
 */
export const ARREARS_CAUSES = [
  'forgot',
  'insufficient_balance',
  'method_or_account_data',
  'rail_or_system_fault',
  'price_or_policy_change',
  'growth',
  'contract_change',
  'dispute',
] as const;

export type ArrearsCauseKind = (typeof ARREARS_CAUSES)[number];

/** The rules that made a finding. A rule that changes makes a new number; old findings stay. */
export const CAUSE_RULE_SET = 1;

/** All of an invoice's arrears, in basis points. */
export const WHOLE = 10_000n;

/** What is quoted for a cause. Its sentence is made from the key and the facts, in any language. */
export type EvidenceKey =
  | 'ticket'
  | 'returned'
  | 'issued_late'
  | 'parked'
  | 'notice_not_sent'
  | 'address_failed'
  | 'no_mandate'
  | 'mandate_ended'
  | 'refused'
  | 'no_answer'
  | 'incident'
  | 'cap_below'
  | 'guard_held'
  | 'never_tried'
  | 'tried_late'
  | 'bill_rose'
  | 'rise_by_price'
  | 'rise_by_growth'
  | 'rise_by_contract'
  | 'price_told'
  | 'price_not_told'
  | 'changed'
  | 'short_before'
  | 'late_before'
  | 'reminded'
  | 'not_paid_by_hand';

export type EvidenceKind =
  | 'attempt'
  | 'consent'
  | 'debit'
  | 'habit'
  | 'incident'
  | 'invoice'
  | 'mandate'
  | 'notice'
  | 'return'
  | 'subscription'
  | 'subscription_change'
  | 'ticket';

export type Evidence = {
  readonly kind: EvidenceKind;
  /** The id of the row, or what else it is known by (a rail, a ticket's number). */
  readonly ref: string;
  readonly at?: Temporal.Instant;
  readonly key: EvidenceKey;
  /** What the sentence needs: amounts written out, codes, counts, dates. */
  readonly facts: Readonly<Record<string, string>>;
};

export type FoundCause = {
  readonly cause: ArrearsCauseKind;
  /** How much of the arrears it explains, and so how sure the rules are of it: basis points. */
  readonly share: bigint;
  readonly evidence: readonly Evidence[];
};

/** Whether something else would have kept the invoice from being overdue. */
export type Prevention = 'prevented' | 'not_prevented' | 'unknown';

export const REMEDIES = ['autoDebit', 'reminder', 'planChange', 'otherMethod'] as const;
export type Remedy = (typeof REMEDIES)[number];

export type PreventionReason =
  | 'nobody_paid'
  | 'is_collected_already'
  | 'price_surprised'
  | 'amount_is_the_matter'
  | 'amount_is_contested'
  | 'was_reminded'
  | 'was_not_reminded'
  | 'money_came_late'
  | 'our_own_fault'
  | 'method_is_dead'
  | 'other_method_there'
  | 'no_other_method'
  | 'rail_was_down'
  | 'same_money'
  | 'saving_covers_rise'
  | 'saving_is_less'
  | 'no_cheaper_plan'
  | 'plan_not_asked'
  | 'not_the_plan';

export type Counterfactual = { readonly result: Prevention; readonly reason: PreventionReason };

/** What to do now, as a button: each is something that the product does. */
export type FixAction =
  | 'send_pay_link'
  | 'begin_mandate'
  | 'retry_after_payday'
  | 'replace_method'
  | 'retry_when_rail_is_back'
  | 'resend_bill'
  | 'explain_price_change'
  | 'show_plan_fit'
  | 'raise_cap'
  | 'explain_contract'
  | 'open_dispute_case';

/** Who presses the button. */
export type FixOwner = 'customer' | 'support' | 'finance' | 'operations';

export type Fix = {
  readonly kind: ArrearsCauseKind;
  readonly action: FixAction;
  readonly owner: FixOwner;
};

/** What `attributeCause` says of one overdue invoice. */
export type CauseFinding = {
  readonly ruleSet: number;
  /** The stronger first; their shares are 10,000 in all, and there is always one. */
  readonly causes: readonly FoundCause[];
  readonly primary: ArrearsCauseKind;
  readonly counterfactuals: Readonly<Record<Remedy, Counterfactual>>;
  readonly fix: Fix;
};
