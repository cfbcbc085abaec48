import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { bucketOf, type Notice, toUuid, type Violation } from '@daikou/core';
import { BROKEN_ARREARS } from '../../../../test/kit/broken-arrears.ts';
import {
  another,
  BROKEN_BILLING,
  type Broken,
  change,
  copyRow,
  couponOf,
  uuid,
} from '../../../../test/kit/broken-billing.ts';
import { BROKEN_HAND_PAYMENTS } from '../../../../test/kit/broken-hand-payments.ts';
import { BROKEN_NOTICES } from '../../../../test/kit/broken-notices.ts';
import { BROKEN_RECONCILIATION } from '../../../../test/kit/broken-reconciliation.ts';
import { BROKEN_REFUNDS } from '../../../../test/kit/broken-refunds.ts';
import { BROKEN_USAGE } from '../../../../test/kit/broken-usage.ts';
import { type Life, newId, TODAY } from '../../../../test/kit/life.ts';
import { BACKENDS, type FreshStore } from '../../../../test/kit/stores.ts';
import { newTenant, saveLife, type World } from '../../../../test/kit/world.ts';
import { CHECKS } from './find-violations.ts';

/** What stops our rows from breaking, taken away in one database to try the doctor. */
const LOOSEN = `
  alter table invoices drop constraint invoices_net_and_tax_make_total;
  alter table invoice_lines drop constraint invoice_lines_net_and_tax_make_amount;
  alter table attempts drop constraint attempts_end_has_its_time;
  alter table attempts drop constraint attempts_refused_says_why;
  alter table payments drop constraint payments_once_per_debit;
  alter table payments drop constraint payments_once_per_attempt;
  drop index attempts_one_open_per_debit;
  drop index attempts_one_success_per_debit;
  drop index invoices_bill_once;
  alter table invoice_lines drop constraint invoice_lines_discount_comes_off;
  alter table invoices drop constraint invoices_taken_off_is_within_total;
  alter table pending_lines drop constraint pending_lines_billed_names_its_invoice;
  drop index debit_invoices_one_debit_holds;
  drop index refunds_one_open_per_order;
  drop index credit_grants_reference_once;
  alter table refunds drop constraint refunds_number_once;
  alter table price_change_consents
    drop constraint price_change_consents_rise_needs_consent;
`;

const BROKEN: readonly Broken[] = [
  {
    invariant: 'I12 end is under way',
    sql: ({ mandate }) => change('mandates', mandate, "state = 'ending'"),
    id: ({ mandate }) => mandate.id,
  },
  {
    invariant: 'I12 nothing after the wish to end',
    sql: ({ mandate }) => `insert into mandate_ends
      (bucket, merchant_id, mandate_id, customer_id, asked_by, remark, asked_at, tries)
      select bucket, merchant_id, id, customer_id, 'customer', 'X', '2000-01-01', 1
        from mandates where id = '${uuid(mandate)}';`,
    id: ({ attempt }) => attempt.id,
  },
  {
    invariant: 'I1 one success',
    sql: ({ attempt }) =>
      copyRow('attempts', { id: uuid(attempt) }, { id: another(attempt), order_number: "'X'" }),
    id: ({ debit }) => debit.id,
    also: ['I1 success is booked'],
  },
  {
    invariant: 'I1 one payment',
    sql: ({ payment, attempt }) =>
      copyRow('payments', { id: uuid(payment) }, { id: another(attempt) }),
    id: ({ debit }) => debit.id,
    also: ['I1 one payment per invoice', 'I5 payment is booked'],
  },
  {
    invariant: 'I1 success is booked',
    sql: ({ payment }) => `delete from payments where id = '${uuid(payment)}';`,
    id: ({ attempt }) => attempt.id,
    also: ['I1 success is paid', 'I1 paid invoice has its payment'],
  },
  {
    invariant: 'I1 payment has its success',
    sql: ({ debit }) => change('debits', debit, "state = 'canceled'"),
    id: ({ payment }) => payment.id,
    also: ['I1 one debit holds an invoice'],
  },
  {
    invariant: 'I1 success is paid',
    sql: ({ payment }) => `delete from payments where id = '${uuid(payment)}';`,
    id: ({ debit }) => debit.id,
    also: ['I1 success is booked', 'I1 paid invoice has its payment'],
  },
  {
    invariant: 'I1 paid invoice has its payment',
    sql: ({ payment }) => `delete from payments where id = '${uuid(payment)}';`,
    id: ({ invoice }) => invoice.id,
    also: ['I1 success is booked', 'I1 success is paid'],
  },
  {
    invariant: 'I1 payment pays its invoices',
    sql: ({ invoice }) => change('invoices', invoice, "state = 'open', paid_at = null"),
    id: ({ payment }) => payment.id,
    also: ['I5 receivables are the open invoices'],
  },
  {
    invariant: 'I1 one payment per invoice',
    sql: ({ payment, attempt }) =>
      copyRow('payments', { id: uuid(payment) }, { id: another(attempt) }),
    id: ({ invoice }) => invoice.id,
    also: ['I1 one payment', 'I5 payment is booked'],
  },
  {
    invariant: 'I1 one debit holds an invoice',
    sql: ({ debit }) =>
      `update debit_invoices set holds = false where debit_id = '${uuid(debit)}';`,
    id: ({ debit }) => debit.id,
  },
  {
    invariant: 'I2 intent first',
    sql: ({ attempt }) =>
      change('attempts', attempt, "ended_at = submitted_at - interval '1 hour'"),
    id: ({ attempt }) => attempt.id,
  },
  {
    invariant: 'I2 payment has its attempt',
    sql: ({ attempt }) => `delete from attempts where id = '${uuid(attempt)}';`,
    id: ({ payment }) => payment.id,
    also: ['I1 payment has its success'],
  },
  {
    invariant: 'I3 unknown is not failed',
    sql: ({ debit, attempt }) =>
      change('debits', debit, "state = 'failed'") +
      change('attempts', attempt, "state = 'unknown', ended_at = null"),
    id: ({ debit }) => debit.id,
    also: ['I1 payment has its success', 'I1 one debit holds an invoice'],
  },
  {
    invariant: 'I3 one open attempt',
    sql: ({ attempt }) =>
      ["'X'", "'Y'"]
        .map((number) =>
          copyRow(
            'attempts',
            { id: uuid(attempt) },
            {
              id: another(attempt),
              order_number: number,
              state: "'unknown'",
              ended_at: 'null',
            },
          ),
        )
        .join(''),
    id: ({ debit }) => debit.id,
  },
  {
    invariant: 'I4 end has its time',
    sql: ({ attempt }) => change('attempts', attempt, 'ended_at = null'),
    id: ({ attempt }) => attempt.id,
  },
  {
    invariant: 'I4 refusal says why',
    sql: ({ attempt }) =>
      change(
        'attempts',
        attempt,
        "refusal_class = 'funds', refusal_code = 'X', refusal_message = 'X'",
      ),
    id: ({ attempt }) => attempt.id,
  },
  {
    invariant: 'I5 journal sums to zero',
    sql: ({ invoiceJournal }) =>
      `update entries set minor = minor - 1 where journal_id = '${uuid(invoiceJournal)}'
         and account = '2205';`,
    id: ({ invoiceJournal }) => invoiceJournal.id,
  },
  {
    invariant: 'I5 payment is booked',
    sql: ({ paymentJournal }) =>
      `delete from entries where journal_id = '${uuid(paymentJournal)}';
       delete from journals where id = '${uuid(paymentJournal)}';`,
    id: ({ payment }) => payment.id,
    also: ['I5 receivables are the open invoices'],
  },
  {
    invariant: 'I5 invoice is booked',
    sql: ({ invoiceJournal }) =>
      `delete from entries where journal_id = '${uuid(invoiceJournal)}';
       delete from journals where id = '${uuid(invoiceJournal)}';`,
    id: ({ invoice }) => invoice.id,
    also: ['I5 receivables are the open invoices'],
  },
  {
    invariant: 'I5 receivables are the open invoices',
    sql: ({ invoiceJournal }) =>
      `update entries set account = '9999' where journal_id = '${uuid(invoiceJournal)}'
         and account = '1122';`,
    id: (_life, { merchant }) => merchant.id,
  },
  {
    invariant: 'I5 bill is whole',
    sql: (_life, world) => insertBill(world, { rowCount: 2 }),
    id: (_life, world) => billOf(world),
    also: ['I5 payment is in the bill or a break'],
  },
  {
    invariant: 'I5 bill line is matched or a break',
    sql: (_life, world) => insertBill(world, { rowCount: 1 }) + insertLine(world, "'NOT-OURS'"),
    id: (_life, world) => billOf(world),
    also: ['I5 payment is in the bill or a break', 'I10 bill counts its lines'],
  },
  {
    invariant: 'I5 payment is in the bill or a break',
    sql: (_life, world) => insertBill(world, { rowCount: 0 }),
    id: ({ payment }) => payment.id,
  },
  {
    invariant: 'I7 delivered notice',
    sql: ({ notice }) => change('notices', notice, "collect_date = '2026-03-02'"),
    id: ({ attempt }) => attempt.id,
  },
  {
    invariant: 'I7 amount and cap',
    sql: ({ mandate }) => change('mandates', mandate, 'single_cap_minor = 1'),
    id: ({ attempt }) => attempt.id,
  },
  {
    invariant: 'I7 active mandate',
    sql: ({ mandate }) =>
      change('mandates', mandate, "state = 'ended', ended_at = '2026-02-01T00:00:00Z'"),
    id: ({ attempt }) => attempt.id,
  },
  {
    invariant: 'I7 legal notice',
    sql: ({ notice }) => change('notices', notice, 'delivered_at = collect_date - 4'),
    id: ({ attempt }) => attempt.id,
  },
  {
    invariant: 'I7 announced window',
    sql: ({ notice }) =>
      copyRow(
        'notices',
        { id: uuid(notice) },
        {
          id: another(notice),
          purpose: "'rail'",
          channel: "'rail'",
          window_from: "'2026-02-01'",
          window_until: "'2026-02-07'",
        },
      ),
    id: ({ attempt }) => attempt.id,
  },
  {
    invariant: 'I9 one invoice per period',
    sql: ({ invoice }) =>
      copyRow(
        'invoices',
        { id: uuid(invoice) },
        {
          id: another(invoice),
          number: "'X'",
          state: "'draft'",
          issued_at: 'null',
          paid_at: 'null',
          total_minor: '0',
          net_minor: '0',
          tax_minor: '0',
        },
      ),
    id: ({ subscription }) => subscription.id,
  },
  {
    invariant: 'I9 invoice is the sum of its lines',
    sql: ({ invoice }) =>
      `delete from invoice_lines where invoice_id = '${uuid(invoice)}' and position = 2;`,
    id: ({ invoice }) => invoice.id,
  },
  {
    invariant: 'I9 net and tax make the amount',
    sql: ({ invoice }) =>
      `update invoice_lines set net_minor = net_minor + 1
         where invoice_id = '${uuid(invoice)}' and position = 1;` +
      change('invoices', invoice, 'net_minor = net_minor + 1'),
    id: ({ invoice }) => invoice.id,
  },
  {
    invariant: 'I9 billed periods are behind the subscription',
    sql: ({ subscription }) => change('subscriptions', subscription, 'billed_through = anchor'),
    id: ({ subscription }) => subscription.id,
  },
  ...BROKEN_BILLING,
  ...BROKEN_USAGE,
  ...BROKEN_REFUNDS,
  ...BROKEN_ARREARS,
  ...BROKEN_HAND_PAYMENTS,
  ...BROKEN_NOTICES,
  ...BROKEN_RECONCILIATION,
  {
    invariant: 'I10 bill counts its lines',
    sql: (_life, world) =>
      `insert into rail_bills values ('${uuid(world.merchant)}', '${toUuid(billOf(world))}',
        'a-rail', '2026-01-01', 'hash', 'matched', 0, 1, 0, 'CNY', 0, 0, now(), 0, 1);`,
    id: (_life, world) => billOf(world),
  },
  {
    invariant: 'I10 debit is the sum of its invoices',
    sql: ({ debit }) => `delete from debit_invoices where debit_id = '${uuid(debit)}';`,
    id: ({ debit }) => debit.id,
    also: ['I1 payment pays its invoices', 'I1 paid invoice has its payment'],
  },
  {
    invariant: 'I14 bucket and tenant',
    sql: ({ notice }) => change('notices', notice, 'bucket = (bucket + 1) % 1024'),
    id: ({ notice }) => notice.id,
    also: ['I7 delivered notice', 'I7 legal notice'],
  },
  {
    invariant: 'I14 payer is an organisation',
    sql: ({ customer }) => change('customers', customer, "kind = 'member', payer_id = id"),
    id: ({ customer }) => customer.id,
    also: ['I14 departments never pay'],
  },
  {
    invariant: 'I14 departments never pay',
    sql: ({ customer }) => change('customers', customer, "kind = 'member', payer_id = id"),
    id: ({ customer }) => customer.id,
    also: ['I14 payer is an organisation'],
  },
  {
    invariant: 'I14 beneficiary belongs to the payer',
    sql: ({ subscription }) =>
      change('subscriptions', subscription, 'beneficiary_id = customer_id'),
    id: ({ subscription }) => subscription.id,
  },
  {
    invariant: 'I9 transfer has two sides',
    sql: ({ subscription }) => insertTransfer(subscription, 'from'),
    id: ({ subscription }) => subscription.id,
  },
  {
    invariant: 'I9 a day has one payer',
    sql: ({ subscription }) => insertTransfer(subscription, 'to'),
    id: ({ subscription }) => subscription.id,
    also: ['I9 transfer has two sides'],
  },
  {
    invariant: 'I7 rise has consent',
    sql: (life) => insertConsent(life, { outcome: 'applied', to: newId('prv') }),
    id: ({ subscription }) => subscription.id,
  },
  {
    invariant: 'I7 rise is billed with consent',
    sql: (life) => {
      const [line] = life.invoice.lines;
      return insertConsent(life, { outcome: 'waiting', to: line?.priceVersionId ?? newId('prv') });
    },
    id: ({ invoice }) => invoice.id,
  },
  {
    invariant: 'I18 gap-free sequence',
    sql: ({ customer }) =>
      `delete from events where customer_id = '${uuid(customer)}' and sequence = 1;`,
    id: ({ customer }) => customer.id,
  },
];

/** One side of a transfer, whose other side is nowhere. */
function insertTransfer(subscription: Life['subscription'], direction: 'from' | 'to'): string {
  return `insert into subscription_transfers
    select bucket, merchant_id, id, '${direction}', '${toUuid(newId('sub'))}', customer_id,
           '${toUuid(newId('cus'))}', '${TODAY.toString()}', false, now()
      from subscriptions where id = '${uuid(subscription)}';`;
}

/** A rise, of which the consumer of this subscription was told and said nothing. */
function insertConsent(
  { subscription }: Life,
  { outcome, to }: { readonly outcome: string; readonly to: string },
): string {
  const change = toUuid(newId('pch'));
  const steps = JSON.stringify([{ from: newId('prv'), to }]);
  const decidedAt = outcome === 'waiting' ? 'null' : 'now()';
  return `insert into price_changes (merchant_id, id, state, steps, effective_on, audience,
                               fallback, notice_days, reason, created_at, published_at)
    values ('${uuid({ id: subscription.merchantId })}', '${change}', 'published', '${steps}',
            '${TODAY.toString()}', 'consumer', '{"type":"leave_without_penalty"}', 30, 'why',
            now(), now());
    insert into price_change_consents (bucket, merchant_id, price_change_id, subscription_id,
        customer_id, audience, direction, currency, before_minor, after_minor, notice_due_at,
        answer, outcome, decided_at, created_at)
    select bucket, merchant_id, '${change}', id, customer_id, 'consumer', 'rise', 'CNY', 1, 2,
           now(), 'silent', '${outcome}', ${decidedAt}, now()
      from subscriptions where id = '${uuid(subscription)}';`;
}

const bills = new WeakMap<World, `bil_${string}`>();

function billOf(world: World): `bil_${string}` {
  const known = bills.get(world) ?? newId('bil');
  bills.set(world, known);
  return known;
}

function insertBill(world: World, { rowCount }: { readonly rowCount: number }): string {
  return `insert into rail_bills values ('${uuid(world.merchant)}', '${toUuid(billOf(world))}',
    'a-rail', '${TODAY.toString()}', 'hash', 'matched', ${rowCount}, 0, 0, 'CNY', 0, 0,
    now(), 0, 1);`;
}

function insertLine(world: World, orderNumber: string): string {
  return `insert into rail_bill_lines values (0, '${uuid(world.merchant)}',
    '${toUuid(billOf(world))}', 1, 'payment', ${orderNumber}, 'R', 'CNY', 100, 'CNY', 0, now(),
    null, false);`;
}

for (const backend of BACKENDS) {
  describe(`doctor on ${backend.name}`, () => {
    const databases = backend.databases();
    let store: FreshStore;
    before(async () => {
      store = await databases.fresh();
      await store.superSql(LOOSEN);
    });
    const look = async (): Promise<readonly Violation[]> => await store.findViolations(1_000);
    const keyOf = ({ invariant, id }: Pick<Violation, 'invariant' | 'id'>) => `${invariant} ${id}`;
    /** What the tests before have broken: a look costs much, so it is not taken twice. */
    const known = new Set<string>();

    test('every check has a case that breaks it', () => {
      const checks = new Set(CHECKS.map(({ invariant }) => invariant));
      assert.deepEqual(new Set(BROKEN.map(({ invariant }) => invariant)), checks);
    });

    test('a renewal that went well breaks nothing', async () => {
      const world = await newTenant(store);
      const { notice, customer } = await saveLife(world);
      // A reminder that was stopped in the night, as its arrears were paid before the morning.
      const stopped: Notice = {
        id: newId('not', bucketOf(customer.id)),
        merchantId: customer.merchantId,
        customerId: customer.id,
        channel: 'mail',
        locale: customer.locale,
        state: 'failed',
        failureCode: 'case_ended',
        purpose: 'overdue',
        subjectId: customer.id,
        templateKey: 'overdue_friendly',
        variables: {},
        dueAt: notice.dueAt,
        createdAt: notice.createdAt,
      };
      await store.transact(world.merchant.id, (tx) => tx.save({ notices: [stopped] }));
      assert.deepEqual(await look(), []);
    });

    /** A renewal of a new merchant, broken in one way. */
    const breakOne = async ({ save, sql }: Broken, beforeBreak = async () => {}) => {
      const world = await newTenant(store);
      const life = await saveLife(world);
      if (save !== undefined) {
        await store.transact(world.merchant.id, async (tx) => {
          await tx.addCoupons([couponOf(world)]);
          await tx.save(save(life, world));
        });
        await beforeBreak();
      }
      await store.superSql(`set session_replication_role = replica; ${sql(life, world)}`);
      return { world, life };
    };

    // The statements are the same on both, and slow where they run in WebAssembly: alone and with
    // what else each breaks on the one, all at once on the other.
    if (backend.name === 'PGlite') {
      test('everything that can break is broken at once, and each row is named', async () => {
        const expected: string[] = [];
        for (const broken of BROKEN) {
          const { world, life } = await breakOne(broken);
          expected.push(keyOf({ invariant: broken.invariant, id: broken.id(life, world) }));
        }
        const found = await look();
        const named = new Set(found.map(keyOf));
        assert.deepEqual(
          expected.filter((key) => !named.has(key)),
          [],
        );
        for (const { sentence } of found) assert.match(sentence, /^[A-Z].*\.$/);
      });
    }

    for (const broken of backend.name === 'PostgreSQL' ? BROKEN : []) {
      test(`it names the row that breaks ${broken.invariant}`, async () => {
        const { world, life } = await breakOne(broken, async () => {
          for (const violation of await look()) known.add(keyOf(violation));
        });
        const found = (await look()).filter((violation) => !known.has(keyOf(violation)));
        for (const violation of found) known.add(keyOf(violation));
        const named = found.filter(({ invariant }) => invariant === broken.invariant);
        assert.deepEqual(
          named.map((violation) => violation.id),
          [broken.id(life, world)],
        );
        assert.match(named[0]?.sentence ?? '', /^[A-Z].*\.$/);
        const others = found.filter(({ invariant }) => invariant !== broken.invariant);
        assert.deepEqual(
          new Set(others.map(({ invariant }) => invariant)),
          new Set(broken.also ?? []),
        );
      });
    }

    test('it names at most the rows that were asked for, per check', async () => {
      const found = await store.findViolations(1);
      const counts = Map.groupBy(found, ({ invariant, table }) => `${invariant} ${table}`);
      for (const [check, violations] of counts) assert.equal(violations.length, 1, check);
    });
  });
}
