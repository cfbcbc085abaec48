import { CauseSchema } from './cause/cause.ts';
import { PlanFitSchema } from './cause/plan-fit.ts';
import { CauseReportQuerySchema, CauseReportSchema } from './cause/report.ts';
import type { Route } from './route.ts';

/** Why invoices are overdue, and whether another plan would fit. */
export const CAUSE_ROUTES: readonly Route[] = [
  {
    path: '/v1/invoices/{id}/cause',
    method: 'get',
    name: 'getArrearsCause',
    tag: 'Arrears',
    summary: 'Why an invoice is overdue, what would have prevented it, and what to do.',
    id: 'inv',
    answer: CauseSchema,
  },
  {
    path: '/v1/insights/arrears-causes',
    method: 'get',
    name: 'reportArrearsCauses',
    tag: 'Arrears',
    summary: 'The shares of the causes of a month’s arrears, by count and by amount.',
    query: CauseReportQuerySchema,
    answer: CauseReportSchema,
    csv: true,
  },
  {
    path: '/v1/subscriptions/{id}/plan-fit',
    method: 'get',
    name: 'getPlanFit',
    tag: 'Subscriptions',
    summary: 'Prices the use of the last periods under every plan and says the cheapest that fits.',
    id: 'sub',
    answer: PlanFitSchema,
  },
];
