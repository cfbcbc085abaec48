import { type Broken, change, uuid } from './broken-billing.ts';

/** What the doctor must find of messages: one that nobody follows, and evidence with a gap. */
export const BROKEN_NOTICES: readonly Broken[] = [
  {
    invariant: 'I7 undelivered has a task',
    sql: ({ notice, customer }) =>
      change(
        'notices',
        notice,
        `purpose = 'service', debit_id = null, currency = null, amount_minor = null,
         collect_date = null, subject_kind = 'cus', subject_id = '${uuid(customer)}',
         template_key = 'renewal', variables = '{}', state = 'failed', delivered_at = null,
         failure_code = 'bounced'`,
      ),
    id: ({ notice }) => notice.id,
    also: ['I7 delivered notice', 'I7 legal notice'],
  },
  {
    invariant: 'I7 evidence is whole',
    sql: ({ notice }) => change('notices', notice, "text_hash = repeat('0', 64)"),
    id: ({ notice }) => notice.id,
  },
];
