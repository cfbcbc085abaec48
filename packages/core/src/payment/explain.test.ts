import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { aCustomer, anInvoice, at, countingIds, day, ZONE } from '../../../../test/kit/builders.ts';
import type { Invoice } from '../invoice/invoice.ts';
import { money } from '../money/money.ts';
import { explainHandMoney, type HandMoneyNames } from './explain.ts';
import type { HandPayment } from './hand-payment.ts';

const ids = countingIds(80_000);
const cny = (minor: bigint) => money(minor, 'CNY');
const ZH: HandMoneyNames = { locale: 'zh-CN', zone: ZONE, railName: () => '支付宝' };
const EN: HandMoneyNames = { locale: 'en', zone: ZONE, railName: () => 'Alipay' };

function invoiceOf(changes: Partial<Invoice> = {}): Invoice {
  return anInvoice({ number: 'INV-1', total: cny(2_985n), ...changes });
}

function paymentOf(invoice: Invoice, changes: Partial<HandPayment> = {}): HandPayment {
  const { id: customerId, merchantId } = aCustomer();
  return {
    id: ids('hpy', 0),
    merchantId,
    customerId,
    method: 'bank_transfer',
    amount: cny(2_985n),
    reference: 'B-1',
    receivedAt: at('2026-03-08 09:00'),
    businessDate: day('2026-03-08'),
    recordedBy: 'Anna',
    note: '',
    recordedAt: at('2026-03-08 10:00'),
    allocations: [{ invoiceId: invoice.id, amount: cny(2_985n) }],
    toBalance: cny(0n),
    state: 'booked',
    ...changes,
  };
}

describe('what else than a debit paid an invoice', () => {
  test('nothing is said where only a debit pays', () => {
    const facts = { invoices: [invoiceOf({ state: 'paid' })], payments: [] };
    assert.deepEqual(explainHandMoney(facts, ZH), { sentences: [], arithmetic: [], evidence: [] });
  });

  const bankLineId = ids('bsl', 0);
  const methods = [
    [
      {},
      '已于 2026-03-08 通过银行转账支付 ¥29.85。',
      '¥29.85 was paid by bank transfer on 2026-03-08.',
    ],
    [
      { method: 'cash' },
      '已于 2026-03-08 通过现金支付 ¥29.85。',
      '¥29.85 was paid by cash on 2026-03-08.',
    ],
    [
      { method: 'pay_link', rail: 'alipay' },
      '已于 2026-03-08 通过支付宝收款链接支付 ¥29.85。',
      '¥29.85 was paid by Alipay pay link on 2026-03-08.',
    ],
    [
      { bankLineId },
      '已于 2026-03-08 通过银行转账（流水认领）支付 ¥29.85。',
      '¥29.85 was paid by bank transfer, claimed from the statement on 2026-03-08.',
    ],
  ] as const;
  for (const [changes, zh, en] of methods) {
    test(zh, () => {
      const invoice = invoiceOf({ state: 'paid' });
      const facts = { invoices: [invoice], payments: [paymentOf(invoice, changes)] };
      assert.deepEqual(explainHandMoney(facts, ZH).sentences, [zh]);
      assert.deepEqual(explainHandMoney(facts, EN).sentences, [en]);
      assert.deepEqual(explainHandMoney(facts, ZH).arithmetic, [
        '账单 INV-1：¥29.85 = ¥29.85 自行支付',
      ]);
    });
  }

  test('every fen: taken back, balance, by hand, debited or due; one reversed is not told', () => {
    const parts = { credited: cny(185n), balanceApplied: cny(800n) };
    const open = invoiceOf({ ...parts, state: 'open' });
    const reversed = paymentOf(open, { state: 'reversed', reference: 'B-0' });
    const due = explainHandMoney({ invoices: [open], payments: [reversed] }, EN);
    assert.deepEqual(due.sentences, ['¥8.00 was paid from the balance.']);
    assert.deepEqual(due.arithmetic, [
      'Invoice INV-1: ¥29.85 = ¥1.85 taken back + ¥8.00 balance + ¥20.00 still due',
    ]);
    const paid = invoiceOf({ ...parts, state: 'paid' });
    const debited = explainHandMoney({ invoices: [paid], payments: [] }, ZH);
    assert.deepEqual(debited.arithmetic, [
      '账单 INV-1：¥29.85 = ¥1.85 冲减 + ¥8.00 余额 + ¥20.00 扣款',
    ]);
    const hand = paymentOf(paid, {
      amount: cny(3_000n),
      allocations: [{ invoiceId: paid.id, amount: cny(2_000n) }],
      toBalance: cny(1_000n),
    });
    const told = explainHandMoney({ invoices: [paid], payments: [hand] }, EN);
    assert.deepEqual(told, {
      sentences: [
        '¥8.00 was paid from the balance.',
        '¥20.00 was paid by bank transfer on 2026-03-08.',
        '¥10.00 of it is the customer’s balance.',
      ],
      arithmetic: ['Invoice INV-1: ¥29.85 = ¥1.85 taken back + ¥8.00 balance + ¥20.00 by hand'],
      evidence: ['Payment of ¥30.00 by bank transfer, number B-1'],
    });
  });
});
