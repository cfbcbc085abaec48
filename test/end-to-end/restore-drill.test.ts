import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { present, toContractCode } from '../../packages/core/src/index.ts';
import { requestRefund, resolveFinding, submitDebits } from '../../packages/engine/src/index.ts';
import type { Backend } from '../../packages/store/src/backends/backend.ts';
import { openMemoryDatabase } from '../../packages/store/src/backends/pglite.ts';
import { openPostgres } from '../../packages/store/src/backends/postgres.ts';
import { type OpenedStore, storeOf } from '../../packages/store/src/open.ts';
import { at, clockOf } from '../kit/builders.ts';
import { mandatesOf } from '../kit/methods.ts';
import {
  backupFile,
  beginSigning,
  inTheWay,
  learned,
  lookHeld,
  paidNumbers,
  release,
  restoreFrom,
} from '../kit/restore-drill.ts';
import { type Play, Stage } from '../kit/stage.ts';
import { postgresDatabases } from '../kit/stores.ts';
import { temporaryFolder } from '../kit/telco.ts';

const folder = temporaryFolder();
after(() => folder.remove());

const SUBSCRIBERS = [
  { reference: 'R-1', by: 'alipay', charge: '29.85' },
  { reference: 'R-2', by: 'wechat', charge: '56.95' },
  { reference: 'R-3', by: 'alipay', charge: '53.85' },
  { reference: 'R-4', by: 'wechat', charge: '42.30' },
] as const;
const MONTH_MINOR = 2_985 + 5_695 + 5_385 + 4_230;

const backends = [
  { name: 'PGlite', open: () => async (): Promise<Backend> => openMemoryDatabase() },
  {
    name: 'PostgreSQL',
    open: () => {
      const { empty } = postgresDatabases();
      return async () => openPostgres(await empty());
    },
  },
] as const;

const backUp = async (play: Play, path: string) => {
  await (play.engine.store as OpenedStore).backUp(path);
};

for (const { name, open } of backends) {
  describe(`the books are lost and come back, on ${name}`, () => {
    const makeDatabase = open();
    let stage: Stage | undefined;
    const opened: OpenedStore[] = [];
    const database = async (): Promise<Backend> => {
      const backend = await makeDatabase();
      opened.push(await storeOf({ ...backend, close: backend.close }));
      return backend;
    };
    const spare: Backend[] = [];
    const emptyDatabase = async () => {
      const backend = await makeDatabase();
      spare.push(backend);
      return backend;
    };
    before(async () => {
      await database();
      stage = await Stage.open(present(opened[0], 'a store'));
    });
    after(async () => {
      await stage?.close();
      for (const store of opened) await store.close();
      for (const backend of spare) await backend.close();
    });
    const newPlay = () => present(stage, 'the stage').newPlay();

    test('after a day of debits, a signature, an end and a refund', async () => {
      const first = await newPlay();
      await first.subscribe(SUBSCRIBERS);
      await first.advanceTo('2026-11-28 12:00');
      const agree = await beginSigning(first, 'R-1', 'wechat');
      const path = backupFile(folder.path, `story-${name}`);
      await backUp(first, path);

      await agree();
      await first.advanceTo('2026-12-01 12:00');
      const debits = await paidNumbers(first);
      assert.equal(debits.size, 4);
      await first.endInWallet('R-3');
      const refunded = await refund(first, 'R-2');
      await first.advanceTo('2026-12-01 15:00');
      const booksOfBefore = await first.witness();
      assert.deepEqual(booksOfBefore.succeededMinor, MONTH_MINOR);

      const play = await restoreFrom(first, path, await emptyDatabase());
      await lookHeld(play);
      await assert.rejects(
        () => (play.engine.store as OpenedStore).rawSql(SUBMIT_BY_HAND),
        /quarantine/,
      );
      assert.equal((await submitDebits(play.job(), async () => {})).sent, 0);
      assert.deepEqual((await inTheWay(play)).includes('bill_missing alipay 2026-12-01'), true);
      for (const time of ['2026-12-02 12:00', '2026-12-03 12:00', '2026-12-04 12:00']) {
        await play.sleepUntil(time);
        await lookHeld(play);
        assert.deepEqual(await play.witness(), booksOfBefore, 'nothing leaves');
      }
      const [ended] = (await mandatesOf(play, 'R-3')).filter(({ state }) => state === 'ended');
      const signed = (await mandatesOf(play, 'R-1')).find(({ rail }) => rail === 'wechat');
      assert.equal(signed?.state, 'active');
      const expected = [
        ...[...debits].map((number) => `attempt ${number}`),
        `mandate_ended ${present(ended, 'the end').contractCode}`,
        `mandate_signed ${toContractCode(present(signed, 'the signature').id)}`,
        `refund ${refunded}`,
      ];
      assert.deepEqual(await learned(play), expected.sort());
      assert.deepEqual(await paidNumbers(play), debits);
      assert.deepEqual(await inTheWay(play), []);
      await release(play);

      await play.advanceTo('2027-01-02 12:00');
      // R-3 has no mandate any more; everybody else pays January once.
      const both = await play.witness();
      assert.deepEqual(both.doubleDebits, []);
      assert.equal(both.succeededMinor, 2 * MONTH_MINOR - 5_385);
      assert.deepEqual(await play.engine.store.findViolations(10), []);
      await play.stop();
    });

    test('debits unknown to the backup: their money pays the invoices made again', async () => {
      const first = await newPlay();
      await first.subscribe(SUBSCRIBERS);
      await first.advanceTo('2026-11-21 12:00');
      const path = backupFile(folder.path, `unknown-${name}`);
      await backUp(first, path);
      await first.advanceTo('2026-12-01 15:00');
      const debits = await paidNumbers(first);
      assert.equal(debits.size, 4);
      const refunded = await refund(first, 'R-1');
      await first.advanceTo('2026-12-01 16:00');

      const play = await restoreFrom(first, path, await emptyDatabase());
      for (const time of ['2026-12-02 12:00', '2026-12-03 12:00', '2026-12-04 12:00']) {
        await play.sleepUntil(time);
        await lookHeld(play);
      }
      const expected = [...debits].map((number) => `debit ${number}`);
      assert.deepEqual(await learned(play), [...expected, `refund_unknown ${refunded}`].sort());
      // Whose invoice it lowered is lost with the invoice.
      assert.deepEqual(await inTheWay(play), [`for_person ${refunded}`]);
      const said = { by: 'Anna', note: 'Goodwill of before the loss.' };
      assert.ok((await resolveFinding(play.job(), refunded, said)).ok);
      await release(play);
      await play.advanceTo('2026-12-20 12:00');
      assert.equal((await play.witness()).succeeded, 4, 'December is not debited again');
      await play.advanceTo('2027-01-02 12:00');
      const both = await play.witness();
      assert.deepEqual(both.doubleDebits, []);
      assert.deepEqual([both.succeeded, both.succeededMinor], [8, 2 * MONTH_MINOR]);
      assert.deepEqual(await play.engine.store.findViolations(10), []);
      await play.stop();
    });
  });
}

describe('wherever the books are cut', () => {
  let stage: Stage | undefined;
  const spare: Backend[] = [];
  before(async () => {
    stage = await Stage.open(await storeOf(await openMemoryDatabase()));
  });
  after(async () => {
    await stage?.close();
    await stage?.store.close();
    for (const backend of spare) await backend.close();
  });

  for (const seed of [4]) {
    test(`seed ${seed}: two months are paid once each`, async (t) => {
      const random = generator(seed);
      const cut = at('2026-11-20 10:00').add({ minutes: Math.floor(random() * 11 * 1_440) });
      const loss = cut.add({ minutes: 60 + Math.floor(random() * 3 * 1_440) });
      t.diagnostic(`backup at ${cut}, lost at ${loss}`);
      const first = await present(stage, 'the stage').newPlay();
      await first.subscribe(SUBSCRIBERS.slice(0, 2));
      await first.advanceTo(clockOf(cut));
      const path = backupFile(folder.path, `seed-${seed}`);
      await backUp(first, path);
      await first.advanceTo(clockOf(loss));
      const before = await first.witness();

      const backend = await openMemoryDatabase();
      spare.push(backend);
      const play = await restoreFrom(first, path, backend);
      for (const days of [0, 1, 2, 3]) {
        await play.sleepUntil(clockOf(loss.add({ hours: 24 * days })));
        await lookHeld(play);
      }
      assert.deepEqual(await play.witness(), before, 'nothing leaves');
      await release(play);
      await play.advanceTo('2027-01-10 12:00');
      const { succeeded, succeededMinor, doubleDebits } = await play.witness();
      assert.deepEqual(doubleDebits, []);
      assert.deepEqual([succeeded, succeededMinor], [4, 2 * (2_985 + 5_695)]);
      assert.deepEqual(await play.engine.store.findViolations(10), []);
      await play.stop();
    });
  }
});

/** Park and Miller's generator: the seed repeats the moments. */
function generator(seed: number): () => number {
  let state = seed * 7_919;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}

/**
 * The way round the engine: an intent straight into the database, of a debit that has its authority
 * still, so that nothing but the quarantine stands in its way.
 */
const SUBMIT_BY_HAND = `
  insert into attempts (bucket, merchant_id, id, customer_id, debit_id, rail, ordinal, order_number,
    state, currency, amount_minor, submitted_at, ask_count)
  select d.bucket, d.merchant_id, d.id, d.customer_id, d.id, d.rail, 99, 'X-99', 'submitting',
    d.currency, d.amount_minor, now(), 0
  from debits d
  join mandates m on m.bucket = d.bucket and m.merchant_id = d.merchant_id and m.id = d.mandate_id
   and m.state = 'active'
  limit 1`;

/** Refunds a part of the customer's payment; returns the number of the refund. */
async function refund(play: Play, reference: string): Promise<string> {
  const { id } = await play.customer(reference);
  const { store } = play.engine;
  const [payment] = await store.transact(play.merchant.id, (tx) => tx.loadPaymentsOfCustomer(id));
  const asked = await requestRefund(play.job(), present(payment, 'a payment').id, {
    ask: { route: 'original', reason: 'goodwill', remark: '', by: 'Anna' },
  });
  assert.ok(asked.ok, asked.ok ? '' : asked.refusal.sentence);
  return present(asked.value.refunds[0], 'a refund').refundNumber;
}
