import {
  type Break,
  bucketOf,
  CHINA_CHART,
  clearingAccountOf,
  type Journal,
  type JournalId,
  type Merchant,
  type Money,
  money,
  postPaymentReceived,
  present,
  type Rail,
  type RailBillLine,
  type RailCapabilities,
  type SettlementLine,
} from '../../packages/core/src/index.ts';
import {
  ALL_BUCKETS,
  type Engine,
  everyBreak,
  type Job,
  NO_PROGRESS,
  reconcileDay,
} from '../../packages/engine/src/index.ts';
import { composeEngine } from '../../packages/server/src/compose.ts';
import { ZONE } from './builders.ts';
import { type Life, NOW, newId, TODAY } from './life.ts';
import { saveLife, type World } from './world.ts';

/** Any rail of the chart: the comparison asks it for its files only. */
export const BILL_RAIL = present(Object.keys(CHINA_CHART.railClearing)[0], 'a rail');

/** What the rail hands out for a date. */
export type BillFile = {
  readonly lines: readonly RailBillLine[];
  /** Said after the lines, as a file that ends too early. */
  readonly damage?: string;
};

type Downloads = {
  /** By date; `'empty'` and `'down'` are answers too. A date without one is not ready. */
  readonly bills: Map<string, BillFile | 'empty' | 'down'>;
  readonly statements: Map<string, readonly SettlementLine[]>;
};

/** A merchant whose one rail hands out whatever bills a test gives it. */
export type BillWorld = Downloads & {
  readonly world: World;
  readonly merchant: Merchant;
  /** Works at ten in the morning of the day after `date`. */
  readonly jobAfter: (date: Temporal.PlainDate) => Job;
  readonly reconcile: (date: Temporal.PlainDate) => ReturnType<typeof reconcileDay>;
  /** Breaks as "class number state difference", sorted. */
  readonly breaks: () => Promise<readonly string[]>;
  readonly allBreaks: () => Promise<readonly Break[]>;
  /** Debit minus credit of an account. */
  readonly balanceOf: (account: string) => Promise<bigint>;
  readonly clearing: () => Promise<bigint>;
};

export async function makeBillWorld(
  world: World,
  options: {
    readonly hasStatement?: boolean;
    /** Banks may take money back. */
    readonly hasReturns?: boolean;
    /** Dates on which its banks settle; absent: a bill of every date. */
    readonly settlesOn?: RailCapabilities['settlesOn'];
    readonly names?: readonly string[];
  } = {},
): Promise<BillWorld> {
  const downloads: Downloads = { bills: new Map(), statements: new Map() };
  const { store, merchant } = world;
  const composed = composeEngine({
    store,
    log: { info() {}, warn() {} },
    connections: {},
    baseUrl: 'http://127.0.0.1',
    merchantCode: merchant.code,
  });
  const rail = fileRail(downloads, options);
  const [zh = '某通道', en = 'Some rail'] = options.names ?? [];
  const engine: Engine = {
    ...composed,
    rails: new Map([[rail.id, rail]]),
    railNames: new Map([[rail.id, { zh, en }]]),
  };
  const jobAfter = (date: Temporal.PlainDate): Job => ({
    engine,
    merchant: { ...merchant, testClock: morningAfter(date) },
    buckets: ALL_BUCKETS,
    progress: NO_PROGRESS,
  });
  const balanceOf = async (account: string) => {
    const rows = await store.transact(merchant.id, (tx) => tx.loadTrialBalance());
    const row = rows.find((one) => one.account === account);
    return (row?.debitMinor ?? 0n) - (row?.creditMinor ?? 0n);
  };
  const allBreaks = async () => {
    const found: Break[] = [];
    for await (const one of everyBreak(jobAfter(TODAY), {})) found.push(one);
    return found;
  };
  return {
    ...downloads,
    world,
    merchant,
    jobAfter,
    reconcile: (date) => reconcileDay(jobAfter(date), { rail: rail.id, businessDate: date }),
    allBreaks,
    breaks: async () => (await allBreaks()).map(told).sort(),
    balanceOf,
    clearing: () => balanceOf(clearingAccountOf(CHINA_CHART, rail.id)),
  };
}

function told(one: Break): string {
  return [one.class, one.orderNumber, one.state, one.difference?.minor ?? '-'].join(' ');
}

function morningAfter(date: Temporal.PlainDate): Temporal.Instant {
  return date
    .add({ days: 1 })
    .toZonedDateTime({ timeZone: ZONE, plainTime: Temporal.PlainTime.from('10:30') })
    .toInstant();
}

function fileRail(
  { bills, statements }: Downloads,
  {
    hasStatement = false,
    hasReturns = false,
    settlesOn,
  }: {
    readonly hasStatement?: boolean;
    readonly hasReturns?: boolean;
    readonly settlesOn?: RailCapabilities['settlesOn'];
  },
): Rail {
  const never = () => Promise.reject(new Error('the comparison moves no money'));
  return {
    id: BILL_RAIL,
    capabilities: {
      currencies: ['CNY'],
      signingFlows: [],
      orderNumberMaxLength: 32,
      numberDiscipline: { afterRefusal: 'new_number', afterNeverSent: 'same_number' },
      completion: 'reply',
      defaultSingleCap: money(50_000n, 'CNY'),
      submitPerSecond: 100,
      billReadyAt: Temporal.PlainTime.from('10:00'),
      zone: ZONE,
      ...(hasReturns ? { returnsWithinDays: 56 } : {}),
      ...(settlesOn && { settlesOn }),
    },
    beginSigning: never,
    queryMandate: never,
    endMandate: never,
    submit: never,
    ask: never,
    close: never,
    readCallback: () => {
      throw new Error('the comparison takes no callbacks');
    },
    fetchBill: async (date) => {
      const file = bills.get(date.toString());
      if (file === undefined) return { kind: 'not_ready', message: 'The bill is being made.' };
      if (file === 'down') throw new Error('connect ECONNREFUSED');
      if (file === 'empty') return { kind: 'empty' };
      return { kind: 'ready', contentHash: hashOf(file), lines: streamOf(file) };
    },
    ...(hasStatement
      ? {
          fetchSettlement: async (date: Temporal.PlainDate) => {
            const lines = statements.get(date.toString());
            if (lines === undefined) return { kind: 'not_ready', message: 'Not yet.' } as const;
            return {
              kind: 'ready',
              contentHash: hashOf(lines),
              lines: streamOf({ lines }),
            } as const;
          },
        }
      : {}),
  };
}

/** Other words, another hash: enough for files that live for one test. */
function hashOf(file: unknown): string {
  const text = JSON.stringify(file, (_key, value: unknown) =>
    typeof value === 'bigint' ? value.toString() : value,
  );
  let hash = 0n;
  for (const letter of text) {
    hash = (hash * 131n + BigInt(letter.codePointAt(0) ?? 0)) % (1n << 255n);
  }
  return hash.toString(16).padStart(64, '0');
}

async function* streamOf<Line>(file: {
  readonly lines: readonly Line[];
  readonly damage?: string;
}): AsyncGenerator<Line> {
  yield* file.lines;
  if (file.damage !== undefined) throw new Error(file.damage);
}

/** An order of ours that the rail has paid, booked on `date`. */
export async function paidOrder(
  { world }: Pick<BillWorld, 'world'>,
  date: Temporal.PlainDate = TODAY,
): Promise<Life> {
  return saveLife(world, (life) => {
    const onRail = { rail: BILL_RAIL };
    const payment = { ...life.payment, ...onRail, businessDate: date };
    return {
      mandate: { ...life.mandate, ...onRail },
      debit: { ...life.debit, ...onRail },
      attempt: { ...life.attempt, ...onRail },
      payment,
      paymentJournal: postPaymentReceived({
        id: life.paymentJournal.id,
        merchantId: payment.merchantId,
        customerId: payment.customerId,
        paymentId: payment.id,
        rail: BILL_RAIL,
        amount: payment.amount,
        businessDate: date,
        postedAt: NOW,
      }),
    };
  });
}

/** What a person books into the clearing account by a journal of its own; its id proves it. */
export async function bookByHand(world: BillWorld, minor: bigint): Promise<JournalId> {
  const sourceId = newId('pay');
  const id = newId('jrn', bucketOf(sourceId));
  const entries = [
    { account: clearingAccountOf(CHINA_CHART, BILL_RAIL), minor },
    { account: '1122', minor: -minor },
  ];
  const facts = { merchantId: world.merchant.id, businessDate: TODAY, postedAt: NOW } as const;
  const journal: Journal = {
    id,
    ...facts,
    template: 'payment_received',
    sourceId,
    currency: 'CNY',
    entries,
  };
  await world.world.store.transact(world.merchant.id, (tx) => tx.save({ journals: [journal] }));
  return id;
}

/** The line by which a true bill names a paid order; 0.60 % of fee. */
export function lineOf(life: Life, lineNumber: number): RailBillLine {
  return billLine(life.attempt.orderNumber, life.payment.amount, lineNumber);
}

export function billLine(orderNumber: string, amount: Money, lineNumber: number): RailBillLine {
  const minor = (amount.minor * 60n + 5_000n) / 10_000n;
  return {
    lineNumber,
    kind: 'payment',
    orderNumber,
    railReference: `T${lineNumber}-${newId('run').slice(-6)}`,
    amount,
    fee: { minor, currency: amount.currency },
    at: NOW.add({ seconds: 5 }),
  };
}

/** The true bill of these orders. */
export function trueBill(lives: readonly Life[]): BillFile {
  return { lines: lives.map((life, index) => lineOf(life, index + 1)) };
}

/** What a bill moved at the rail: payments − refunds − fees. */
export function netOf({ lines }: BillFile): bigint {
  return lines.reduce(
    (net, { kind, amount, fee }) =>
      net + (kind === 'payment' ? amount.minor : -amount.minor) - fee.minor,
    0n,
  );
}
