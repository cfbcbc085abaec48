import { invariant, present } from '../result/invariant.ts';

export type AccountKind = 'asset' | 'liability' | 'equity' | 'income' | 'expense';
export type Side = 'debit' | 'credit';

/** One account of the books. */
export type Account = {
  /** The code under which entries name it: first-level code, detail levels after a dot. */
  readonly code: string;
  readonly nameZh: string;
  readonly nameEn: string;
  readonly kind: AccountKind;
  /** The side on which it grows; a contra account grows on the other side of its kind. */
  readonly normalSide: Side;
};

/** The accounts that our templates need, by what they are for and not by a country's code. */
export type AccountRoles = {
  /** Invoiced and not yet paid. */
  readonly receivable: string;
  /** Owed to customers as service, net of tax. */
  readonly contractLiability: string;
  readonly outputTax: string;
  readonly railFee: string;
  readonly bank: string;
  /** Customers' own money that is not tied to a service yet: prepaid, or owed back. */
  readonly advances: string;
  /** Gifts that pay a part of an invoice; it takes away from revenue. */
  readonly salesDiscount: string;
  /** Prepaid money that expired unused. */
  readonly breakage: string;
  /** Notes and coins. */
  readonly cash: string;
  /** Money that is here and whose owner or purpose is not settled yet. */
  readonly suspensePayable: string;
  /** Money that our books have, a rail or bank lacks, and somebody must find. */
  readonly suspenseReceivable: string;
  /** What the merchant keeps for its work (a declared processing amount of a balance refund). */
  readonly otherIncome: string;
  /** Late fees that customers owe (违约金). */
  readonly lateFeeIncome: string;
  /** Differences that a person wrote off in the merchant's favour, and against it. */
  readonly differenceGain: string;
  readonly differenceLoss: string;
  /** Money that a rail has sent and the bank has not shown yet. */
  readonly inTransit: string;
};

/** A merchant's chart of accounts. Data: another country's books are another value of this type. */
export type Chart = {
  readonly accounts: readonly Account[];
  readonly roles: AccountRoles;
  /** Where a rail's money stands between its success and the bank, by the rail's name. */
  readonly railClearing: Readonly<Record<string, string>>;
};

type AccountFacts = Omit<Account, 'normalSide'>;

/** An account that grows on the side of its kind. */
function account(facts: AccountFacts): Account {
  const growsInDebit = facts.kind === 'asset' || facts.kind === 'expense';
  return { ...facts, normalSide: growsInDebit ? 'debit' : 'credit' };
}

/** An account that takes away from its kind (an allowance), so it grows on the other side. */
function contraAccount(facts: AccountFacts): Account {
  const usual = account(facts);
  return { ...usual, normalSide: usual.normalSide === 'debit' ? 'credit' : 'debit' };
}

/**
 * The Chinese chart of a company that sells services. First-level codes are those of 财会〔2006〕18号
 * (企业会计准则——应用指南, appendix), tax details those of 财会〔2016〕22号. 合同负债 has no official
 * code; 2205 is a usual choice. A company on 《小企业会计准则》 brings a chart of its own.
 */
export const CHINA_CHART: Chart = {
  accounts: [
    account({ code: '1001', kind: 'asset', nameZh: '库存现金', nameEn: 'Cash on hand' }),
    account({ code: '1002', kind: 'asset', nameZh: '银行存款', nameEn: 'Bank deposits' }),
    account({
      code: '1012',
      kind: 'asset',
      nameZh: '其他货币资金',
      nameEn: 'Other monetary funds',
    }),
    account({
      code: '1012.01',
      kind: 'asset',
      nameZh: '其他货币资金—微信支付',
      nameEn: 'WeChat Pay clearing',
    }),
    account({
      code: '1012.02',
      kind: 'asset',
      nameZh: '其他货币资金—支付宝',
      nameEn: 'Alipay clearing',
    }),
    account({
      code: '1012.03',
      kind: 'asset',
      nameZh: '其他货币资金—银联在途',
      nameEn: 'UnionPay in transit',
    }),
    account({
      code: '1012.04',
      kind: 'asset',
      nameZh: '其他货币资金—SEPA',
      nameEn: 'Other monetary funds: SEPA',
    }),
    account({
      code: '1012.09',
      kind: 'asset',
      nameZh: '其他货币资金—银行在途',
      nameEn: 'Payouts in transit',
    }),
    account({ code: '1122', kind: 'asset', nameZh: '应收账款', nameEn: 'Accounts receivable' }),
    account({ code: '1123', kind: 'asset', nameZh: '预付账款', nameEn: 'Prepayments' }),
    account({ code: '1221', kind: 'asset', nameZh: '其他应收款', nameEn: 'Other receivables' }),
    contraAccount({
      code: '1231',
      kind: 'asset',
      nameZh: '坏账准备',
      nameEn: 'Allowance for doubtful accounts',
    }),
    account({ code: '2202', kind: 'liability', nameZh: '应付账款', nameEn: 'Accounts payable' }),
    account({
      code: '2203',
      kind: 'liability',
      nameZh: '预收账款',
      nameEn: 'Advances from customers',
    }),
    account({
      code: '2205',
      kind: 'liability',
      nameZh: '合同负债',
      nameEn: 'Contract liabilities',
    }),
    account({ code: '2221', kind: 'liability', nameZh: '应交税费', nameEn: 'Taxes payable' }),
    account({
      code: '2221.01',
      kind: 'liability',
      nameZh: '应交税费—应交增值税（销项税额）',
      nameEn: 'Output VAT',
    }),
    account({
      code: '2221.02',
      kind: 'liability',
      nameZh: '应交税费—未交增值税',
      nameEn: 'VAT unpaid',
    }),
    account({
      code: '2221.06',
      kind: 'liability',
      nameZh: '应交税费—待转销项税额',
      nameEn: 'Output VAT not yet due',
    }),
    account({ code: '2241', kind: 'liability', nameZh: '其他应付款', nameEn: 'Other payables' }),
    account({ code: '4103', kind: 'equity', nameZh: '本年利润', nameEn: 'Profit of the year' }),
    account({ code: '4104', kind: 'equity', nameZh: '利润分配', nameEn: 'Profit distribution' }),
    account({ code: '6001', kind: 'income', nameZh: '主营业务收入', nameEn: 'Revenue' }),
    contraAccount({
      code: '6001.01',
      kind: 'income',
      nameZh: '主营业务收入—销售折扣',
      nameEn: 'Sales discounts',
    }),
    account({
      code: '6051',
      kind: 'income',
      nameZh: '其他业务收入',
      nameEn: 'Other operating income',
    }),
    account({
      code: '6051.01',
      kind: 'income',
      nameZh: '其他业务收入—违约金',
      nameEn: 'Late fees',
    }),
    account({ code: '6301', kind: 'income', nameZh: '营业外收入', nameEn: 'Non-operating income' }),
    account({ code: '6401', kind: 'expense', nameZh: '主营业务成本', nameEn: 'Cost of revenue' }),
    account({
      code: '6403',
      kind: 'expense',
      nameZh: '税金及附加',
      nameEn: 'Taxes and surcharges',
    }),
    account({
      code: '6603',
      kind: 'expense',
      nameZh: '财务费用—手续费',
      nameEn: 'Finance cost: rail fees',
    }),
    account({
      code: '6702',
      kind: 'expense',
      nameZh: '信用减值损失',
      nameEn: 'Credit impairment losses',
    }),
    account({
      code: '6711',
      kind: 'expense',
      nameZh: '营业外支出',
      nameEn: 'Non-operating expenses',
    }),
  ],
  roles: {
    receivable: '1122',
    contractLiability: '2205',
    outputTax: '2221.01',
    railFee: '6603',
    bank: '1002',
    advances: '2203',
    salesDiscount: '6001.01',
    breakage: '6051',
    cash: '1001',
    suspensePayable: '2241',
    suspenseReceivable: '1221',
    otherIncome: '6051',
    lateFeeIncome: '6051.01',
    differenceGain: '6301',
    differenceLoss: '6711',
    inTransit: '1012.09',
  },
  railClearing: {
    wechat: '1012.01',
    alipay: '1012.02',
    unionpay: '1012.03',
    sepa: '1012.04',
  },
};

/** The account with this code, or undefined when the chart has none. */
export function findAccount(chart: Chart, code: string): Account | undefined {
  return chart.accounts.find((candidate) => candidate.code === code);
}

/**
 * The code of the account where `rail`'s money stands before it reaches the bank. A rail that the
 * chart does not name is our mistake in composing the platform, so it throws: booking its money
 * under a guess would hide it. The platform asks this for every rail when it starts.
 */
export function clearingAccountOf(chart: Chart, rail: string): string {
  const code = Object.hasOwn(chart.railClearing, rail) ? chart.railClearing[rail] : undefined;
  return present(code, `the chart's clearing account of the rail ${rail}`);
}

/** Stops when a chart names an account twice, or a role or rail points at no account of it. */
export function assertChart(chart: Chart): void {
  const codes = new Set(chart.accounts.map((candidate) => candidate.code));
  invariant(codes.size === chart.accounts.length, 'a chart names each account once');
  for (const code of [...Object.values(chart.roles), ...Object.values(chart.railClearing)]) {
    invariant(codes.has(code), `the chart uses the account ${code} and does not list it`);
  }
}
