import type { ArrearsCauseKind, Fix, FixAction, FixOwner } from './cause.ts';
import type { Finding } from './counterfactuals.ts';

const FIXES: Readonly<Record<ArrearsCauseKind, readonly [FixAction, FixOwner]>> = {
  forgot: ['begin_mandate', 'customer'],
  insufficient_balance: ['retry_after_payday', 'finance'],
  method_or_account_data: ['replace_method', 'customer'],
  rail_or_system_fault: ['retry_when_rail_is_back', 'operations'],
  price_or_policy_change: ['explain_price_change', 'support'],
  growth: ['show_plan_fit', 'support'],
  contract_change: ['explain_contract', 'support'],
  dispute: ['open_dispute_case', 'support'],
};

/** What to do now about the primary cause, and who does it. Exactly one: the first step. */
export function fixOf({ causes, history }: Finding): Fix {
  const [first] = causes;
  const kind = first?.cause ?? 'forgot';
  const [action, owner] = FIXES[kind];
  const has = (key: string) => first?.evidence.some((one) => one.key === key) === true;
  if (kind === 'method_or_account_data' && has('cap_below')) {
    return { kind, action: 'raise_cap', owner: 'customer' };
  }
  if (kind === 'rail_or_system_fault' && (has('issued_late') || has('notice_not_sent'))) {
    return { kind, action: 'resend_bill', owner: 'operations' };
  }
  // Who paid by hand in the end, only late, is helped by a link; who has a mandate needs no other.
  const hasMandate = history.mandates.some(({ state }) => state === 'active');
  if (kind === 'forgot' && hasMandate) return { kind, action: 'send_pay_link', owner: 'support' };
  return { kind, action, owner };
}
