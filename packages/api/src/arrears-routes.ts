import { ArrearsListSchema, ArrearsQuerySchema, CustomerArrearsSchema } from './arrears/arrears.ts';
import { CustomerSchema } from './customer/customer.ts';
import {
  BalanceAlertSchema,
  BalanceAlertsSchema,
  NewBalanceAlertSchema,
  RemoveBalanceAlertSchema,
} from './entitlement/balance-alert.ts';
import {
  EntitlementSchema,
  EntitlementsQuerySchema,
  EntitlementsSchema,
} from './entitlement/entitlement.ts';
import {
  NewOverrideSchema,
  OverrideListSchema,
  OverrideQuerySchema,
  OverrideSchema,
  WithdrawOverrideSchema,
} from './entitlement/override.ts';
import {
  CustomerTopUpsSchema,
  NewTopUpRuleSchema,
  StopTopUpSchema,
  TopUpRuleSchema,
} from './entitlement/top-up.ts';
import { exampleOf } from './result/example.ts';
import { PAGE_ERRORS, type Route } from './route.ts';

const ARREARS: readonly Route[] = [
  {
    path: '/v1/arrears',
    method: 'get',
    name: 'listArrears',
    tag: 'Arrears',
    summary: 'Lists customers in arrears, in the order of their ids.',
    query: ArrearsQuerySchema,
    answer: ArrearsListSchema,
    errors: PAGE_ERRORS,
  },
  {
    path: '/v1/customers/{id}/arrears',
    method: 'get',
    name: 'getCustomerArrears',
    tag: 'Arrears',
    summary: 'Reads the arrears of a customer, or of who pays for it.',
    id: 'cus',
    answer: CustomerArrearsSchema,
  },
  {
    path: '/v1/customers/{id}/export',
    method: 'get',
    name: 'exportCustomer',
    tag: 'Arrears',
    summary: 'Exports what is kept of a customer; also while its service is off.',
    id: 'cus',
    lines: {
      about: 'One object on each line: its kind, and the row as the API shows it.',
      example: `{"kind":"customer","data":${JSON.stringify(exampleOf(CustomerSchema))}}\n`,
    },
  },
];

const ENTITLEMENTS: readonly Route[] = [
  {
    path: '/v1/entitlements/{customer}',
    method: 'get',
    name: 'getEntitlement',
    tag: 'Entitlements',
    summary: 'Says what a customer may use now, why, and what changes next.',
    key: { name: 'customer', description: 'The id, or the reference of one who pays.' },
    answer: EntitlementSchema,
    errors: ['not_found'],
  },
  {
    path: '/v1/entitlements',
    method: 'get',
    name: 'listEntitlements',
    tag: 'Entitlements',
    summary: 'Says the same of up to 100 customers.',
    query: EntitlementsQuerySchema,
    answer: EntitlementsSchema,
  },
  {
    path: '/v1/customers/{id}/entitlement-overrides',
    method: 'post',
    name: 'grantEntitlementOverride',
    tag: 'Entitlements',
    summary: 'Grants a customer something until a date.',
    id: 'cus',
    body: NewOverrideSchema,
    answer: OverrideSchema,
  },
  {
    path: '/v1/customers/{id}/entitlement-overrides',
    method: 'get',
    name: 'listEntitlementOverrides',
    tag: 'Entitlements',
    summary: 'Lists what was granted to a customer, oldest first.',
    id: 'cus',
    query: OverrideQuerySchema,
    answer: OverrideListSchema,
    errors: PAGE_ERRORS,
  },
  {
    path: '/v1/entitlement-overrides/{id}/withdraw',
    method: 'post',
    name: 'withdrawEntitlementOverride',
    tag: 'Entitlements',
    summary: 'Takes back what was granted, before its end.',
    id: 'ovr',
    body: WithdrawOverrideSchema,
    answer: OverrideSchema,
  },
];

const BALANCES: readonly Route[] = [
  {
    path: '/v1/customers/{id}/balance-alerts',
    method: 'post',
    name: 'setBalanceAlert',
    tag: 'Balance',
    summary: 'Says when a prepaid balance counts as low, so that its customer is told once.',
    id: 'cus',
    body: NewBalanceAlertSchema,
    answer: BalanceAlertSchema,
  },
  {
    path: '/v1/customers/{id}/balance-alerts',
    method: 'get',
    name: 'listBalanceAlerts',
    tag: 'Balance',
    summary: 'Lists the alerts of a customer, one for each currency.',
    id: 'cus',
    answer: { list: BalanceAlertSchema },
  },
  {
    path: '/v1/customers/{id}/balance-alerts/remove',
    method: 'post',
    name: 'removeBalanceAlert',
    tag: 'Balance',
    summary: 'Takes the alert of a currency away; answers with those that are left.',
    id: 'cus',
    body: RemoveBalanceAlertSchema,
    answer: BalanceAlertsSchema,
  },
];

const TOP_UPS: readonly Route[] = [
  {
    path: '/v1/customers/{id}/top-up',
    method: 'post',
    name: 'agreeTopUp',
    tag: 'Balance',
    summary: 'Records that a customer agreed to automatic top-ups, or to other ones.',
    id: 'cus',
    body: NewTopUpRuleSchema,
    answer: TopUpRuleSchema,
  },
  {
    path: '/v1/customers/{id}/top-up',
    method: 'get',
    name: 'getTopUps',
    tag: 'Balance',
    summary: 'Reads what a customer agreed to, and its newest top-ups.',
    id: 'cus',
    answer: CustomerTopUpsSchema,
  },
  {
    path: '/v1/customers/{id}/top-up/stop',
    method: 'post',
    name: 'stopTopUp',
    tag: 'Balance',
    summary: 'Stops automatic top-ups in a currency; one that was requested before goes on.',
    id: 'cus',
    body: StopTopUpSchema,
    answer: TopUpRuleSchema,
  },
];

/** What unpaid invoices do to services, what customers may use, and balances that run low. */
export const ARREARS_ROUTES: readonly Route[] = [
  ...ARREARS,
  ...ENTITLEMENTS,
  ...BALANCES,
  ...TOP_UPS,
];
