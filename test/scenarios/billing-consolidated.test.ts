import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Customer } from '../../packages/core/src/index.ts';
import {
  createChildren,
  createPayer,
  draftInvoices,
  issueInvoices,
  mapAtOnce,
} from '../../packages/engine/src/index.ts';
import {
  catalogueOf,
  changeSeats,
  granted,
  invoicesOf,
  newPayer,
  priceOf,
  publish,
  start,
} from '../kit/shop.ts';
import { BACKENDS, postgresDatabases } from '../kit/stores.ts';
import { Till } from '../kit/till.ts';

const CATALOGUE = catalogueOf({
  team: [priceOf('seat', 'seat', { model: { type: 'per_unit', unit_amount: '31' } })],
});

const OPENS = Temporal.PlainDate.from('2026-03-01');
const DEPARTMENTS = 1_000;
/** Consolidated invoices of one day, each issued before the next department came. */
const BILLS_OF_A_DAY = 23;
/** Requests under way; more than the pool has connections, fewer than would wait too long. */
const STARTS_AT_ONCE = 64;

async function organisationOf(till: Till): Promise<Customer> {
  const made = granted(
    await createPayer(till.job(), {
      kind: 'organisation',
      externalReference: 'acme',
      name: 'acme',
      mail: 'acme@example.test',
      consolidatedBilling: true,
    }),
  );
  return made.customer;
}

async function departmentOf(till: Till, payer: Customer, name: string): Promise<Customer> {
  const child = { kind: 'department', externalReference: name, name } as const;
  const [made] = granted(await createChildren(till.job(), payer.id, [child]));
  assert.ok(made);
  return made.customer;
}

describe('departments that start while the drafts run', () => {
  const databases = postgresDatabases();

  test(`${DEPARTMENTS} at once on PostgreSQL: each is billed, and once`, async () => {
    const store = await databases.fresh();
    const till = await Till.open(store, { number: 1, opens: OPENS });
    await publish(till, CATALOGUE);
    const payer = await organisationOf(till);
    let isStarting = true;
    const worker = async () => {
      while (isStarting) await draftInvoices(till.job());
    };
    const workers = [worker(), worker()];
    const names = Array.from({ length: DEPARTMENTS }, (_, number) => `d-${number}`);
    await mapAtOnce(names, STARTS_AT_ONCE, async (name) => {
      const { id: beneficiaryId } = await departmentOf(till, payer, name);
      await start(till, payer, { changes: { beneficiaryId } });
    });
    isStarting = false;
    await Promise.all(workers);
    await draftInvoices(till.job());
    const invoices = await invoicesOf(till, payer);
    const lines = invoices.flatMap((invoice) => invoice.lines);
    assert.equal(lines.length, DEPARTMENTS);
    assert.equal(new Set(lines.map((line) => line.beneficiaryId)).size, DEPARTMENTS);
    assert.equal(
      invoices.reduce((total, invoice) => total + invoice.total.minor, 0n),
      3_100n * BigInt(DEPARTMENTS),
    );
    // Nothing was issued in between, so it is one invoice for all.
    assert.deepEqual(
      invoices.map(({ billingKey }) => billingKey),
      ['payer:2026-03-01'],
    );
    assert.deepEqual(await store.findViolations(5), []);
  });
});

for (const backend of BACKENDS) {
  describe(`one invoice for an organisation on ${backend.name}`, () => {
    const databases = backend.databases();

    test('takes changes until it is issued; what comes later is on another', async () => {
      const store = await databases.fresh();
      const till = await Till.open(store, { number: 2, opens: OPENS });
      await publish(till, CATALOGUE);
      const payer = await organisationOf(till);
      const alone = await newPayer(till, 'alone');
      const startsOn = Temporal.PlainDate.from('2026-03-08');
      const started = [];
      for (const name of ['north', 'south', 'east']) {
        const { id: beneficiaryId } = await departmentOf(till, payer, name);
        started.push(await start(till, payer, { changes: { beneficiaryId, startsOn } }));
      }
      await start(till, alone, { changes: { startsOn } });
      await draftInvoices(till.job());
      const [, south] = started;
      assert.ok(south);
      granted(await changeSeats(till, south.subscription.id, { quantity: 4n, at: 'now' }));
      const [draft, ...others] = await invoicesOf(till, payer);
      assert.equal(others.length, 0);
      assert.equal(draft?.subscriptionId, undefined);
      assert.deepEqual(
        draft?.lines.map(({ position }) => position),
        [1, 2, 3],
      );
      assert.equal(draft?.total.minor, 18_600n);
      const [own] = await invoicesOf(till, alone);
      assert.ok(own?.subscriptionId !== undefined);

      await till.wait(4);
      await issueInvoices(till.job());
      const west = await departmentOf(till, payer, 'west');
      await start(till, payer, { changes: { beneficiaryId: west.id, startsOn } });
      await draftInvoices(till.job());
      assert.deepEqual(
        (await invoicesOf(till, payer)).map(({ billingKey, state }) => `${billingKey} ${state}`),
        ['payer:2026-03-08 open', 'payer:2026-03-08:2 draft'],
      );
      assert.deepEqual(await store.findViolations(5), []);
    });

    test(`${BILLS_OF_A_DAY} of one day: late departments never run out of numbers`, async () => {
      const store = await databases.fresh();
      const till = await Till.open(store, { number: 3, opens: OPENS });
      await publish(till, CATALOGUE);
      const payer = await organisationOf(till);
      for (let number = 1; number <= BILLS_OF_A_DAY; number += 1) {
        const { id: beneficiaryId } = await departmentOf(till, payer, `d-${number}`);
        await start(till, payer, { changes: { beneficiaryId } });
        await draftInvoices(till.job());
        await issueInvoices(till.job());
      }
      const invoices = await invoicesOf(till, payer);
      assert.deepEqual(
        invoices.map(({ billingKey, state, lines }) => [billingKey, state, lines.length]),
        invoices.map((_, index) => [
          index === 0 ? `payer:${OPENS}` : `payer:${OPENS}:${index + 1}`,
          'open',
          1,
        ]),
      );
      assert.equal(invoices.length, BILLS_OF_A_DAY);
      assert.deepEqual(await store.findViolations(5), []);
    });
  });
}
