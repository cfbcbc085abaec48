import { bucketOf, type CustomerId, toUuid } from '../../packages/core/src/index.ts';
import type { Broken } from './broken-billing.ts';
import { newId } from './life.ts';

// Rows of usage that do not add up, for the doctor to find. Foreign keys are off meanwhile.

const BATCH = newId('ubt');
const ASIDE = newId('ubt');
const packs = new Map<CustomerId, ReturnType<typeof newPack>>();

function newPack(customer: CustomerId) {
  return newId('rsp', bucketOf(customer));
}

/** The pack of a customer that has lost units which nobody burnt. */
function packOf(customer: CustomerId) {
  const pack = packs.get(customer) ?? newPack(customer);
  packs.set(customer, pack);
  return pack;
}

export const BROKEN_USAGE: readonly Broken[] = [
  {
    invariant: 'I10 usage batch counts its events',
    sql: (_life, { merchant }) => `
      insert into usage_batches (bucket, merchant_id, id, received_at, event_count, folded_at)
      values (0, '${toUuid(merchant.id)}', '${toUuid(BATCH)}', now(), 3, now());`,
    id: () => BATCH,
  },
  {
    invariant: 'I10 acknowledged usage is counted',
    sql: ({ customer }, { merchant }) => `
      insert into usage_batches (bucket, merchant_id, id, received_at, event_count, set_aside_at,
                                 set_aside_reason)
      values (0, '${toUuid(merchant.id)}', '${toUuid(ASIDE)}', now(), 1, now(), 'SyntaxError');
      insert into usage_events (bucket, merchant_id, source, event_id, type, customer_id, at, day,
                                data, batch_id)
      values (0, '${toUuid(merchant.id)}', 'aside', '1', 'call', '${toUuid(customer.id)}', now(),
              '2026-03-01', '{}', '${toUuid(ASIDE)}');`,
    id: () => ASIDE,
  },
  {
    invariant: 'I10 rollup of a count',
    sql: ({ customer }, { merchant }) => {
      const meter = toUuid(newId('mtr'));
      return `
        insert into meters (merchant_id, id, code, name_zh, name_en, event_type, aggregation,
                            filters, group_by, takes_negative, keeps, created_at)
        values ('${toUuid(merchant.id)}', '${meter}', 'calls', '调用', 'Calls', 'call', 'count',
                '[]', '[]', false, 'totals', now());
        insert into usage_rollups (bucket, merchant_id, customer_id, meter_id, day, group_key,
                                   units, event_count)
        values (${bucketOf(customer.id)}, '${toUuid(merchant.id)}', '${toUuid(customer.id)}',
                '${meter}', '2026-03-01', '', 3, 2);`;
    },
    id: ({ customer }) => customer.id,
  },
  {
    invariant: 'I10 pack is what was bought less what was burnt',
    sql: ({ customer }, { merchant }) => `
      insert into resource_packs (bucket, merchant_id, id, customer_id, meter_id, units_bought,
                                  units_left, valid_from, expires_on)
      values (${bucketOf(customer.id)}, '${toUuid(merchant.id)}',
              '${toUuid(packOf(customer.id))}', '${toUuid(customer.id)}',
              '${toUuid(newId('mtr'))}', 10, 4, '2026-01-01', '2027-01-01');`,
    id: ({ customer }) => packOf(customer.id),
  },
];
