import { isDateBefore } from '../calendar/periods.ts';
import { bucketOf, type CustomerId, type MerchantId } from '../ids/ids.ts';
import { postPrepaidExpired, postPrepaidReceived } from '../ledger/balance-templates.ts';
import type { Journal } from '../ledger/journal.ts';
import { type Money, zero } from '../money/money.ts';
import type { NewEvent } from '../result/event.ts';
import { ok, type Refusal, type Result, refuse } from '../result/result.ts';
import type { BalanceContext } from './balance.ts';
import type { CreditGrant } from './credit-grant.ts';

export type GrantRequest = {
  readonly merchantId: MerchantId;
  readonly customerId: CustomerId;
  readonly kind: 'prepaid' | 'promotional';
  readonly amount: Money;
  /** The first day on which it can no longer be used. */
  readonly expiresOn?: Temporal.PlainDate;
  readonly nameZh?: string;
  readonly nameEn?: string;
  /**
   * Of prepaid money: the number under which it arrived at the bank. A gift may have a number, too.
   * A customer has one grant of a reference.
   */
  readonly reference?: string;
};

export type GrantRefusal = Refusal<
  'amount_not_positive' | 'grant_expired_already' | 'reference_missing' | 'reference_used'
> & { readonly field: string };

export type GrantDecision = {
  readonly grant: CreditGrant;
  /** Absent for a gift: nothing was received and nothing is owed. */
  readonly journal?: Journal;
  readonly events: readonly NewEvent[];
};

const NAMES = {
  prepaid: { zh: '预存款', en: 'Prepaid balance' },
  promotional: { zh: '代金券', en: 'Voucher' },
} as const;

/**
 * Money that a customer paid in advance by hand, or a gift of the merchant, for coming invoices.
 * Prepaid money names the transfer by which it came and is booked as an advance; a gift is no fact
 * of the books until an invoice uses it.
 */
export function decideGrant(
  request: GrantRequest,
  context: BalanceContext,
): Result<GrantDecision, GrantRefusal> {
  const refused = checkGrant(request, context);
  if (refused !== undefined) return refuse(refused);
  const { kind, amount, expiresOn, merchantId, customerId, reference } = request;
  const id = context.ids('crg', bucketOf(customerId));
  const note = reference === undefined ? '' : ` ${reference}`;
  const grant: CreditGrant = {
    id,
    merchantId,
    customerId,
    kind,
    amount,
    left: amount,
    ...(expiresOn === undefined ? {} : { expiresOn }),
    nameZh: request.nameZh ?? `${NAMES[kind].zh}${note}`,
    nameEn: request.nameEn ?? `${NAMES[kind].en}${note}`,
    ...(reference === undefined ? {} : { reference }),
    createdAt: context.now,
  };
  const events = [grantEvent(grant, 'credit.granted', { context, amount })];
  if (kind === 'promotional') return ok({ grant, events });
  const { businessDate, now: postedAt } = context;
  const journalId = context.ids('jrn', bucketOf(customerId));
  const facts = { id: journalId, merchantId, customerId, grantId: id, amount };
  return ok({ grant, journal: postPrepaidReceived({ ...facts, businessDate, postedAt }), events });
}

/**
 * Answers a request whose reference the customer has a grant of: that grant where the request says
 * the same of it, so that who lost an answer may ask again on any day; else `reference_used`. Names
 * may differ: they are words for people, and the money is the same.
 */
export function decideRepeatedGrant(
  request: GrantRequest,
  grant: CreditGrant,
): Result<CreditGrant, GrantRefusal> {
  const isSame =
    grant.kind === request.kind &&
    grant.amount.minor === request.amount.minor &&
    grant.amount.currency === request.amount.currency &&
    grant.expiresOn?.toString() === request.expiresOn?.toString();
  if (isSame) return ok(grant);
  return refuse({
    code: 'reference_used',
    sentence: 'The customer has another grant of this reference.',
    next: 'Send the same kind, amount and expiry to get that grant, or another reference.',
    field: 'reference',
  });
}

function checkGrant(request: GrantRequest, context: BalanceContext): GrantRefusal | undefined {
  if (request.amount.minor <= 0n) {
    return {
      code: 'amount_not_positive',
      sentence: 'A grant is more than nothing.',
      next: 'Write an amount above zero.',
      field: 'amount.amount',
    };
  }
  if (request.expiresOn !== undefined && !isDateBefore(context.businessDate, request.expiresOn)) {
    return {
      code: 'grant_expired_already',
      sentence: 'The grant would have expired already.',
      next: 'Choose a later day, or none: prepaid money does not expire by default.',
      field: 'expiresOn',
    };
  }
  if (request.kind === 'prepaid' && request.reference === undefined) {
    return {
      code: 'reference_missing',
      sentence: 'Prepaid money names the transfer by which it came.',
      next: 'Give the reference of the bank transfer.',
      field: 'reference',
    };
  }
  return undefined;
}

/**
 * What expiry does to a grant on a business date: what is left is gone, and prepaid money becomes
 * income. Undefined where it has not expired, or nothing is left.
 */
export function decideGrantExpiry(
  grant: CreditGrant,
  context: BalanceContext,
): GrantDecision | undefined {
  const { expiresOn, left } = grant;
  if (expiresOn === undefined || left.minor === 0n) return undefined;
  if (isDateBefore(context.businessDate, expiresOn)) return undefined;
  const expired: CreditGrant = { ...grant, left: zero(left.currency) };
  const events = [grantEvent(grant, 'credit.expired', { context, amount: left })];
  if (grant.kind === 'promotional') return { grant: expired, events };
  const journal = postPrepaidExpired({
    id: context.ids('jrn', bucketOf(grant.id)),
    merchantId: grant.merchantId,
    customerId: grant.customerId,
    grantId: grant.id,
    left,
    businessDate: context.businessDate,
    postedAt: context.now,
  });
  return { grant: expired, ...(journal === undefined ? {} : { journal }), events };
}

/** The event that tells of a grant. */
export function grantEvent(
  grant: CreditGrant,
  type: 'credit.granted' | 'credit.expired',
  about: { readonly context: BalanceContext; readonly amount: Money },
): NewEvent {
  const { context, amount } = about;
  return {
    id: context.ids('evt', bucketOf(grant.customerId)),
    merchantId: grant.merchantId,
    customerId: grant.customerId,
    type,
    subjectId: grant.id,
    at: context.now,
    data: { minor: amount.minor.toString(), currency: amount.currency, kind: grant.kind },
  };
}
