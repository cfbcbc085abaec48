import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  type Attempt,
  bucketOf,
  type Changes,
  type Debit,
  type Invoice,
  type Notice,
  toOrderNumber,
  toUuid,
} from '@daikou/core';
import {
  aCoupon,
  cny,
  grantOf,
  noteOf,
  pendingOf,
  redemptionOf,
} from '../../../test/kit/credits.ts';
import {
  type Life,
  NOW,
  newAttempt,
  newDebit,
  newId,
  newInvoice,
  newInvoiceJournal,
  newLife,
  newNotice,
  newPayment,
  openAttempt,
  TODAY,
} from '../../../test/kit/life.ts';
import { BACKENDS } from '../../../test/kit/stores.ts';
import { saveLife, tenantsOf, type World } from '../../../test/kit/world.ts';

type Refused = {
  readonly name: string;
  readonly by: RegExp;
  /** Saved before, because the schema lets it pass. */
  readonly before?: (life: Life, world: World) => Changes;
  readonly save: (life: Life, world: World) => Changes;
};

/** Another invoice of the same subscription, for the next period. */
function nextInvoice(life: Life, { catalog }: World) {
  const invoice = newInvoice(life.subscription, { lines: 1, catalog });
  const period = { start: TODAY.add({ months: 1 }), end: TODAY.add({ months: 2 }) };
  return { ...invoice, period, billingKey: 'period:2026-04-01' };
}

function ended(life: Life, state: Attempt['state'], ordinal = 2): Attempt {
  const { railReference: _reference, ...attempt } = newAttempt(life.debit, ordinal);
  const refusal = { class: 'funds', code: 'NOTENOUGH', message: '余额不足' } as const;
  return { ...attempt, state, ...(state === 'refused' ? { refusal } : {}) };
}

const REFUSED: readonly Refused[] = [
  {
    name: 'I9 a second invoice for a period',
    by: /invoices_bill_once/,
    save: (life, { catalog }) => ({
      invoices: [newInvoice(life.subscription, { lines: 1, catalog })],
    }),
  },
  {
    name: 'I9 an invoice number twice',
    by: /invoices_number_once/,
    save: (life, world) => ({
      invoices: [{ ...nextInvoice(life, world), number: life.invoice.number }],
    }),
  },
  {
    name: 'an invoice whose net and tax are not its total',
    by: /invoices_net_and_tax_make_total/,
    save: ({ invoice }) => ({ invoices: [{ ...invoice, total: cny(invoice.total.minor + 1n) }] }),
  },
  {
    name: 'a paid invoice that was never issued',
    by: /invoices_open_is_issued/,
    save: ({ invoice: { issuedAt: _issuedAt, ...invoice } }) => ({ invoices: [invoice] }),
  },
  {
    name: 'a paid invoice without its time',
    by: /invoices_paid_has_its_time/,
    save: ({ invoice: { paidAt: _paidAt, ...invoice } }) => ({ invoices: [invoice] }),
  },
  {
    name: 'a line whose net and tax are not its amount',
    by: /invoice_lines_net_and_tax_make_amount/,
    save: ({ invoice }) => ({
      invoices: [{ ...invoice, lines: invoice.lines.map((line) => ({ ...line, tax: cny(0n) })) }],
    }),
  },
  {
    name: 'I1 an invoice in a second debit',
    by: /debit_invoices_one_debit_holds/,
    save: ({ mandate, invoice }) => ({
      debits: [{ ...newDebit(mandate, invoice), state: 'scheduled' }],
    }),
  },
  {
    name: 'I3 two open attempts of a debit',
    by: /attempts_one_open_per_debit/,
    before: ({ debit }) => ({ attempts: [openAttempt(debit, 2)] }),
    save: ({ debit }) => ({ attempts: [openAttempt(debit, 3)] }),
  },
  {
    name: 'I1 a second success of a debit',
    by: /attempts_one_success_per_debit/,
    save: ({ debit }) => ({ attempts: [newAttempt(debit, 2)] }),
  },
  {
    name: 'I1 an order number twice',
    by: /attempts_order_number_once/,
    save: ({ debit }) => ({
      attempts: [{ ...openAttempt(debit, 2), orderNumber: toOrderNumber(debit.id, 1) }],
    }),
  },
  {
    name: 'I1 a second payment of a debit',
    by: /payments_once_per_debit/,
    before: (life) => ({ attempts: [ended(life, 'closed')] }),
    save: (life) => ({
      payments: [newPayment({ ...life.attempt, id: newId('att', bucketOf(life.debit.id)) })],
    }),
  },
  {
    name: 'I7 an attempt over the amount of its debit',
    by: /attempts_have_authority/,
    save: ({ debit }) => ({
      attempts: [{ ...openAttempt(debit, 2), amount: cny(debit.amount.minor + 1n) }],
    }),
  },
  {
    name: 'I7 an attempt over the cap of its mandate',
    by: /attempts_have_authority/,
    before: ({ mandate }) => ({ mandates: [{ ...mandate, singleCap: cny(1n) }] }),
    save: ({ debit }) => ({ attempts: [openAttempt(debit, 2)] }),
  },
  {
    name: 'I7 an attempt on a mandate that has ended',
    by: /attempts_have_authority/,
    before: ({ mandate }) => ({
      mandates: [{ ...mandate, state: 'ended', endedAt: NOW, endedBy: 'customer' }],
    }),
    save: ({ debit }) => ({ attempts: [openAttempt(debit, 2)] }),
  },
  {
    name: 'I4 an ended attempt that is opened again',
    by: /has ended as succeeded and cannot become submitting/,
    save: ({ debit, attempt }) => ({ attempts: [{ ...openAttempt(debit), id: attempt.id }] }),
  },
  {
    name: 'I4 a success that is taken back',
    by: /has ended as succeeded/,
    save: ({ attempt }) => ({
      attempts: [
        { ...attempt, state: 'refused', refusal: { class: 'funds', code: 'X', message: 'X' } },
      ],
    }),
  },
  {
    name: 'I4 an amount that changes after the intent',
    by: /what attempt .* asked of the rail cannot change/,
    save: ({ attempt }) => ({ attempts: [{ ...attempt, amount: cny(1n) }] }),
  },
  {
    name: 'I4 an open attempt with an end',
    by: /attempts_end_has_its_time/,
    save: ({ debit }) => ({ attempts: [{ ...openAttempt(debit, 2), endedAt: NOW }] }),
  },
  {
    name: 'I4 a refused attempt without a reason',
    by: /attempts_refused_says_why/,
    save: (life) => {
      const { refusal: _refusal, ...attempt } = ended(life, 'refused');
      return { attempts: [attempt] };
    },
  },
  {
    name: 'an active mandate that was never signed',
    by: /mandates_active_is_signed/,
    save: ({ mandate: { signedAt: _signedAt, ...mandate } }) => ({ mandates: [mandate] }),
  },
  {
    name: 'a contract code twice',
    by: /mandates_contract_code_once/,
    save: ({ mandate }) => ({
      mandates: [{ ...mandate, id: newId('man', bucketOf(mandate.id)) }],
    }),
  },
  {
    name: 'a delivered notice without its time',
    by: /notices_delivered_has_its_time/,
    save: ({ notice: { deliveredAt: _deliveredAt, ...notice } }) => ({ notices: [notice] }),
  },
  {
    name: 'I7 a notice that gates a debit and is about nothing',
    by: /notices_gate_names_its_debit/,
    save: ({ notice: { debitId: _d, amount: _a, collectDate: _c, ...row } }) => ({
      notices: [row as unknown as Notice],
    }),
  },
  {
    name: 'I7 a message without its template',
    by: /notices_message_is_about_something/,
    save: ({ notice: { debitId, amount: _a, collectDate: _c, ...row } }) => {
      const message = { ...row, purpose: 'overdue', subjectId: debitId };
      return { notices: [message as unknown as Notice] };
    },
  },
  {
    name: 'I7 a message that two others follow',
    by: /notices_followed_once/,
    save: ({ notice, debit }) => ({
      notices: [newNotice(debit), newNotice(debit)].map((one) => ({
        ...one,
        followsId: notice.id,
      })),
    }),
  },
  {
    name: 'an invoice that takes off more than its total',
    by: /invoices_taken_off_is_within_total/,
    save: ({ invoice }) => ({
      invoices: [{ ...invoice, balanceApplied: invoice.total, credited: cny(1n) }],
    }),
  },
  {
    name: 'a line whose discount does not come off',
    by: /invoice_lines_discount_comes_off/,
    save: ({ invoice }) => ({
      invoices: [
        { ...invoice, lines: invoice.lines.map((line) => ({ ...line, discount: cny(1n) })) },
      ],
    }),
  },
  {
    name: 'a line that was billed without its invoice',
    by: /pending_lines_billed_names_its_invoice/,
    save: (life) => ({ pendingLines: [pendingOf(life, { state: 'billed' })] }),
  },
  {
    name: 'I10 a credit beyond what the line billed',
    by: /credit_note_lines_within_invoice_line/,
    before: (life) => ({ creditNotes: [noteOf(life)] }),
    save: (life) => {
      const [line] = noteOf(life).lines;
      assert.ok(line !== undefined);
      const one = { ...line, amount: cny(1n), net: cny(1n), tax: cny(0n) };
      return { creditNotes: [noteOf(life, { lines: [one] })] };
    },
  },
  {
    name: 'I10 two credits of one save beyond what the line billed',
    by: /credit_note_lines_within_invoice_line/,
    save: (life) => ({ creditNotes: [noteOf(life), noteOf(life)] }),
  },
  {
    name: 'I10 a grant with more left than it gave',
    by: /credit_grants_left_is_within_amount/,
    save: (life) => ({ creditGrants: [grantOf(life, { left: cny(1_001n) })] }),
  },
  {
    name: 'I10 a grant that is overdrawn',
    by: /credit_grants_left_is_within_amount/,
    save: (life) => ({ creditGrants: [grantOf(life, { left: cny(-1n) })] }),
  },
  {
    name: 'two grants of one reference for one customer',
    by: /credit_grants_reference_once/,
    before: (life) => ({ creditGrants: [grantOf(life, { reference: 'BANK-1' })] }),
    save: (life) => ({ creditGrants: [grantOf(life, { reference: 'BANK-1' })] }),
  },
  {
    name: 'a grant of an empty reference',
    by: /credit_grants_reference_is_not_empty/,
    save: (life) => ({ creditGrants: [grantOf(life, { reference: '' })] }),
  },
  {
    name: 'money for the balance without its grant',
    by: /credit_notes_balance_has_its_grant/,
    save: (life) => ({ creditNotes: [noteOf(life, { disposition: 'to_balance' })] }),
  },
  {
    name: 'a subscription that is parked without a reason',
    by: /subscriptions_parked_says_why/,
    save: ({ subscription }) => ({ subscriptions: [{ ...subscription, state: 'parked' }] }),
  },
  {
    name: 'a subscription that ends before it starts',
    by: /subscriptions_end_after_start/,
    save: ({ subscription }) => ({
      subscriptions: [{ ...subscription, endsOn: subscription.startsOn.subtract({ days: 1 }) }],
    }),
  },
  {
    name: 'I5 a journal that does not sum to zero',
    by: /entries_sum_to_zero|and not to zero/,
    save: (life, world) => {
      const journal = newInvoiceJournal(nextInvoice(life, world));
      const [first, ...rest] = journal.entries;
      assert.ok(first !== undefined);
      return {
        journals: [{ ...journal, entries: [{ ...first, minor: first.minor + 1n }, ...rest] }],
      };
    },
  },
  {
    name: 'I5 a fact that is booked twice',
    by: /journals_once_per_source/,
    save: ({ invoice }) => ({ journals: [newInvoiceJournal(invoice)] }),
  },
];

for (const backend of BACKENDS) {
  describe(`constraints on ${backend.name}`, () => {
    const newWorld = tenantsOf(backend.databases());

    for (const { name, by, before, save } of REFUSED) {
      test(`the database refuses ${name}`, async () => {
        const world = await newWorld();
        const life = await saveLife(world);
        const write = (changes: Changes) =>
          world.store.transact(world.merchant.id, (tx) => tx.save(changes));
        if (before !== undefined) await write(before(life, world));
        await assert.rejects(write(save(life, world)), (error) => {
          assert.match(textOf(error), by);
          return true;
        });
      });
    }

    test('the database refuses a coupon that a subscription holds already', async () => {
      const world = await newWorld();
      const life = await saveLife(world);
      const coupon = aCoupon();
      await assert.rejects(
        world.store.transact(world.merchant.id, async (tx) => {
          await tx.addCoupons([coupon]);
          const redemptions = [redemptionOf(life, coupon), redemptionOf(life, coupon)];
          await tx.save({ redemptions });
        }),
        /redemptions_once_at_a_time/,
      );
    });

    test('I4 money that arrives after an end is a late success', async () => {
      const world = await newWorld();
      const life = await saveLife(world);
      for (const [index, state] of (['refused', 'closed', 'never_sent'] as const).entries()) {
        const attempt = ended(life, state, index + 2);
        await world.store.transact(world.merchant.id, async (tx) => {
          await tx.save({ attempts: [attempt] });
          await tx.save({ attempts: [{ ...attempt, state: 'late_success' }] });
        });
      }
    });

    test('a number that the rail never saw is sent again in the same row', async () => {
      const world = await newWorld();
      const life = await saveLife(world);
      const again = { ...openAttempt(life.debit, 2), id: newId('att', bucketOf(life.debit.id)) };
      await world.store.transact(world.merchant.id, async (tx) => {
        await tx.save({ attempts: [{ ...ended(life, 'never_sent'), id: again.id }] });
        await tx.save({ attempts: [again] });
      });
    });

    test('one save hands over a period, an invoice and a debit, in whatever order', async () => {
      const world = await newWorld();
      const made = newLife(world.merchant.id, { catalog: world.catalog });
      const { paidAt: _paidAt, ...paid } = made.invoice;
      const invoice: Invoice = { ...paid, state: 'open' };
      const debit: Debit = { ...made.debit, state: 'in_flight' };
      const first = openAttempt(debit);
      const save = (changes: Changes) =>
        world.store.transact(world.merchant.id, (tx) => tx.save(changes));
      await world.store.transact(world.merchant.id, (tx) => tx.insertNewCustomers([made.customer]));
      await save({
        subscriptions: [made.subscription],
        mandates: [made.mandate],
        invoices: [invoice],
        debits: [debit],
        attempts: [first],
      });

      await save({
        attempts: [openAttempt(debit, 2), { ...ended(made, 'refused', 1), id: first.id }],
      });
      const next: Debit = { ...newDebit(made.mandate, invoice), state: 'scheduled' };
      await save({ debits: [next, { ...debit, state: 'canceled' }] });
      const correction = newInvoice(made.subscription, { lines: 1, catalog: world.catalog });
      await save({ invoices: [correction, { ...invoice, state: 'void' }] });

      const found = await world.store.transact(world.merchant.id, (tx) =>
        tx.findDebitsOfInvoices([invoice.id]),
      );
      assert.deepEqual(
        found.map(({ id, state }) => [id, state]),
        [
          [debit.id, 'canceled'],
          [next.id, 'scheduled'],
        ],
      );
    });

    test('a closed journal takes no further entries', async () => {
      const world = await newWorld();
      await saveLife(world);
      await assert.rejects(
        world.store.rawSql(`
        insert into entries
        select bucket, merchant_id, id, unnest(array[4, 5]), '1122', unnest(array[5, -5])
          from journals where merchant_id = '${toUuid(world.merchant.id)}'`),
        /not given all its entries at once/,
      );
    });
  });
}

function textOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const constraint = 'constraint' in error ? String(error.constraint) : '';
  return `${constraint} ${error.message}`;
}
