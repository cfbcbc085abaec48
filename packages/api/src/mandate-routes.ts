import { AttemptSchema } from './debit/attempt.ts';
import {
  AttemptListSchema,
  AttemptQuerySchema,
  ReleaseDebitSchema,
  ResolveAttemptSchema,
} from './debit/by-person.ts';
import { DebitSchema } from './debit/debit.ts';
import { DebitPlanQuerySchema, DebitPlanSchema } from './debit/plan.ts';
import {
  EndMandateSchema,
  MandateDriftListSchema,
  MandateDriftQuerySchema,
  MandateEndSchema,
} from './mandate/end.ts';
import { MandateSchema } from './mandate/mandate.ts';
import {
  ConfirmMandateSchema,
  MandateOrderSchema,
  NewMandateSchema,
  SigningBegunSchema,
} from './mandate/signing.ts';
import { SweepBrakeSchema } from './mandate/sweep-brake.ts';
import { PAGE_ERRORS, type Route } from './route.ts';

/** Signing, ending and ordering mandates, the plan of a day, and what a person decides. */
export const MANDATE_ROUTES: readonly Route[] = [
  {
    path: '/v1/mandates',
    method: 'post',
    name: 'beginMandate',
    tag: 'Mandates',
    summary: 'Asks a customer to sign, and says what the payer does next.',
    body: NewMandateSchema,
    answer: SigningBegunSchema,
  },
  {
    path: '/v1/mandates/{id}/confirm',
    method: 'post',
    name: 'confirmMandate',
    tag: 'Mandates',
    summary: 'Hands the code from the payer’s phone to the rail.',
    id: 'man',
    body: ConfirmMandateSchema,
    answer: MandateSchema,
  },
  {
    path: '/v1/mandates/{id}/end',
    method: 'post',
    name: 'endMandate',
    tag: 'Mandates',
    summary: 'Ends a mandate: no debit leaves from now on; the rail is asked until it confirms.',
    id: 'man',
    body: EndMandateSchema,
    answer: MandateEndSchema,
  },
  {
    path: '/v1/mandates/{id}/end',
    method: 'get',
    name: 'readMandateEnd',
    tag: 'Mandates',
    summary: 'Reads the proof of an end: who asked, when, and what the rail answered.',
    id: 'man',
    answer: MandateEndSchema,
  },
  {
    path: '/v1/customers/{id}/mandates/order',
    method: 'post',
    name: 'orderMandates',
    tag: 'Mandates',
    summary: 'Sets the order in which the customer’s methods are tried.',
    id: 'cus',
    body: MandateOrderSchema,
    answer: { list: MandateSchema },
  },
  {
    path: '/v1/mandates/drift',
    method: 'get',
    name: 'listMandateDrift',
    tag: 'Mandates',
    summary: 'Lists where a mandate here and at the rail did not agree.',
    query: MandateDriftQuerySchema,
    answer: MandateDriftListSchema,
    errors: PAGE_ERRORS,
  },
  {
    path: '/v1/mandates/brakes',
    method: 'get',
    name: 'listSweepBrakes',
    tag: 'Mandates',
    summary: 'Lists rails that do not find so many mandates that none of them was ended.',
    answer: { list: SweepBrakeSchema },
  },
  {
    path: '/v1/debits/plan',
    method: 'get',
    name: 'planDebits',
    tag: 'Debits',
    summary: 'Says what a day of debits will be before it runs.',
    query: DebitPlanQuerySchema,
    answer: DebitPlanSchema,
    errors: ['request_refused'],
  },
  {
    path: '/v1/debits/{id}/release',
    method: 'post',
    name: 'releaseDebit',
    tag: 'Debits',
    summary: 'Lets a debit go that was held back for its amount.',
    id: 'dbt',
    body: ReleaseDebitSchema,
    answer: DebitSchema,
  },
  {
    path: '/v1/attempts',
    method: 'get',
    name: 'listAttempts',
    tag: 'Debits',
    summary: 'Lists attempts, also those that wait for a person.',
    query: AttemptQuerySchema,
    answer: AttemptListSchema,
    errors: PAGE_ERRORS,
  },
  {
    path: '/v1/attempts/{id}/resolve',
    method: 'post',
    name: 'resolveAttempt',
    tag: 'Debits',
    summary: 'Settles an open attempt by what a person found out, with evidence.',
    id: 'att',
    body: ResolveAttemptSchema,
    answer: AttemptSchema,
  },
];
