import { daysIn, type Period } from '../calendar/periods.ts';
import type { Invoice, InvoiceLine, WaitingLine } from '../invoice/invoice.ts';
import { splitTax } from '../invoice/tax.ts';
import { allocate, type Money, sum, zero } from '../money/money.ts';
import { fromMoney, RATIO_ONE } from '../money/ratio.ts';
import type { LateFeeFigure } from './late-fee-figure.ts';
import { dailyRate, type LateFeePolicy } from './late-fee-policy.ts';

/** What one charge is for: its days, and the figure that it comes from. */
export type LateFeePeriod = {
  readonly period: Period;
  readonly daysCounted: number;
  readonly figure: LateFeeFigure;
  readonly policy: LateFeePolicy;
};

/**
 * The lines that charge `amount` for an overdue invoice: one for each tax rate of its principal, so
 * that what is collected with a price is taxed as the price is (价外费用, finance.md row 14). Their
 * amounts have the tax inside and add up to `amount`. Nothing where the invoice has no principal.
 */
export function makeLateFeeLines(
  invoice: Invoice,
  amount: Money,
  about: LateFeePeriod,
): readonly WaitingLine[] {
  const principal = invoice.lines.filter((line) => line.rule !== 'late_fee');
  const byRate = [...Map.groupBy(principal, (line) => line.taxBasisPoints)]
    .map(([rate, lines]) => ({ rate, lines, weight: weightOf(lines, invoice) }))
    .filter(({ weight }) => weight > 0n)
    .toSorted((left, right) => (left.rate < right.rate ? -1 : 1));
  if (byRate.length === 0) return [];
  const shares = allocate(
    amount,
    byRate.map(({ weight }) => weight),
  );
  return byRate.flatMap(({ lines }, index) => {
    const share = shares[index];
    const subject = largestOf(lines);
    if (share === undefined || share.minor === 0n || subject === undefined) return [];
    return [lineOf(invoice, { subject, amount: share }, about)];
  });
}

function lineOf(
  invoice: Invoice,
  { subject, amount }: { readonly subject: InvoiceLine; readonly amount: Money },
  { period, daysCounted, figure, policy }: LateFeePeriod,
): WaitingLine {
  const { net, tax } = splitTax(amount, subject.taxBasisPoints);
  const isInclusive = subject.subtotal.minor - subject.discount.minor === subject.amount.minor;
  const { start } = period;
  const last = period.end.subtract({ days: 1 });
  return {
    kind: 'one_off',
    priceCode: subject.priceCode,
    priceVersionId: subject.priceVersionId,
    subscriptionId: subject.subscriptionId,
    ...(subject.beneficiaryId === undefined ? {} : { beneficiaryId: subject.beneficiaryId }),
    period,
    // It pays for no service.
    serviceDays: 0,
    periodDays: daysIn(period),
    quantity: RATIO_ONE,
    unitAmount: fromMoney(amount),
    subtotal: isInclusive ? amount : net,
    discount: zero(amount.currency),
    amount,
    net,
    tax,
    taxBasisPoints: subject.taxBasisPoints,
    rule: 'late_fee',
    nameZh: `滞纳金：账单 ${invoice.number}，${start} 至 ${last}`,
    nameEn: `Late fee of invoice ${invoice.number}, ${start} to ${last}`,
    why: {
      lateFee: {
        invoiceId: invoice.id,
        days: daysCounted,
        base: figure.base,
        cap: figure.cap,
        ...(policy.rate.per === 'invoice' ? {} : { dailyBasisPoints: dailyRate(policy.rate) }),
      },
    },
  };
}

function weightOf(lines: readonly InvoiceLine[], { total }: Invoice): bigint {
  const amounts = lines.map(({ amount }) => amount);
  return sum(amounts, total.currency).minor;
}

/** What names the line: the dearest of the group, the first of equals. */
function largestOf(lines: readonly InvoiceLine[]): InvoiceLine | undefined {
  return lines.reduce<InvoiceLine | undefined>(
    (best, line) => (best === undefined || line.amount.minor > best.amount.minor ? line : best),
    undefined,
  );
}
