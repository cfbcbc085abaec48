import type { CreditNoteId, CustomerId } from '../ids/ids.ts';
import type { Money } from '../money/money.ts';
import { invariant } from '../result/invariant.ts';
import { CHINA_CHART } from './chart.ts';
import type { Journal } from './journal.ts';
import { balanced, type JournalFacts } from './templates.ts';

/** The names of the templates of credit notes, as journals carry them. Never renamed. */
export const CREDIT_TEMPLATES = {
  reduceDue: 'credit_note_reduces_due',
  toBalance: 'credit_note_to_balance',
  toRefund: 'credit_note_to_refund',
} as const;

/** A credit note as far as the books are concerned: `net` + `tax` = `total`, all 分. */
export type CreditNoteFacts = JournalFacts & {
  readonly customerId: CustomerId;
  readonly creditNoteId: CreditNoteId;
  readonly disposition: 'reduce_due' | 'to_balance' | 'to_refund';
  readonly total: Money;
  readonly net: Money;
  readonly tax: Money;
  /** The net of the late fees that it takes back, a part of `net`; none when absent. */
  readonly lateFees?: Money;
};

/**
 * A part of an invoice is taken back: Dr 合同负债 net, Dr 销项税额 tax; Cr 应收账款 while it is owed,
 * Cr 预收账款 once it was paid and the money stays with us as the customer's balance, Cr 其他应付款
 * when it goes back to the payer by a refund. The net of late fees comes off 违约金收入. It is the
 * opposite of `invoice_issued`, on the same accounts, so that an invoice that is credited whole
 * leaves nothing behind. Output tax goes down with the price, as for any 销售折让 or 退回; the red
 * tax invoice (红字发票) that allows it is a document of the tax platform.
 */
export function postCreditNote(facts: CreditNoteFacts): Journal {
  const { total, net, tax } = facts;
  const { roles } = facts.chart ?? CHINA_CHART;
  const lateFees = facts.lateFees?.minor ?? 0n;
  invariant(total.minor > 0n, 'a credit note takes back more than zero');
  invariant(net.minor + tax.minor === total.minor, 'net and tax of a credit note add up');
  const [template, account] = (
    {
      reduce_due: [CREDIT_TEMPLATES.reduceDue, roles.receivable],
      to_balance: [CREDIT_TEMPLATES.toBalance, roles.advances],
      to_refund: [CREDIT_TEMPLATES.toRefund, roles.suspensePayable],
    } as const
  )[facts.disposition];
  return balanced({
    id: facts.id,
    merchantId: facts.merchantId,
    customerId: facts.customerId,
    template,
    sourceId: facts.creditNoteId,
    businessDate: facts.businessDate,
    currency: total.currency,
    entries: [
      { account: roles.contractLiability, minor: net.minor - lateFees },
      { account: roles.lateFeeIncome, minor: lateFees },
      { account: roles.outputTax, minor: tax.minor },
      { account, minor: -total.minor },
    ],
    postedAt: facts.postedAt,
  });
}
