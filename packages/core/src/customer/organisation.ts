import { bucketOf, bucketOfKey, type CustomerId, type MerchantId } from '../ids/ids.ts';
import type { IdSource } from '../ids/source.ts';
import type { NewEvent } from '../result/event.ts';
import { ok, type Result, refuse } from '../result/result.ts';
import type { ContactChannel } from './contact.ts';
import { type Customer, isPayer, type Locale } from './customer.ts';
import { type OrganisationRefusal, organisationRefusal } from './refusals.ts';

/** Children that one request may create: one transaction, one answer. */
export const CHILDREN_AT_ONCE = 1_000;

/** What is known of somebody new. */
export type CustomerDetails = {
  readonly externalReference: string;
  readonly name: string;
  readonly locale?: Locale;
  readonly mail?: string;
  /** E.164 with the plus sign. */
  readonly phone?: string;
  readonly preferredChannel?: ContactChannel;
};

export type NewPayer = CustomerDetails & {
  readonly kind: 'person' | 'organisation';
  readonly consolidatedBilling?: boolean;
};

export type NewChild = CustomerDetails & { readonly kind: 'department' | 'member' };

export type CustomersDecision = {
  readonly customers: readonly Customer[];
  /** One for each customer, in the same order: only those that were new are written. */
  readonly events: readonly NewEvent[];
};

type Context = { readonly now: Temporal.Instant; readonly ids: IdSource };

/**
 * Makes a person or an organisation. It lives in the bucket of its reference, so that a second one
 * with the same reference meets the first. Refuses consolidated billing for a person.
 */
export function decidePayer(
  payer: NewPayer,
  context: Context & { readonly merchantId: MerchantId },
): Result<CustomersDecision, OrganisationRefusal> {
  const refusal = refusalOfDetails(payer, '');
  if (refusal !== undefined) return refuse(refusal);
  if (payer.consolidatedBilling === true && payer.kind !== 'organisation') {
    return refuse(organisationRefusal('not_an_organisation', 'consolidated_billing'));
  }
  const { merchantId } = context;
  const customer: Customer = {
    id: context.ids('cus', bucketOfKey(merchantId, payer.externalReference)),
    merchantId,
    kind: payer.kind,
    ...(payer.consolidatedBilling === true ? { consolidatedBilling: true } : {}),
    ...detailsOf(payer, context.now),
  };
  return ok({ customers: [customer], events: [createdEvent(customer, context)] });
}

/**
 * Makes departments and members of an organisation, all or none. Their ids carry the bucket of the
 * organisation, so that one row lock and one node hold everything that it pays for. Refuses, naming
 * the field with its index, a payer that is no organisation and references that occur twice.
 */
export function decideChildren(
  payer: Customer,
  children: readonly NewChild[],
  context: Context,
): Result<CustomersDecision, OrganisationRefusal> {
  if (payer.kind !== 'organisation') {
    return refuse(organisationRefusal('not_an_organisation', 'id'));
  }
  if (children.length === 0) return refuse(organisationRefusal('no_children', 'children'));
  if (children.length > CHILDREN_AT_ONCE) {
    return refuse(organisationRefusal('too_many_children', 'children'));
  }
  const seen = new Set<string>();
  for (const [index, child] of children.entries()) {
    const at = `children/${index}/`;
    const refusal = refusalOfDetails(child, at);
    if (refusal !== undefined) return refuse(refusal);
    if (seen.has(child.externalReference)) {
      return refuse(organisationRefusal('reference_twice', `${at}external_reference`));
    }
    seen.add(child.externalReference);
  }
  const customers = children.map(
    (child): Customer => ({
      id: context.ids('cus', bucketOf(payer.id)),
      merchantId: payer.merchantId,
      kind: child.kind,
      payerId: payer.id,
      ...detailsOf({ locale: payer.locale, ...child }, context.now),
    }),
  );
  return ok({ customers, events: customers.map((one) => createdEvent(one, context)) });
}

/** What may be changed of who pays. */
export type PayerChange = {
  /** A person that turns out to be a company. The way back is closed. */
  readonly kind?: 'organisation';
  readonly consolidatedBilling?: boolean;
};

/** Changes who pays; refuses departments and members, and consolidated billing for a person. */
export function decidePayerChange(
  customer: Customer,
  change: PayerChange,
): Result<Customer, OrganisationRefusal> {
  if (!isPayer(customer)) return refuse(organisationRefusal('not_a_payer', 'id'));
  const kind = change.kind ?? customer.kind;
  const { consolidatedBilling: before, ...rest } = customer;
  const consolidated = change.consolidatedBilling ?? before ?? false;
  if (consolidated && kind !== 'organisation') {
    return refuse(organisationRefusal('not_an_organisation', 'consolidated_billing'));
  }
  return ok({ ...rest, kind, ...(consolidated ? { consolidatedBilling: true } : {}) });
}

export type MoveDecision = {
  /** The child as it stays behind, linked to the one that continues it. */
  readonly before: Customer;
  /** The child of the other organisation, in that organisation's bucket. */
  readonly after: Customer;
  readonly events: readonly NewEvent[];
};

/**
 * Moves a department or member to another organisation: a new row in the other's bucket continues
 * it, the two are linked, and nothing of the old row's history changes. What is paid for it is
 * moved by `decidePayerTransfer`, subscription by subscription.
 */
export function decideChildMove(
  child: Customer,
  to: Customer,
  context: Context,
): Result<MoveDecision, OrganisationRefusal> {
  if (child.payerId === undefined) return refuse(organisationRefusal('not_a_child', 'id'));
  if (child.movedTo !== undefined) return refuse(organisationRefusal('moved_already', 'id'));
  if (to.kind !== 'organisation' || to.merchantId !== child.merchantId) {
    return refuse(organisationRefusal('not_an_organisation', 'to'));
  }
  if (to.id === child.payerId) return refuse(organisationRefusal('same_payer', 'to'));
  const id: CustomerId = context.ids('cus', bucketOf(to.id));
  // Its further contacts stay with the old row; by the new one mail and phone reach it.
  const { reach: _reach, ...person } = child;
  const after: Customer = {
    ...person,
    id,
    payerId: to.id,
    movedFrom: child.id,
    createdAt: context.now,
  };
  const before: Customer = { ...child, movedTo: id };
  const event = (customer: Customer, data: NewEvent['data']): NewEvent => ({
    id: context.ids('evt', bucketOf(customer.id)),
    merchantId: customer.merchantId,
    customerId: customer.id,
    type: 'customer.moved',
    subjectId: customer.id,
    at: context.now,
    data,
  });
  return ok({
    before,
    after,
    events: [event(before, { moved_to: id }), event(after, { moved_from: child.id })],
  });
}

function refusalOfDetails(details: CustomerDetails, at: string): OrganisationRefusal | undefined {
  if (details.externalReference.trim() === '') {
    return organisationRefusal('reference_missing', `${at}external_reference`);
  }
  if (details.name.trim() === '') return organisationRefusal('name_missing', `${at}name`);
  return undefined;
}

function detailsOf(details: CustomerDetails, now: Temporal.Instant) {
  const { externalReference, name, locale, mail, phone, preferredChannel } = details;
  return {
    externalReference,
    name,
    locale: locale ?? 'zh-CN',
    ...(mail === undefined ? {} : { mail }),
    ...(phone === undefined ? {} : { phone }),
    preferredChannel: preferredChannel ?? (mail === undefined ? 'sms' : 'mail'),
    createdAt: now,
  } as const;
}

function createdEvent(customer: Customer, context: Context): NewEvent {
  return {
    id: context.ids('evt', bucketOf(customer.id)),
    merchantId: customer.merchantId,
    customerId: customer.id,
    type: 'customer.created',
    subjectId: customer.id,
    at: context.now,
    data: { kind: customer.kind },
  };
}
