import { bucketOf, type Id, toUuid } from '../../packages/core/src/index.ts';
import { type Broken, uuid } from './broken-billing.ts';
import { newId } from './life.ts';
import type { World } from './world.ts';

// Breaks, days and payouts that do not add up, for the doctor to find.

/** An id that a case makes in its SQL and names in its answer; one for each world. */
function madeIn<P extends 'brk' | 'bil' | 'stl'>(prefix: P): (world: World) => Id<P> {
  const made = new WeakMap<World, Id<P>>();
  return (world) => {
    const known = made.get(world) ?? newId(prefix);
    made.set(world, known);
    return known;
  };
}

const OPEN = madeIn('brk');
const ENDED = madeIn('brk');
const BILL = madeIn('bil');
const PAYOUT = madeIn('stl');

const DATE = "'2026-01-01'";

function insertBreak(
  { merchant }: World,
  id: Id<'brk'>,
  changes: Readonly<Record<string, string>>,
): string {
  const columns = {
    bucket: String(bucketOf(id)),
    merchant_id: `'${uuid(merchant)}'`,
    id: `'${toUuid(id)}'`,
    rail: "'a-rail'",
    business_date: DATE,
    class: "'settlement_mismatch'",
    order_number: `'${id}'`,
    difference_currency: "'CNY'",
    difference_minor: '5',
    owner: "'finance'",
    suggested_action: "'ask_rail'",
    root_cause: "'not_known'",
    opened_at: 'now()',
    ...changes,
  };
  return `insert into breaks (${Object.keys(columns).join(', ')})
    values (${Object.values(columns).join(', ')});`;
}

/** One case for each check of what reconciliation leaves in the books. */
export const BROKEN_RECONCILIATION: readonly Broken[] = [
  {
    invariant: 'I5 open break is parked',
    sql: (_life, world) => insertBreak(world, OPEN(world), { state: "'open'" }),
    id: (_life, world) => OPEN(world),
  },
  {
    invariant: 'I5 resolved break holds nothing',
    sql: (_life, world) =>
      insertBreak(world, ENDED(world), {
        state: "'resolved'",
        parked_by: `'${toUuid(newId('jrn'))}'`,
        resolved_at: 'now()',
        resolved_by: "'Anna'",
        resolution: "'booked'",
        evidence_kind: "'note'",
        evidence: "'trust me'",
      }),
    id: (_life, world) => ENDED(world),
  },
  {
    invariant: 'I5 closed day is whole',
    sql: (_life, world) => `
      insert into rail_bills values ('${uuid(world.merchant)}', '${toUuid(BILL(world))}',
        'a-rail', ${DATE}, 'closed', 'matched', 0, 0, 0, 'CNY', 0, 0, now(), 0, 1);
      insert into reconciliation_days (merchant_id, rail, business_date, state, bill, bill_id,
          statement, asked_at, closed_by, closed_at)
        values ('${uuid(world.merchant)}', 'a-rail', ${DATE}, 'closed', 'loaded',
                '${toUuid(BILL(world))}', 'none', now(), 'Anna', now());
      ${insertBreak(world, newId('brk'), { state: "'pooled'" })}`,
    id: (_life, world) => BILL(world),
  },
  {
    invariant: 'I5 payout is booked',
    sql: (_life, world) => `
      insert into settlements (bucket, merchant_id, id, rail, business_date, reference, source,
          currency, amount_minor, state)
        values (0, '${uuid(world.merchant)}', '${toUuid(PAYOUT(world))}', 'a-rail', ${DATE}, 'P1',
                'statement', 'CNY', 5, 'sent');`,
    id: (_life, world) => PAYOUT(world),
  },
];
