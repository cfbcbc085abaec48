/** One subscriber of a test: what the file says about them. */
export type SubscriberLine = {
  readonly reference: string;
  /** How they pay: `alipay`, `wechat` or `transfer`. */
  readonly by: 'alipay' | 'wechat' | 'unionpay' | 'transfer';
  /** The monthly charge as the file writes it. */
  readonly charge: string;
  readonly mail?: string;
  readonly phone?: string;
};

export const SUBSCRIBER_COLUMNS: readonly string[] = [
  'customerID',
  'tenure',
  'InternetService',
  'MultipleLines',
  'OnlineSecurity',
  'OnlineBackup',
  'DeviceProtection',
  'TechSupport',
  'StreamingTV',
  'StreamingMovies',
  'Contract',
  'PaperlessBilling',
  'PaymentMethod',
  'MonthlyCharges',
  'TotalCharges',
  'Mail',
  'Phone',
];

/** A subscriber file of these lines: telephone customers without modules, billed by mail. */
export function writeSubscribers(lines: readonly SubscriberLine[]): string {
  const rows = lines.map(({ reference, by, charge, mail, phone }) => [
    reference,
    '1',
    ...Array.from({ length: 8 }, () => 'No'),
    'Month-to-month',
    phone === undefined ? 'Yes' : 'No',
    by,
    charge,
    charge,
    mail ?? (phone === undefined ? `${reference.toLowerCase()}@example.test` : ''),
    phone ?? '',
  ]);
  return [SUBSCRIBER_COLUMNS, ...rows].map((cells) => `${cells.join(',')}\n`).join('');
}
