import { CouponSchema, PlanSchema } from './catalog/catalog.ts';
import { CatalogueSchema, VersionedPriceSchema } from './catalog/catalogue.ts';
import { PublishedSchema } from './catalog/published.ts';
import { AllocationQuerySchema, AllocationSchema } from './invoice/allocation.ts';
import { ComparisonQuerySchema, ComparisonSchema } from './invoice/comparison.ts';
import { CreditGrantSchema, CreditNoteSchema } from './invoice/credit.ts';
import { CreditedSchema, ReissuedSchema } from './invoice/credit-outcomes.ts';
import { CreditBodySchema } from './invoice/credit-request.ts';
import { InvoiceSchema } from './invoice/invoice.ts';
import { ChangeOutcomeSchema, PreviewedSchema, StartedSchema } from './invoice/outcomes.ts';
import { DRY_RUN, type Route } from './route.ts';
import {
  AlignSchema,
  ChangeSubscriptionSchema,
  NewCouponSchema,
  NewGrantSchema,
  PreviewSchema,
  RedeemSchema,
  StartSubscriptionSchema,
  UnparkSchema,
} from './subscription/commands.ts';
import {
  AlignmentSchema,
  RedemptionSchema,
  SubscriptionChangeSchema,
  UnparkedSchema,
} from './subscription/outcomes.ts';

const CATALOG_ROUTES: readonly Route[] = [
  {
    path: '/v1/catalog',
    method: 'post',
    name: 'publishCatalog',
    tag: 'Catalogue',
    summary: 'Adds products, plans, prices and price versions. Nothing is edited in place.',
    query: DRY_RUN,
    body: CatalogueSchema,
    answer: PublishedSchema,
  },
  {
    path: '/v1/plans',
    method: 'get',
    name: 'listPlans',
    tag: 'Catalogue',
    summary: 'Lists the plans.',
    answer: { list: PlanSchema },
  },
  {
    path: '/v1/prices',
    method: 'get',
    name: 'listPrices',
    tag: 'Catalogue',
    summary: 'Lists the prices, each with all its versions.',
    answer: { list: VersionedPriceSchema },
  },
  {
    path: '/v1/coupons',
    method: 'post',
    name: 'createCoupon',
    tag: 'Catalogue',
    summary: 'Adds a coupon. A coupon is never edited.',
    body: NewCouponSchema,
    answer: CouponSchema,
  },
];

const SUBSCRIPTION_ROUTES: readonly Route[] = [
  {
    path: '/v1/subscriptions',
    method: 'post',
    name: 'startSubscription',
    tag: 'Subscriptions',
    summary: 'Starts a subscription and answers its first charge, day and amount.',
    query: DRY_RUN,
    body: StartSubscriptionSchema,
    answer: StartedSchema,
  },
  {
    path: '/v1/subscriptions/{id}/changes',
    method: 'post',
    name: 'changeSubscription',
    tag: 'Subscriptions',
    summary: 'Changes a subscription and answers the lines of it and the next invoice.',
    id: 'sub',
    query: DRY_RUN,
    body: ChangeSubscriptionSchema,
    answer: ChangeOutcomeSchema,
  },
  {
    path: '/v1/subscriptions/{id}/changes',
    method: 'get',
    name: 'listSubscriptionChanges',
    tag: 'Subscriptions',
    summary: 'Lists what was done to a subscription, oldest first.',
    id: 'sub',
    answer: { list: SubscriptionChangeSchema },
  },
  {
    path: '/v1/subscriptions/{id}/coupons',
    method: 'post',
    name: 'redeemCoupon',
    tag: 'Subscriptions',
    summary: 'Gives a coupon to a subscription; it comes off from the next draft on.',
    id: 'sub',
    body: RedeemSchema,
    answer: RedemptionSchema,
  },
  {
    path: '/v1/subscriptions/unpark',
    method: 'post',
    name: 'unparkSubscriptions',
    tag: 'Subscriptions',
    summary: 'Bills parked subscriptions again: those that are named, or all of a reason.',
    query: DRY_RUN,
    body: UnparkSchema,
    answer: UnparkedSchema,
    errors: ['not_found'],
  },
  {
    path: '/v1/customers/{id}/align',
    method: 'post',
    name: 'alignSubscriptions',
    tag: 'Subscriptions',
    summary: "Moves the boundaries of all of a customer's subscriptions to one day.",
    id: 'cus',
    query: DRY_RUN,
    body: AlignSchema,
    answer: AlignmentSchema,
  },
];

const INVOICE_ROUTES: readonly Route[] = [
  {
    path: '/v1/invoices/preview',
    method: 'post',
    name: 'previewInvoice',
    tag: 'Invoices',
    summary: 'Explains the next invoice, or the one after a change. Nothing is saved.',
    body: PreviewSchema,
    answer: PreviewedSchema,
    errors: ['not_found'],
  },
  {
    path: '/v1/invoices/{id}/comparison',
    method: 'get',
    name: 'compareInvoice',
    tag: 'Invoices',
    summary: 'Takes the difference to the invoice before, or to another one, apart by cause.',
    id: 'inv',
    query: ComparisonQuerySchema,
    answer: ComparisonSchema,
    errors: ['request_refused'],
  },
  {
    path: '/v1/invoices/{id}/allocation',
    method: 'get',
    name: 'allocateInvoice',
    tag: 'Invoices',
    summary: 'Splits an invoice by department and member; the parts add up to it.',
    id: 'inv',
    query: AllocationQuerySchema,
    answer: { list: AllocationSchema },
    csv: true,
  },
  {
    path: '/v1/invoices/{id}/credit-notes',
    method: 'post',
    name: 'creditInvoice',
    tag: 'Invoices',
    summary: 'Takes back lines of an issued invoice, whole, by amount or by units.',
    id: 'inv',
    query: DRY_RUN,
    body: CreditBodySchema,
    answer: CreditedSchema,
  },
  {
    path: '/v1/invoices/{id}/credit-notes',
    method: 'get',
    name: 'listCreditNotes',
    tag: 'Invoices',
    summary: 'Lists the credit notes of an invoice.',
    id: 'inv',
    answer: { list: CreditNoteSchema },
  },
  {
    path: '/v1/invoices/{id}/void',
    method: 'post',
    name: 'voidInvoice',
    tag: 'Invoices',
    summary: 'Undoes an invoice of which nothing was paid; what it billed can be billed again.',
    id: 'inv',
    answer: InvoiceSchema,
  },
  {
    path: '/v1/invoices/{id}/reissue',
    method: 'post',
    name: 'reissueInvoice',
    tag: 'Invoices',
    summary: "Voids an invoice and makes it again from today's facts, in one commit.",
    id: 'inv',
    query: DRY_RUN,
    answer: ReissuedSchema,
  },
  {
    path: '/v1/customers/{id}/credit-grants',
    method: 'post',
    name: 'grantCredit',
    tag: 'Customers',
    summary: 'Gives a customer prepaid money or a gift that pays coming invoices.',
    id: 'cus',
    body: NewGrantSchema,
    answer: CreditGrantSchema,
  },
  {
    path: '/v1/customers/{id}/credit-grants',
    method: 'get',
    name: 'listCreditGrants',
    tag: 'Customers',
    summary: 'Lists the grants of a customer with something left, in the order of use.',
    id: 'cus',
    answer: { list: CreditGrantSchema },
  },
];

/** Catalogue, subscriptions, invoices and credits. */
export const BILLING_ROUTES: readonly Route[] = [
  ...CATALOG_ROUTES,
  ...SUBSCRIPTION_ROUTES,
  ...INVOICE_ROUTES,
];
