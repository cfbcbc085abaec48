import { money, type RailCapabilities } from '../../../packages/core/src/index.ts';

const ZONE = 'Asia/Shanghai';
const OPEN_HOURS = {
  from: Temporal.PlainTime.from('07:00'),
  until: Temporal.PlainTime.from('22:00'),
  zone: ZONE,
} as const;

const SHARED = {
  currencies: ['CNY'],
  signingFlows: ['browser_page'],
  orderNumberMaxLength: 32,
  numberDiscipline: { afterRefusal: 'new_number', afterNeverSent: 'same_number' },
  defaultSingleCap: money(50_000n, 'CNY'),
  successesPerDay: 1,
  refunds: {
    withinDays: 365,
    partial: true,
    maxPerPayment: 50,
    secondsBetween: 0,
    completion: 'later',
  },
  // So many that no worker ever waits on the wall clock: the simulation has another one.
  submitPerSecond: 1_000_000,
  billReadyAt: Temporal.PlainTime.from('10:00'),
  zone: ZONE,
} as const satisfies Partial<RailCapabilities>;

/** The four kinds of rails that are simulated, told apart by what they declare only. */
export const PROFILES: ReadonlyMap<string, RailCapabilities> = new Map([
  // Wants its own announcement, has opening hours, answers later, can close an unpaid number.
  [
    'wechat',
    {
      ...SHARED,
      completion: 'later',
      submitWindow: OPEN_HOURS,
      announcement: { leadDays: 2, windowDays: 3, window: OPEN_HOURS },
      closeAfterSeconds: 300,
    },
  ],
  // Keeps a planned date and takes the money in the days before it; the answer is final.
  [
    'alipay',
    {
      ...SHARED,
      completion: 'reply',
      plannedDate: { earlyDays: 5, latestDayOfMonth: 28 },
      closeAfterSeconds: 0,
    },
  ],
  // A card behind a token: any hour, any date, answers at once or soon, nothing can be closed.
  ['unionpay', { ...SHARED, completion: 'later' }],
  // A bank account: the payer's bank may take the money back for weeks after it came.
  ['sepa', { ...SHARED, completion: 'later', returnsWithinDays: 56 }],
]);
