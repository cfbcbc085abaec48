import { CardExpirySchema } from './checkup/card-expiry.ts';
import {
  AcceptFindingSchema,
  CheckupFindingSchema,
  CheckupListSchema,
  CheckupQuerySchema,
  CheckupSchema,
} from './checkup/checkup.ts';
import { SelfAuditSchema } from './checkup/self-audit.ts';
import { MandateSchema } from './mandate/mandate.ts';
import { PAGE_ERRORS, type Route } from './route.ts';

/** Checks before debits, and what is debited from one customer. */
export const CHECKUP_ROUTES: readonly Route[] = [
  {
    path: '/v1/invoices/{id}/checkup',
    method: 'get',
    name: 'getCheckup',
    tag: 'Checkups',
    summary: 'Reads what was found before an invoice is debited, and what can be done about it.',
    id: 'inv',
    answer: CheckupSchema,
  },
  {
    path: '/v1/checkups',
    method: 'get',
    name: 'listCheckups',
    tag: 'Checkups',
    summary: 'Lists checks before debits, oldest first.',
    query: CheckupQuerySchema,
    answer: CheckupListSchema,
    errors: PAGE_ERRORS,
  },
  {
    path: '/v1/checkup-findings/{id}/accept',
    method: 'post',
    name: 'acceptFinding',
    tag: 'Checkups',
    summary: 'Takes a finding as it is; a debit that it held goes on.',
    id: 'cfd',
    body: AcceptFindingSchema,
    answer: CheckupFindingSchema,
  },
  {
    path: '/v1/mandates/{id}/card-expiry',
    method: 'post',
    name: 'tellCardExpiry',
    tag: 'Mandates',
    summary: 'Tells the last valid day of the card behind a mandate; its debits are looked at.',
    id: 'man',
    body: CardExpirySchema,
    answer: MandateSchema,
  },
  {
    path: '/v1/customers/{id}/self-audit',
    method: 'get',
    name: 'getSelfAudit',
    tag: 'Checkups',
    summary: 'Reads everything that is debited from a customer, and how to stop it.',
    id: 'cus',
    answer: SelfAuditSchema,
  },
];
