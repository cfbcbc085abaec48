import { randomBytes } from 'node:crypto';
import { closeSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import {
  type Customer,
  type Debit,
  type Invoice,
  type Mandate,
  type Merchant,
  money,
  type Notice,
  toContractCode,
} from '../packages/core/src/index.ts';
import type { OpenedStore } from '../packages/store/src/index.ts';
import {
  newCatalog,
  newCustomer,
  newDebit,
  newId,
  newInvoice,
  newInvoiceJournal,
  newMandate,
  newNotice,
  newSubscription,
} from '../test/kit/life.ts';

/** The day that is collected, and when its hours open. */
export const DAY = Temporal.PlainDate.from('2026-12-01');
export const OPENS = Temporal.Instant.from('2026-12-01T07:00:00+08:00');
const DAY_SECONDS = 24 * 60 * 60;
const ISSUED = OPENS.subtract({ seconds: 6 * DAY_SECONDS });
const SIGNED = OPENS.subtract({ seconds: 40 * DAY_SECONDS });

/** Rows of one transaction while the world is made. */
const BATCH = 1_000;

export type BenchRail = 'wechat' | 'alipay';

/** Who is debited, and what the rail's simulator must know of it. */
type Payer = {
  readonly rail: BenchRail;
  readonly mandate: Mandate;
  readonly debit: Debit;
};

export type DebitDayWorld = { readonly merchant: Merchant };

/**
 * A merchant with `count` debits that are due when the day opens: mandates signed, invoices issued,
 * notices delivered, announcements made. The simulators learn of the contracts from their journal,
 * as if they had been signed there before: signing a hundred thousand is not what is measured.
 */
export async function makeDebitDay(
  store: OpenedStore,
  about: {
    readonly count: number;
    readonly rails: readonly BenchRail[];
    readonly sandboxHome: string;
    readonly planId: string;
    readonly callbackUrl: (rail: BenchRail) => string;
  },
): Promise<DebitDayWorld> {
  const merchant: Merchant = {
    id: newId('mer'),
    code: 'bench',
    name: '示例公司',
    zone: 'Asia/Shanghai',
    mode: 'test',
    demo: false,
  };
  await store.saveMerchant(merchant);
  const catalog = newCatalog();
  await store.transact(merchant.id, (tx) => tx.addToCatalog(catalog));
  const journal = openSync(join(about.sandboxHome, 'journal.jsonl'), 'a');
  for (let made = 0; made < about.count; made += BATCH) {
    const lives = Array.from({ length: Math.min(BATCH, about.count - made) }, (_, index) => {
      const rail = about.rails[(made + index) % about.rails.length] ?? 'wechat';
      const customer = newCustomer(merchant.id, { externalReference: `C-${made + index}` });
      const subscription = { ...newSubscription(customer, catalog), billedThrough: DAY };
      const mandate = signedMandate(customer, rail);
      const invoice = openInvoice(newInvoice(subscription, { lines: 1, catalog }), made + index);
      const debit = dueDebit(newDebit(mandate, invoice));
      return { customer, subscription, mandate, invoice, debit, notices: noticesOf(debit) };
    });
    await store.transact(merchant.id, async (tx) => {
      await tx.insertNewCustomers(lives.map(({ customer }) => customer));
      await tx.save({
        subscriptions: lives.map(({ subscription }) => subscription),
        mandates: lives.map(({ mandate }) => mandate),
        invoices: lives.map(({ invoice }) => invoice),
        debits: lives.map(({ debit }) => debit),
        notices: lives.flatMap(({ notices }) => notices),
        journals: lives.map(({ invoice }) => newInvoiceJournal(invoice)),
      });
    });
    const payers = lives.map(({ mandate, debit }) => ({
      rail: mandate.rail as BenchRail,
      mandate,
      debit,
    }));
    const lines = payers.flatMap((payer) => changesOf(payer, about));
    writeSync(journal, `${JSON.stringify(lines)}\n`);
  }
  closeSync(journal);
  return { merchant };
}

function signedMandate(customer: Customer, rail: BenchRail): Mandate {
  const mandate = newMandate(customer);
  return {
    ...mandate,
    rail,
    contractCode: toContractCode(mandate.id),
    displayAccount: customer.externalReference,
    railReference: `${rail === 'wechat' ? 'Wx' : '2026'}${BigInt(
      `0x${randomBytes(9).toString('hex')}`,
    )
      .toString()
      .padStart(22, '0')
      .slice(0, 22)}`,
    ...(rail === 'alipay' ? { firstPlannedDate: DAY.add({ days: 2 }) } : {}),
    singleCap: money(50_000n, 'CNY'),
    signedAt: SIGNED,
    createdAt: SIGNED,
  };
}

function openInvoice(invoice: Invoice, index: number): Invoice {
  const { paidAt: _paid, ...rest } = invoice;
  return {
    ...rest,
    number: `2026-${String(index).padStart(12, '0')}`,
    billingKey: `period:${DAY}`,
    state: 'open',
    dueDate: DAY,
    issueAt: ISSUED,
    issuedAt: ISSUED,
    createdAt: ISSUED,
  };
}

function dueDebit(debit: Debit): Debit {
  return {
    ...debit,
    state: 'scheduled',
    dueDate: DAY,
    collectAt: OPENS,
    collectDate: DAY,
    attemptCount: 0,
    createdAt: ISSUED,
  };
}

/** Our notice, delivered in time; the rail's own announcement where it wants one. */
function noticesOf(debit: Debit): readonly Notice[] {
  const ours: Notice = {
    ...newNotice(debit),
    dueAt: ISSUED,
    sentAt: ISSUED,
    deliveredAt: ISSUED,
    collectDate: DAY,
    createdAt: ISSUED,
  };
  if (debit.rail !== 'wechat') return [ours];
  const announced: Notice = {
    ...ours,
    id: newId('not', Number.parseInt(debit.id.slice(-3), 16) & 0x3ff),
    purpose: 'rail',
    channel: 'rail',
    windowFrom: DAY,
    windowUntil: DAY.add({ days: 2 }),
  };
  return [ours, announced];
}

/** Changes of the simulators' journal: one contract, and the window that was announced for it. */
function changesOf(
  payer: Payer,
  about: { readonly planId: string; readonly callbackUrl: (rail: BenchRail) => string },
): readonly unknown[] {
  const { mandate, debit, rail } = payer;
  const reference = mandate.railReference ?? '';
  const signedAt = SIGNED.epochMilliseconds;
  if (rail === 'alipay') {
    const executeTime = DAY.add({ days: 2 }).toString();
    const agreement = {
      agreementNo: reference,
      externalAgreementNo: mandate.contractCode,
      externalLogonId: mandate.displayAccount,
      personalProductCode: 'CYCLE_PAY_AUTH_P',
      productCode: 'CYCLE_PAY_AUTH',
      signScene: 'INDUSTRY|BENCH',
      userId: `2088${reference.slice(-12)}`,
      notifyUrl: about.callbackUrl('alipay'),
      status: 'NORMAL',
      signedAt,
      rule: { periodType: 'MONTH', period: 1, executeTime, singleAmount: 50_000 },
      nextDeductDate: executeTime,
      paidCount: 0,
      paidMinor: 0,
    };
    return [['alipay_agreements', reference, agreement]];
  }
  const contract = {
    contractId: reference,
    contractCode: mandate.contractCode,
    planId: about.planId,
    openid: `o${reference}`,
    displayAccount: mandate.displayAccount,
    requestSerial: '1',
    state: 'active',
    signedAt,
    expiresAt: signedAt + 10 * 365 * DAY_SECONDS * 1000,
  };
  const windowFrom = Temporal.Instant.from('2026-12-01T00:00:00+08:00').epochMilliseconds;
  const notice = {
    noticeId: `${reference}/1`,
    contractId: reference,
    sentAt: ISSUED.epochMilliseconds,
    amountMinor: Number(debit.amount.minor),
    days: 3,
    windowFrom,
    windowTo: windowFrom + 3 * DAY_SECONDS * 1000,
  };
  return [
    ['wechat_contracts', reference, contract],
    ['wechat_notices', notice.noticeId, notice],
  ];
}
