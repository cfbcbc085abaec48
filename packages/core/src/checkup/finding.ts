import type { CheckupFindingId, CustomerId, Id } from '../ids/ids.ts';

/** What a look before a debit can find. The order is the order in which findings are told. */
export const FINDING_CODES = [
  'method_dead',
  'method_refused',
  'method_expiring',
  'cap_below_amount',
  'mandate_drift',
  'amount_unlike_contract',
  'amount_unlike_history',
  'duplicate_subscription',
  'unused_service',
  'notice_unreachable',
  'price_change_pending',
  'trial_converting',
  'approver_missing',
] as const;
export type FindingCode = (typeof FINDING_CODES)[number];

/** `info`: good to know. `warn`: somebody should act. `blocks`: the debit is held meanwhile. */
export type FindingSeverity = 'info' | 'warn' | 'blocks';

/** Who can mend it: the payer, the payer's administrator, or people of the merchant. */
export type FindingOwner = 'payer' | 'admin' | 'support' | 'finance';

/** Everything that a button of a finding can do. */
export type FindingAction =
  | 'sign_again'
  | 'raise_cap'
  | 'change_method'
  | 'change_contact'
  | 'answer_price_change'
  | 'end_subscription'
  | 'confirm_amount'
  | 'look_at_drift';

/** What a look found, before it is stored. */
export type FoundFinding = {
  readonly code: FindingCode;
  /** What tells two findings of one code apart: a subscription, a mandate, a price change. */
  readonly about: Id;
  readonly severity: FindingSeverity;
  readonly owner: FindingOwner;
  readonly sentenceZh: string;
  readonly sentenceEn: string;
  readonly action: FindingAction;
  /** The rows that prove it. */
  readonly evidence: readonly Id[];
};

/** What a button calls: the method and the path of the API. */
export type ActionCall = { readonly method: 'GET' | 'POST'; readonly path: string };

/** Where the button of a finding leads; a finding that a person confirms is named itself. */
export function callOf(
  { action, about, evidence }: Pick<FoundFinding, 'action' | 'about' | 'evidence'>,
  of: { readonly findingId: CheckupFindingId; readonly customerId: CustomerId },
): ActionCall {
  const post = (path: string): ActionCall => ({ method: 'POST', path: `/v1/${path}` });
  switch (action) {
    case 'sign_again':
    case 'raise_cap':
      // A cap is agreed when a mandate is signed: a higher one is another mandate.
      return post('mandates');
    case 'change_method':
      return post(`customers/${of.customerId}/mandates/order`);
    case 'change_contact':
      return post(`customers/${of.customerId}/contacts`);
    case 'answer_price_change':
      return post(`price-changes/${evidence[0] ?? about}/consents`);
    case 'end_subscription':
      return post(`subscriptions/${about}/changes`);
    case 'confirm_amount':
      return post(`checkup-findings/${of.findingId}/accept`);
    case 'look_at_drift':
      return { method: 'GET', path: '/v1/mandates/drift' };
  }
}

/** Whether the payer itself can do something about it, so that the payer is told. */
export function isForPayer({ owner }: Pick<FoundFinding, 'owner'>): boolean {
  return owner === 'payer';
}
