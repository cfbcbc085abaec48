import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { type Money, money } from '../money/money.ts';
import { InvariantBroken } from '../result/invariant.ts';
import { sumEntries } from './balances.ts';
import { CHINA_CHART, type Chart, findAccount } from './chart.ts';
import type { Journal } from './journal.ts';
import { postInvoiceIssued, postPaymentReceived, postRailFee, postReversal } from './templates.ts';

const ZEROS = '0'.repeat(32);
const FACTS = {
  id: `jrn_${ZEROS}`,
  merchantId: `mer_${ZEROS}`,
  businessDate: Temporal.PlainDate.from('2026-03-10'),
  postedAt: Temporal.Instant.from('2026-03-09T23:30:05Z'),
} as const;
const CUSTOMER = `cus_${ZEROS}` as const;
const INVOICE = `inv_${ZEROS}` as const;
const PAYMENT = `pay_${ZEROS}` as const;
const BILL = `bil_${ZEROS}` as const;

const cny = (minor: bigint): Money => money(minor, 'CNY');

function invoiceIssued(net: Money, tax: Money, chart?: Chart): Journal | undefined {
  return postInvoiceIssued({
    ...FACTS,
    customerId: CUSTOMER,
    invoiceId: INVOICE,
    total: money(net.minor + tax.minor, net.currency),
    net,
    tax,
    ...(chart && { chart }),
  });
}

function paymentReceived(rail: string, amount: Money): Journal {
  return postPaymentReceived({ ...FACTS, customerId: CUSTOMER, paymentId: PAYMENT, rail, amount });
}

function railFee(rail: string, fee: Money): Journal | undefined {
  return postRailFee({ ...FACTS, billId: BILL, rail, fee });
}

/** A journal as an accountant writes it: "借 1122 1060.00" is one line. */
function written(journal: Journal | undefined): readonly string[] {
  return (journal?.entries ?? []).map(({ account, minor }) =>
    minor > 0n ? `借 ${account} ${minor}` : `贷 ${account} ${-minor}`,
  );
}

describe('what each fact writes into the books', () => {
  const golden: readonly (readonly [string, Journal | undefined, readonly string[]])[] = [
    [
      'an invoice of ¥1,060.00 at 6 %',
      invoiceIssued(cny(100_000n), cny(6_000n)),
      ['借 1122 106000', '贷 2205 100000', '贷 2221.01 6000'],
    ],
    [
      'an invoice without tax',
      invoiceIssued(cny(100_000n), cny(0n)),
      ['借 1122 100000', '贷 2205 100000'],
    ],
    ['an invoice of zero', invoiceIssued(cny(0n), cny(0n)), []],
    ['an invoice of one fen', invoiceIssued(cny(1n), cny(0n)), ['借 1122 1', '贷 2205 1']],
    [
      'a payment by WeChat Pay',
      paymentReceived('wechat', cny(106_000n)),
      ['借 1012.01 106000', '贷 1122 106000'],
    ],
    [
      'a payment by Alipay',
      paymentReceived('alipay', cny(2_985n)),
      ['借 1012.02 2985', '贷 1122 2985'],
    ],
    ['the fee of a day', railFee('wechat', cny(636n)), ['借 6603 636', '贷 1012.01 636']],
    [
      'a fee that the rail gave back',
      railFee('alipay', cny(-636n)),
      ['贷 6603 636', '借 1012.02 636'],
    ],
    ['a day without fees', railFee('alipay', cny(0n)), []],
  ];
  for (const [name, journal, lines] of golden) {
    test(name, () => {
      assert.deepEqual(written(journal), lines);
      if (lines.length === 0) assert.equal(journal, undefined);
    });
  }

  test('a journal says what it records, for whom and when', () => {
    assert.deepEqual(invoiceIssued(cny(100n), cny(6n)), {
      ...FACTS,
      customerId: CUSTOMER,
      template: 'invoice_issued',
      sourceId: INVOICE,
      currency: 'CNY',
      entries: [
        { account: '1122', minor: 106n },
        { account: '2205', minor: -100n },
        { account: '2221.01', minor: -6n },
      ],
    });
    assert.equal(paymentReceived('wechat', cny(1n)).sourceId, PAYMENT);
    assert.equal(paymentReceived('wechat', cny(1n)).template, 'payment_received');
    assert.equal(railFee('wechat', cny(1n))?.sourceId, BILL);
    assert.equal(railFee('wechat', cny(1n))?.template, 'rail_fee');
    assert.equal(railFee('wechat', cny(1n))?.customerId, undefined);
  });

  test("a merchant's own chart decides the codes", () => {
    const small: Chart = {
      ...CHINA_CHART,
      roles: { ...CHINA_CHART.roles, contractLiability: '2203' },
    };
    assert.deepEqual(written(invoiceIssued(cny(100n), cny(6n), small)), [
      '借 1122 106',
      '贷 2203 100',
      '贷 2221.01 6',
    ]);
  });
});

describe('every journal', () => {
  const currencies = fc.constantFrom('CNY' as const, 'EUR' as const, 'JPY' as const);
  const amounts = fc.bigInt({ min: 0n, max: 10n ** 17n });
  const rails = fc.constantFrom(...Object.keys(CHINA_CHART.railClearing));
  const journals = fc
    .oneof(
      fc
        .tuple(amounts, amounts, currencies)
        .map(([net, tax, currency]) => invoiceIssued(money(net, currency), money(tax, currency))),
      fc
        .tuple(rails, amounts, currencies)
        .map(([rail, minor, currency]) => paymentReceived(rail, money(minor + 1n, currency))),
      fc
        .tuple(rails, fc.bigInt({ min: -(10n ** 12n), max: 10n ** 12n }), currencies)
        .map(([rail, minor, currency]) => railFee(rail, money(minor, currency))),
    )
    .filter((journal) => journal !== undefined);

  test('sums to zero, has no entry of zero and names only accounts of the chart', () => {
    fc.assert(
      fc.property(journals, (journal) => {
        assert.equal(sumEntries(journal.entries), 0n);
        for (const { account, minor } of journal.entries) {
          assert.notEqual(minor, 0n);
          assert.ok(findAccount(CHINA_CHART, account), account);
        }
      }),
      { numRuns: 500 },
    );
  });

  test('is taken back completely by its reversal, which names it', () => {
    const reversalId = `jrn_${'1'.repeat(32)}` as const;
    const businessDate = FACTS.businessDate.add({ days: 1 });
    const postedAt = FACTS.postedAt.add({ hours: 24 });
    fc.assert(
      fc.property(journals, (journal) => {
        const reversal = postReversal(journal, { id: reversalId, businessDate, postedAt });
        assert.equal(reversal.template, 'reversal');
        assert.equal(reversal.sourceId, journal.id);
        assert.equal(reversal.currency, journal.currency);
        assert.equal(reversal.customerId, journal.customerId);
        assert.deepEqual([reversal.businessDate, reversal.postedAt], [businessDate, postedAt]);
        const left = new Map<string, bigint>();
        for (const { account, minor } of [...journal.entries, ...reversal.entries]) {
          left.set(account, (left.get(account) ?? 0n) + minor);
        }
        assert.ok([...left.values()].every((minor) => minor === 0n));
      }),
    );
  });
});

describe('what our own code may never ask for', () => {
  const bugs: readonly (readonly [string, () => unknown])[] = [
    ['an invoice below zero', () => invoiceIssued(cny(-1n), cny(0n))],
    [
      'net and tax that miss the total',
      () =>
        postInvoiceIssued({
          ...FACTS,
          customerId: CUSTOMER,
          invoiceId: INVOICE,
          total: cny(107n),
          net: cny(100n),
          tax: cny(6n),
        }),
    ],
    ['tax in another currency', () => invoiceIssued(cny(100n), money(6n, 'EUR'))],
    ['a payment of zero', () => paymentReceived('wechat', cny(0n))],
    ['a payment below zero', () => paymentReceived('wechat', cny(-1n))],
    ['a rail that the chart does not name', () => paymentReceived('carrier_pigeon', cny(1n))],
    ['a rail named like a property of objects', () => paymentReceived('constructor', cny(1n))],
    [
      'a reversal under the number of what it reverses',
      () => postReversal(paymentReceived('wechat', cny(1n)), FACTS),
    ],
  ];
  for (const [name, act] of bugs) {
    test(name, () => {
      assert.throws(act, InvariantBroken);
    });
  }
});
