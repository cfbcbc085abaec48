import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { deflateSync, gzipSync } from 'node:zlib';
import { zipSync } from 'fflate';
import iconv from 'iconv-lite';
import {
  CHINA_CHART,
  clearingAccountOf,
  type Money,
  money,
  postPaymentReceived,
} from '../../packages/core/src/index.ts';
import {
  ALL_BUCKETS,
  everyBreak,
  type Job,
  NO_PROGRESS,
  reconcileDay,
  takeInStatements,
} from '../../packages/engine/src/index.ts';
import { composeEngine } from '../../packages/server/src/compose.ts';
import { readStatementFile } from '../../packages/server/src/http/payments.ts';
import { NOW, newCatalog, newId, newLife } from '../kit/life.ts';
import {
  type BillDesk,
  type BillFacts,
  feeOf,
  openAlipayDesk,
  openSepaDesk,
  openUnionpayDesk,
  openWechatDesk,
  type PaidRow,
  type Signer,
  SMALL_LIMIT_BYTES,
  send,
} from '../kit/rail-bills.ts';
import { BACKENDS } from '../kit/stores.ts';
import { saveLife, tenantsOf, type World } from '../kit/world.ts';

/** A Monday, so that banks work. */
const DATE = Temporal.PlainDate.from('2026-03-02');
const MORNING = Temporal.Instant.from('2026-03-03T03:00:00Z');

/** A file that must not be believed: what is wrong, its bytes, and what the day then says. */
type Bad = readonly [
  what: string,
  bytes: (write: BillDesk['write'], facts: BillFacts) => Uint8Array,
  problem: RegExp,
  by?: Signer,
];

const half = (bytes: Uint8Array): Uint8Array => bytes.subarray(0, bytes.length / 2);
const withoutLast = (bytes: Uint8Array): Uint8Array =>
  bytes.subarray(0, Buffer.from(bytes).lastIndexOf('\r\n', bytes.length - 3));
const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('utf8');
const dayBefore = (facts: BillFacts): BillFacts => ({ ...facts, date: DATE.subtract({ days: 1 }) });
/** Five megabytes of one letter. */
const bomb = (): Buffer => Buffer.alloc(5_000_000, '`');
/** Ten entities, each ten times the one before it: ten thousand million words. */
const LAUGHS = `<!DOCTYPE d [<!ENTITY a "ha">${'bcdefghij'
  .split('')
  .map((name, at) => `<!ENTITY ${name} "${`&${'abcdefghi'[at]};`.repeat(10)}">`)
  .join('')}]>`;
const PAGE = Buffer.from('<html><body>502 Bad Gateway</body></html>');
const TOO_LONG = /more than|goes on after/;

/** What is wrong in the same way for every rail that hands out files. */
const EVERYWHERE: readonly Bad[] = [
  ['empty', () => new Uint8Array(), /./],
  ['a page of a gateway', () => PAGE, /./],
];

const WECHAT: readonly Bad[] = [
  ['cut in the middle', (write, facts) => half(write(facts)), /row 1: The amount/],
  ['cut before its last line', (write, facts) => withoutLast(write(facts)), /before its summary/],
  ['packed, and cut', (write, facts) => half(gzipSync(write(facts))), /damaged/],
  ['of the day before', (write, facts) => write(dayBefore(facts)), /the bill is of 2026-03-01/],
  [
    'of another merchant',
    (write, facts) => write({ ...facts, merchant: '1900000001' }),
    /of another merchant/,
  ],
  ['of other totals', (write, facts) => write({ ...facts, excess: 1n }), /add up to/],
  [
    'without its backticks',
    (write, facts) => Buffer.from(text(write(facts)).replaceAll('`', '')),
    /ends before its summary/,
  ],
  [
    'saved again in GBK',
    (write, facts) => Buffer.from(text(write(facts)).replace('交易时间', '\xbd\xbb'), 'latin1'),
    /not UTF-8|no column/,
  ],
  ['an XML bomb', () => Buffer.from(`${LAUGHS}<xml><return_msg>&j;</return_msg></xml>`), /column/],
  ['a bomb of one row', () => gzipSync(bomb()), /no end|no column/],
  ['longer than the limit', () => Buffer.alloc(SMALL_LIMIT_BYTES + 1), TOO_LONG],
];

const ALIPAY: readonly Bad[] = [
  ['cut in the middle', (write, facts) => half(write(facts)), /cut/],
  ['of the day before', (write, facts) => write(dayBefore(facts)), /the bill is of 2026-03-01/],
  [
    'of another merchant',
    (write, facts) => write({ ...facts, merchant: '2088000000000001' }),
    /of another merchant/,
  ],
  ['of other totals', (write, facts) => write({ ...facts, excess: 1n }), /add up to/],
  ['longer than the limit', () => Buffer.alloc(SMALL_LIMIT_BYTES + 1), TOO_LONG],
  ['at an address that a stranger signed', (write, facts) => write(facts), /signed/, 'stranger'],
];

const UNIONPAY: readonly Bad[] = [
  ['cut in the middle', (write, facts) => half(write(facts)), /damaged/],
  [
    'of another day',
    (write, facts) => write({ ...facts, date: DATE.subtract({ days: 9 }) }),
    /of 2026-02-21/,
  ],
  [
    'of another merchant',
    (write, facts) => write({ ...facts, merchant: '777290000000000' }),
    /of another merchant/,
  ],
  ['of amounts that contradict', (write, facts) => write({ ...facts, excess: 1n }), /contradict/],
  [
    'a bomb in a bomb',
    () => deflateSync(zipSync({ INN26030288ZM_777290058167151: bomb() })),
    /no end|bytes where/,
  ],
  ['longer than the limit', () => Buffer.alloc(SMALL_LIMIT_BYTES), TOO_LONG],
  ['signed by an old certificate', (write, facts) => write(facts), /not_valid_now/, 'expired'],
  ['signed by somebody else', (write, facts) => write(facts), /another_name/, 'stranger'],
];

const SEPA: readonly Bad[] = [
  ['cut in the middle', (write, facts) => half(write(facts)), /set aside/],
  ['of the day before', (write, facts) => write(dayBefore(facts)), /not sent the statement/],
  [
    'of another account',
    (write, facts) => write({ ...facts, merchant: 'DE02120300000000202051' }),
    /not a report about our account/,
  ],
  [
    'of other balances',
    (write, facts) => write({ ...facts, excess: 1n }),
    /entries add up to 11941, the balances of the statement to 11940/,
  ],
  [
    'saved again in GBK',
    (write, facts) => Buffer.concat([Buffer.from([0xbd, 0xbb]), write(facts)]),
    /not UTF-8/,
  ],
  [
    'an XML bomb',
    (write, facts) => Buffer.concat([Buffer.from(LAUGHS), write(facts)]),
    /document type/,
  ],
  ['a bomb of one tag', () => Buffer.from(`<Document>${'<x '.padEnd(200_000, 'x')}`), /too long/],
];

const RAILS: readonly {
  readonly name: string;
  readonly open: () => Promise<BillDesk>;
  readonly currency: 'CNY' | 'EUR';
  readonly bad: readonly Bad[];
  /** The same bill in other bytes, which must not count as another. */
  readonly dress?: (bytes: Uint8Array) => Uint8Array;
  readonly feeOf?: (minor: bigint) => bigint;
}[] = [
  {
    name: 'WeChat Pay',
    open: openWechatDesk,
    currency: 'CNY',
    bad: [...EVERYWHERE, ...WECHAT],
    dress: (bytes) => gzipSync(bytes),
  },
  { name: 'Alipay', open: openAlipayDesk, currency: 'CNY', bad: [...EVERYWHERE, ...ALIPAY] },
  { name: 'UnionPay', open: openUnionpayDesk, currency: 'CNY', bad: [...EVERYWHERE, ...UNIONPAY] },
  {
    name: 'SEPA',
    open: openSepaDesk,
    currency: 'EUR',
    bad: [...EVERYWHERE, ...SEPA],
    feeOf: () => 0n,
  },
];

const [embedded] = BACKENDS;

describe('a bill that must not be believed', () => {
  assert.ok(embedded?.name === 'PGlite');
  const newTenantWorld = tenantsOf(embedded.databases());

  for (const { name, open, currency, bad, dress, feeOf: fee = feeOf } of RAILS) {
    describe(`of ${name}`, () => {
      let desk: BillDesk;
      let world: World;
      let facts: BillFacts;
      before(async () => {
        [desk, world] = [await open(), await newTenantWorld()];
        const rows = [await paid(world, desk, currency), await paid(world, desk, currency)];
        if (currency === 'EUR') await send(desk, rows);
        facts = { rows, date: DATE };
      });
      after(() => desk.close());

      for (const [what, bytes, problem, by] of bad) {
        test(`${what}: the day says so, and nothing of it counts`, async () => {
          await desk.hand(bytes(desk.write, facts), by);
          const before_ = await seenOf(world, desk);
          const outcome = await reconcile(world, desk);
          assert.ok(['unknown', 'not_ready'].includes(outcome.kind), outcome.kind);
          const day = await dayOf(world, desk);
          assert.match(day?.problem ?? '', problem);
          assert.equal(day?.bill, 'expected');
          assert.deepEqual(await seenOf(world, desk), before_);
        });
      }

      test('and then the true one: it counts once, also in other bytes and twice', async () => {
        const bytes = desk.write(facts);
        await desk.hand(bytes);
        assert.equal((await reconcile(world, desk)).kind, 'matched');
        const day = await dayOf(world, desk);
        assert.deepEqual([day?.problem, day?.bill], [undefined, 'loaded']);
        const net = facts.rows.reduce((sum, { minor }) => sum + minor - fee(minor), 0n);
        assert.deepEqual(await seenOf(world, desk), { breaks: [], clearing: net });
        await desk.hand(dress?.(bytes) ?? bytes);
        assert.equal((await reconcile(world, desk)).kind, 'already_matched');
        assert.deepEqual(await seenOf(world, desk), { breaks: [], clearing: net });
      });

      test('and issued again without a row: that row is missing, and nothing else', async () => {
        const [kept, lost] = facts.rows;
        assert.ok(kept && lost);
        await desk.hand(desk.write({ ...facts, rows: [kept] }));
        const outcome = await reconcile(world, desk);
        assert.equal(outcome.kind, 'matched');
        const { breaks } = await seenOf(world, desk);
        assert.deepEqual(breaks, [`shortage ${lost.order} pooled`]);
      });
    });
  }
});

describe('a signed reply of UnionPay', () => {
  const SAID: readonly (readonly [
    what: string,
    change: Readonly<Record<string, string>>,
    told: string,
  ])[] = [
    ['about the order and the amount that were sent', {}, 'succeeded'],
    ['about another order', { orderId: 'D1N1' }, 'the reply names another orderId'],
    ['about another time', { txnTime: '20260302080000' }, 'the reply names another txnTime'],
    ['of another merchant', { merId: '777290000000000' }, 'the reply names another merId'],
    ['of another amount', { txnAmt: '5971' }, 'the reply names 5971 where 5970 was sent'],
    ['of another currency', { currencyCode: '840' }, 'paid, but the message lacks'],
  ];
  test('is believed about what was asked only', async () => {
    const desk = await openUnionpayDesk();
    const { attempt } = newLife(newId('mer'), { catalog: newCatalog() });
    const { orderNumber } = attempt;
    const amount = money(5_970n, 'CNY');
    const request = { orderNumber, railReference: 'T1', amount, description: '专业版' };
    for (const [what, change, told] of SAID) {
      desk.say(change);
      const outcome = await desk.rail.submit(request);
      const words = outcome.kind === 'unknown' ? outcome.detail : outcome.kind;
      assert.ok(words.startsWith(told), `${what}: ${words}`);
    }
    await desk.close();
  });
});

describe('a bank statement that must not be believed', () => {
  assert.ok(embedded?.name === 'PGlite');
  const newTenantWorld = tenantsOf(embedded.databases());
  const golden = readFileSync(
    new URL('../../packages/adapters/src/statements/golden/corporate.csv', import.meta.url),
  );
  const [header = '', first = '', second = ''] = iconv.decode(golden, 'gb18030').split(/\r?\n/);
  const third = [
    ['20261202', '20261204'],
    ['200.00', '100.00'],
    ['1300.00', '1200.00'],
    ['F0002', 'F0003'],
  ].reduce((row, [from = '', to = '']) => row.replace(from, to), second);
  const words = [header, first, second, third, ''].join('\r\n');
  const file = gb18030(words);
  const XML = '<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"></Document>';
  const about = { account: '基本户', name: 'statement.csv' };

  const BAD: readonly (readonly [what: string, bytes: Uint8Array, code: string])[] = [
    ['a row was cut out', gb18030(words.replace(`${second}\r\n`, '')), 'statement'],
    ['an amount was changed', gb18030(words.replace('200.00', '200.01')), 'statement'],
    ['the file is cut', file.subarray(0, Buffer.from(file).indexOf('20261204') + 8), 'statement'],
    ['an XML bomb', Buffer.from(`${LAUGHS}${XML}`), 'statement_damaged'],
    ['a page of a gateway', PAGE, 'statement_format_unknown'],
    ['empty', new Uint8Array(), 'statement_format_unknown'],
  ];

  test('is refused with a code, and the true one counts once, in any encoding', async () => {
    const world = await newTenantWorld();
    const job = jobOf(world);
    for (const [what, bytes, code] of BAD) {
      const read = readStatementFile(bytes, about);
      const taken = read.ok ? await takeInStatements(job, read.value) : read;
      assert.ok(!taken.ok, what);
      assert.ok(taken.refusal.code.startsWith(code), `${what}: ${taken.refusal.code}`);
    }
    const added: number[] = [];
    for (const bytes of [file, file, Buffer.from(`\ufeff${words}`), iconv.encode(words, 'utf16')]) {
      const read = readStatementFile(bytes, about);
      assert.ok(read.ok, read.ok ? '' : read.refusal.sentence);
      const taken = await takeInStatements(job, read.value);
      assert.ok(taken.ok);
      added.push(taken.value.added);
    }
    assert.deepEqual(added, [3, 0, 0, 0]);
  });
});

function gb18030(words: string): Uint8Array {
  return iconv.encode(words, 'gb18030');
}

function jobOf(world: World, desk?: BillDesk): Job {
  const { store, merchant } = world;
  const engine = composeEngine({
    store,
    log: { info() {}, warn() {} },
    connections: {},
    baseUrl: 'http://127.0.0.1',
    merchantCode: merchant.code,
  });
  // The bill alone: the account statements of these rails have tests of their own.
  const rails =
    desk === undefined ? [] : [desk.rail].map(({ fetchSettlement: _, ...rail }) => rail);
  return {
    engine: { ...engine, rails: new Map(rails.map((rail) => [rail.id, rail])) },
    merchant: { ...merchant, testClock: MORNING },
    buckets: ALL_BUCKETS,
    progress: NO_PROGRESS,
  };
}

function reconcile(world: World, desk: BillDesk) {
  return reconcileDay(jobOf(world, desk), { rail: desk.rail.id, businessDate: DATE });
}

async function dayOf({ store, merchant }: World, desk: BillDesk) {
  const days = await store.transact(merchant.id, (tx) =>
    tx.loadDays({ rail: desk.rail.id, from: DATE, until: DATE }),
  );
  return days[0];
}

/** All that a bill can change: the differences and the rail's balance in our books. */
async function seenOf(world: World, desk: BillDesk) {
  const breaks: string[] = [];
  for await (const one of everyBreak(jobOf(world, desk), {})) {
    breaks.push(`${one.class} ${one.orderNumber} ${one.state}`);
  }
  const account = clearingAccountOf(CHINA_CHART, desk.rail.id);
  const rows = await world.store.transact(world.merchant.id, (tx) => tx.loadTrialBalance());
  const found = rows.filter((row) => row.account === account);
  const clearing = found.reduce((sum, row) => sum + row.debitMinor - row.creditMinor, 0n);
  return { breaks, clearing };
}

/** An order of ours that this rail has paid. */
async function paid(world: World, desk: BillDesk, currency: 'CNY' | 'EUR'): Promise<PaidRow> {
  const onRail = { rail: desk.rail.id };
  const inCurrency = (amount: Money): Money => money(amount.minor, currency);
  const { attempt, payment } = await saveLife(world, (life) => {
    const amount = inCurrency(life.payment.amount);
    const made = { ...life.payment, ...onRail, amount, businessDate: DATE };
    return {
      mandate: { ...life.mandate, ...onRail, singleCap: inCurrency(life.mandate.singleCap) },
      debit: { ...life.debit, ...onRail, amount },
      attempt: { ...life.attempt, ...onRail, amount },
      payment: made,
      paymentJournal: postPaymentReceived({
        id: life.paymentJournal.id,
        merchantId: made.merchantId,
        customerId: made.customerId,
        paymentId: made.id,
        rail: desk.rail.id,
        amount,
        businessDate: DATE,
        postedAt: NOW,
      }),
    };
  });
  return { order: attempt.orderNumber, minor: payment.amount.minor };
}
