import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { aLine, anInvoice, countingIds } from '../../../../test/kit/builders.ts';
import { add, money, sum } from '../money/money.ts';
import { allocateInvoice } from './allocation.ts';
import type { Invoice } from './invoice.ts';
import { splitTax } from './tax.ts';

const ids = countingIds(500);
const [SALES, LAB] = [ids('cus', 7), ids('cus', 7)];

function invoiceOf(
  parts: readonly (readonly [beneficiary: typeof SALES | undefined, minor: bigint])[],
): Invoice {
  const lines = parts.map(([beneficiaryId, minor], index) => {
    const amount = money(minor, 'CNY');
    return aLine({
      position: index + 1,
      ...(beneficiaryId === undefined ? {} : { beneficiaryId }),
      subtotal: amount,
      amount,
      ...splitTax(amount, 600n),
    });
  });
  return anInvoice({
    lines,
    total: sum(
      lines.map((line) => line.amount),
      'CNY',
    ),
    net: sum(
      lines.map((line) => line.net),
      'CNY',
    ),
    tax: sum(
      lines.map((line) => line.tax),
      'CNY',
    ),
  });
}

describe('who costs what on a consolidated invoice', () => {
  test('departments in the order of their first line; the rest is the payer’s own', () => {
    const parts = allocateInvoice(
      invoiceOf([
        [LAB, 10_000n],
        [undefined, 500n],
        [SALES, 300n],
        [LAB, -200n],
      ]),
    );
    assert.deepEqual(
      parts.map(({ beneficiaryId, amount }) => [beneficiaryId, amount.minor]),
      [
        [LAB, 9_800n],
        [undefined, 500n],
        [SALES, 300n],
      ],
    );
  });

  test('the parts add up to the invoice in every column, to the fen', () => {
    const part = fc.tuple(
      fc.constantFrom(SALES, LAB, undefined),
      fc.bigInt({ min: -999n, max: 99_999n }),
    );
    fc.assert(
      fc.property(fc.array(part, { minLength: 1, maxLength: 12 }), (lines) => {
        const invoice = invoiceOf(lines);
        const parts = allocateInvoice(invoice);
        for (const column of ['net', 'tax', 'amount'] as const) {
          const whole = column === 'amount' ? invoice.total : invoice[column];
          assert.deepEqual(
            sum(
              parts.map((one) => one[column]),
              'CNY',
            ),
            whole,
          );
        }
        for (const { net, tax, amount } of parts) assert.deepEqual(add(net, tax), amount);
        assert.equal(new Set(parts.map((one) => one.beneficiaryId)).size, parts.length);
      }),
    );
  });

  test('an invoice whose lines do not add up is our bug', () => {
    const broken = { ...invoiceOf([[SALES, 100n]]), total: money(99n, 'CNY') };
    assert.throws(() => allocateInvoice(broken), { name: 'InvariantBroken' });
  });
});
