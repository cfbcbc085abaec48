export type Language = 'zh' | 'en';

/** The language of the terminal: `DAIKOU_LANG`, else the system's, else English. */
export function languageOf(environment: Readonly<Record<string, string | undefined>>): Language {
  const named =
    environment['DAIKOU_LANG'] ||
    environment['LC_ALL'] ||
    environment['LC_MESSAGES'] ||
    environment['LANG'] ||
    'en';
  return named.toLowerCase().startsWith('zh') ? 'zh' : 'en';
}

type Words = Readonly<Record<Language, string>>;

/** What a progress bar says about each kind of work. */
export const STEP_WORDS: Readonly<Record<string, Words>> = {
  import: { zh: '导入客户', en: 'import' },
  usage: { zh: '导入用量', en: 'import usage' },
  fold: { zh: '汇总用量', en: 'fold usage' },
  mandates: { zh: '签约代扣', en: 'sign mandates' },
  drafts: { zh: '生成账单', en: 'draft invoices' },
  issue: { zh: '开出账单', en: 'issue invoices' },
  notices: { zh: '发送通知', en: 'send notices' },
  deliveries: { zh: '确认送达', en: 'check delivery' },
  announce: { zh: '通道预通知', en: 'announce to rail' },
  ask: { zh: '查询结果', en: 'ask the rails' },
  debits: { zh: '扣款', en: 'debit' },
  reconcile: { zh: '对账', en: 'reconcile' },
  backup: { zh: '备份', en: 'back up' },
  verify: { zh: '检查备份', en: 'check the backup' },
  restore: { zh: '恢复', en: 'restore' },
  relearn: { zh: '向通道核对', en: 'ask the rails' },
};

export const SUMMARY_WORDS = {
  customers: { zh: '客户', en: 'Customers' },
  refused: { zh: '拒收的行', en: 'Refused rows' },
  invoices: { zh: '账单', en: 'Invoices' },
  notices: { zh: '通知（送达/发送/失败）', en: 'Notices delivered/sent/failed' },
  debits: { zh: '扣款成功', en: 'Debits succeeded' },
  debitsRefused: { zh: '扣款失败', en: 'Debits refused' },
  debitsUnknown: { zh: '结果待确认', en: 'Outcome unknown' },
  debitsBlocked: { zh: '暂不可扣（通知或日期）', en: 'Held back (notice or date)' },
  debitsWaiting: { zh: '已改期待扣', en: 'Waiting for a new date' },
  reconciliation: { zh: '对账（通道行/相符/差错）', en: 'Rail rows/matched/breaks' },
  ledger: { zh: '账簿', en: 'Ledger' },
  balanced: { zh: '借贷平衡', en: 'balanced' },
  unbalanced: { zh: '借贷不平', en: 'NOT balanced' },
  journals: { zh: '笔分录', en: 'journals' },
  seconds: { zh: '用时（秒）', en: 'Seconds' },
} as const satisfies Readonly<Record<string, Words>>;
