import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { aLine, anInvoice, at, countingIds, day, PRICE } from '../../../../test/kit/builders.ts';
import { sumEntries } from '../ledger/balances.ts';
import { CHINA_CHART } from '../ledger/chart.ts';
import type { Entry } from '../ledger/journal.ts';
import { postInvoiceIssued } from '../ledger/templates.ts';
import { type Money, money, sum } from '../money/money.ts';
import { ratio } from '../money/ratio.ts';
import { present } from '../result/invariant.ts';
import { type CreditRequest, decideCreditNote } from './credit.ts';
import type { CreditTake } from './credit-lines.ts';
import type { CreditNote } from './credit-note.ts';
import { amountDue, type Invoice, type InvoiceLine } from './invoice.ts';
import { splitTax } from './tax.ts';

const IDS = countingIds(9_000);
const CONTEXT = { now: at('2026-03-07 10:00'), businessDate: day('2026-03-07'), ids: IDS };
const cny = (minor: bigint): Money => money(minor, 'CNY');

const whole = (position: number) => ({ position, take: { type: 'whole' } as const });
const some = (position: number, minor: bigint) => ({
  position,
  take: { type: 'amount', amount: cny(minor) } as const,
});
const units = (position: number, count: bigint, of = 1n) => ({
  position,
  take: { type: 'units', units: ratio(count, of) } as const,
});

/** An open invoice of lines of these amounts (分), tax inside. */
function invoiceOfLines(amounts: readonly bigint[], changes: Partial<Invoice> = {}): Invoice {
  const lines = amounts.map((minor, index): InvoiceLine => {
    const amount = cny(minor);
    const taxed = splitTax(amount, 600n);
    return aLine({ position: index + 1, amount, subtotal: amount, quantity: ratio(3n), ...taxed });
  });
  const total = (read: (line: InvoiceLine) => Money) => sum(lines.map(read), 'CNY');
  return anInvoice({
    lines,
    total: total(({ amount }) => amount),
    net: total(({ net }) => net),
    tax: total(({ tax }) => tax),
    ...changes,
  });
}

function credit(
  invoice: Invoice,
  lines: CreditRequest['lines'],
  more: {
    readonly notes?: readonly CreditNote[];
    readonly disposition?: CreditRequest['disposition'];
    readonly isDebitInFlight?: boolean;
  } = {},
) {
  const { disposition, notes = [], isDebitInFlight = false } = more;
  return decideCreditNote(
    invoice,
    {
      lines,
      reason: 'billed_in_error',
      ...(disposition === undefined ? {} : { disposition }),
    },
    { facts: { notes, isDebitInFlight }, context: CONTEXT },
  );
}

function made(result: ReturnType<typeof credit>) {
  assert.ok(result.ok, result.ok ? '' : result.refusal.code);
  return result.value;
}

describe('crediting an invoice that is not paid', () => {
  test('a part of a line lowers what is due, net and tax as billed', () => {
    const { invoice, notes, grants, events } = made(credit(anInvoice(), [some(1, 1_060n)]));
    assert.equal(invoice.state, 'open');
    assert.equal(amountDue(invoice).minor, PRICE.minor - 1_060n);
    const [note, ...others] = notes;
    assert.equal(others.length, 0);
    assert.equal(note?.disposition, 'reduce_due');
    assert.deepEqual([note?.total.minor, note?.net.minor, note?.tax.minor], [1_060n, 1_000n, 60n]);
    assert.match(note?.number ?? '', /^C202603-[0-9A-Z]{16}$/);
    assert.deepEqual(grants, []);
    assert.deepEqual(
      events.map(({ type }) => type),
      ['invoice.credited'],
    );
  });

  test('the whole of it: nothing is due, so it is paid', () => {
    const { invoice, events } = made(credit(anInvoice(), [whole(1)]));
    assert.equal(invoice.state, 'paid');
    assert.equal(invoice.paidAt, CONTEXT.now);
    assert.equal(amountDue(invoice).minor, 0n);
    assert.deepEqual(
      events.map(({ type }) => type),
      ['invoice.credited', 'invoice.paid'],
    );
  });

  test('the wallet paid a part of it: what is beyond the due goes back to the balance', () => {
    const partly = invoiceOfLines([6_000n, 4_000n], { balanceApplied: cny(7_000n) });
    const { invoice, notes, grants } = made(credit(partly, [whole(1)]));
    assert.equal(invoice.state, 'paid');
    assert.equal(invoice.credited.minor, 3_000n);
    assert.deepEqual(
      notes.map(({ disposition, total }) => [disposition, total.minor]),
      [
        ['reduce_due', 3_000n],
        ['to_balance', 3_000n],
      ],
    );
    assert.deepEqual(
      grants.map(({ kind, left }) => [kind, left.minor]),
      [['credit_note', 3_000n]],
    );
  });
});

test('crediting a paid invoice: to the balance, the invoice stays as it is', () => {
  const paid = anInvoice({ state: 'paid', paidAt: at('2026-03-05 12:00') });
  const { invoice, notes, grants, journals } = made(credit(paid, [some(1, 1_060n)]));
  assert.deepEqual(invoice, paid);
  assert.deepEqual(
    grants.map(({ kind, amount, left, id }) => [kind, amount.minor, left.minor, id]),
    [['credit_note', 1_060n, 1_060n, notes[0]?.grantId]],
  );
  assert.deepEqual(journals[0]?.entries, [
    { account: '2205', minor: 1_000n },
    { account: '2221.01', minor: 60n },
    { account: '2203', minor: -1_060n },
  ]);
});

test('seats one after the other: three thirds of 100.00 come to 100.00', () => {
  let invoice = invoiceOfLines([10_000n]);
  const notes: CreditNote[] = [];
  for (const expected of [3_333n, 3_333n, 3_334n]) {
    const step = made(credit(invoice, [units(1, 1n)], { notes }));
    assert.equal(step.notes[0]?.total.minor, expected);
    invoice = step.invoice;
    notes.push(...step.notes);
  }
  assert.equal(invoice.state, 'paid');
});

describe('refused, with the field that caused it', () => {
  const open = invoiceOfLines([10_000n, -2_000n, 500n]);
  const earlier = made(credit(open, [some(1, 4_000n)]));
  const after = { notes: earlier.notes };
  const paid: Invoice = { ...open, state: 'paid' };
  const take = (one: CreditTake) => [{ position: 1, take: one }];
  const usd = { type: 'amount', amount: money(100n, 'USD') } as const;
  for (const [name, result, code, field] of [
    ['a draft', credit({ ...open, state: 'draft' }, [whole(1)]), 'invoice_is_draft', ''],
    ['a void one', credit({ ...open, state: 'void' }, [whole(1)]), 'invoice_is_void', ''],
    [
      'its debit on the way',
      credit(open, [whole(1)], { isDebitInFlight: true }),
      'debit_in_flight',
      '',
    ],
    ['no line', credit(open, []), 'nothing_to_credit', 'lines'],
    ['no such line', credit(open, [whole(4)]), 'line_unknown', 'lines[0].position'],
    ['twice', credit(open, [whole(3), whole(3)]), 'line_named_twice', 'lines[1].position'],
    ['a credit line', credit(open, [whole(2)]), 'line_not_creditable', 'lines[0].position'],
    ['zero', credit(open, [some(1, 0n)]), 'amount_not_positive', 'lines[0].amount'],
    ['below zero', credit(open, [some(1, -1n)]), 'amount_not_positive', 'lines[0].amount'],
    [
      'less than a fen',
      credit(open, [units(1, 1n, 10n ** 9n)]),
      'amount_not_positive',
      'lines[0].units',
    ],
    ['no units', credit(open, [units(1, 0n)]), 'units_beyond_line', 'lines[0].units'],
    ['too many units', credit(open, [units(1, 4n)]), 'units_beyond_line', 'lines[0].units'],
    ['another currency', credit(open, take(usd)), 'currency_mix', 'lines[0].amount'],
    [
      'a fen too much',
      credit(open, [some(1, 10_001n)]),
      'more_than_line_has_left',
      'lines[0].amount',
    ],
    [
      'a fen more than an earlier note left',
      credit(earlier.invoice, [some(1, 6_001n)], after),
      'more_than_line_has_left',
      'lines[0].amount',
    ],
    [
      'units beyond what an earlier note left',
      credit(earlier.invoice, [units(1, 2n)], after),
      'more_than_line_has_left',
      'lines[0].units',
    ],
    [
      'more than the invoice, whose other lines gave money back',
      credit(open, [whole(1)]),
      'more_than_invoice_has_left',
      'lines',
    ],
    [
      'an open one to the balance',
      credit(open, [some(1, 1n)], { disposition: 'to_balance' }),
      'still_due',
      'disposition',
    ],
    [
      'a paid one off what is due',
      credit(paid, [some(1, 1n)], { disposition: 'reduce_due' }),
      'nothing_due',
      'disposition',
    ],
    [
      'off what is due, beyond it',
      credit({ ...open, balanceApplied: cny(8_000n) }, [some(1, 501n)], {
        disposition: 'reduce_due',
      }),
      'credit_beyond_due',
      'disposition',
    ],
  ] as const) {
    test(`${name}: ${code}`, () => {
      assert.ok(!result.ok, name);
      assert.equal(result.refusal.code, code);
      assert.equal(result.refusal.field, field);
      assert.ok(result.refusal.next.length > 0);
    });
  }
});

/** One try of a story: which line, and how much of it. */
const someTry = fc.record({
  line: fc.nat({ max: 3 }),
  take: fc.oneof(
    fc.constant<CreditTake>({ type: 'whole' }),
    fc
      .bigInt({ min: 1n, max: 5_000n })
      .map((minor): CreditTake => ({ type: 'amount', amount: cny(minor) })),
    fc
      .tuple(fc.bigInt({ min: 1n, max: 6n }), fc.bigInt({ min: 1n, max: 4n }))
      .map(([n, d]): CreditTake => ({ type: 'units', units: ratio(n, d) })),
  ),
});

/** Accounts that an invoice and its notes move against each other. */
function balanceOf(entries: readonly Entry[], account: string): bigint {
  return sumEntries(entries.filter((entry) => entry.account === account));
}

describe('properties', () => {
  const amounts = fc.array(fc.bigInt({ min: 1n, max: 20_000n }), { minLength: 1, maxLength: 4 });

  test('any sequence of credit notes: no column of a line below zero; all credited is zero', () => {
    fc.assert(
      fc.property(
        amounts,
        fc.array(someTry, { maxLength: 12 }),
        fc.nat({ max: 100 }),
        (minors, tries, walletPercent) => {
          const issued = invoiceOfLines(minors);
          const applied = (issued.total.minor * BigInt(walletPercent)) / 100n;
          let invoice: Invoice = { ...issued, balanceApplied: cny(applied) };
          if (amountDue(invoice).minor === 0n) invoice = { ...invoice, state: 'paid' };
          const notes: CreditNote[] = [];
          const entries: Entry[] = [];
          const step = (lines: CreditRequest['lines']) => {
            const result = credit(invoice, lines, { notes });
            if (!result.ok) return;
            invoice = result.value.invoice;
            notes.push(...result.value.notes);
            entries.push(...result.value.journals.flatMap((journal) => journal.entries));
            assert.ok(amountDue(invoice).minor >= 0n);
            assert.equal(invoice.state, amountDue(invoice).minor === 0n ? 'paid' : 'open');
            for (const line of issued.lines) checkLine(line, notes);
          };
          for (const { line, take } of tries) step([{ position: line + 1, take }]);
          for (const { position } of issued.lines) step([whole(position)]);
          const journal = postInvoiceIssued({
            ...issued,
            id: IDS('jrn', 7),
            invoiceId: issued.id,
            businessDate: CONTEXT.businessDate,
            postedAt: CONTEXT.now,
          });
          const all = [...present(journal, 'a journal').entries, ...entries];
          const { roles } = CHINA_CHART;
          assert.equal(balanceOf(all, roles.contractLiability), 0n);
          assert.equal(balanceOf(all, roles.outputTax), 0n);
          // What the wallet had paid is owed to it again; all else was never collected.
          assert.equal(balanceOf(all, roles.receivable), applied);
          assert.equal(balanceOf(all, roles.advances), -applied);
        },
      ),
      { numRuns: 300 },
    );
  });
});

function checkLine(line: InvoiceLine, notes: readonly CreditNote[]): void {
  const taken = notes.flatMap((note) =>
    note.lines.filter(({ position }) => position === line.position),
  );
  for (const column of ['amount', 'net', 'tax'] as const) {
    const minors = taken.map((one) => one[column].minor);
    assert.ok(minors.every((minor) => minor >= 0n));
    assert.ok(minors.reduce((a, b) => a + b, 0n) <= line[column].minor);
  }
  assert.ok(taken.every(({ amount, net, tax }) => net.minor + tax.minor === amount.minor));
}
