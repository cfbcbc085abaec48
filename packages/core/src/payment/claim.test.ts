import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { aCustomer, anInvoice } from '../../../../test/kit/builders.ts';
import { amountDue } from '../invoice/invoice.ts';
import { money } from '../money/money.ts';
import { type ClaimCandidate, type ReceivedMoney, suggestClaims } from './claim.ts';
import { similarity } from './name.ts';

const DUE = amountDue(anInvoice()).minor;

const candidate = (
  changes: Parameters<typeof aCustomer>[0] = {},
  isOrderNamed = false,
): ClaimCandidate => ({
  customer: aCustomer({ externalReference: 'C-0001', name: '示例科技有限公司', ...changes }),
  invoices: [anInvoice()],
  isOrderNamed,
});

const came = (minor: bigint, changes: Partial<ReceivedMoney> = {}): ReceivedMoney => ({
  amount: money(minor, 'CNY'),
  ...changes,
});

describe('whose money it may be', () => {
  const { number } = anInvoice();
  const cases: readonly (readonly [string, ReceivedMoney, readonly string[], boolean])[] = [
    [
      'a reference and the exact amount need no person',
      came(DUE, { remittance: '服务费（c-0001）' }),
      ['customer_reference', 'exact_amount'],
      true,
    ],
    [
      'an invoice number and the exact amount need no person',
      came(DUE, { remittance: `付 ${number}` }),
      ['invoice_number', 'exact_amount'],
      true,
    ],
    ['an amount alone', came(DUE), ['exact_amount'], false],
    [
      'a reference with another amount',
      came(DUE + 1n, { remittance: 'C-0001' }),
      ['customer_reference'],
      false,
    ],
    [
      'a part of a longer word is no reference',
      came(DUE + 1n, { remittance: 'XC-00012' }),
      [],
      false,
    ],
    [
      'a name nearly the same, in full width',
      came(DUE, { counterparty: '示例科技有限公司 ' }),
      ['exact_amount', 'payer_name'],
      false,
    ],
  ];
  for (const [name, money, reasons, isCertain] of cases) {
    test(name, () => {
      const [found] = suggestClaims(money, [candidate()]);
      assert.deepEqual(found?.reasons ?? [], reasons);
      assert.equal(found?.isCertain ?? false, isCertain);
    });
  }

  test('two customers whom the wording names: a person decides', () => {
    const other = candidate({ id: 'cus_0', externalReference: 'C-0002' });
    const money = came(DUE, { remittance: 'C-0001 C-0002' });
    const found = suggestClaims(money, [candidate(), other]);
    assert.deepEqual(
      found.map(({ isCertain }) => isCertain),
      [false, false],
    );
  });

  test('our order number counts as a number of ours', () => {
    const [found] = suggestClaims(came(DUE), [candidate({}, true)]);
    assert.deepEqual(found?.reasons, ['order_number', 'exact_amount']);
  });
});

describe('how alike names are', () => {
  const cases: readonly (readonly [string, string, number])[] = [
    ['示例（北京）科技', '示例(北京)科技', 100],
    ['ABC Ltd', 'abc ltd.', 100],
    ['张三', '李四', 0],
    ['', '张三', 0],
    ['示例科技有限公司', '示例科技有限责任公司', 75],
  ];
  for (const [left, right, expected] of cases) {
    test(`${left} | ${right}`, () => assert.equal(similarity(left, right), expected));
  }

  test('either way round it is the same, from 0 to 100', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (left, right) => {
        const found = similarity(left, right);
        assert.equal(found, similarity(right, left));
        assert.ok(found >= 0 && found <= 100);
      }),
    );
  });
});
