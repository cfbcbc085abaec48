import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Customer, toUuid } from '../../packages/core/src/index.ts';
import {
  addMeter,
  EventChecker,
  foldUsage,
  issueInvoices,
  refoldUsage,
  saveEvents,
} from '../../packages/engine/src/index.ts';
import { onStage } from '../kit/on-stage.ts';
import {
  billsOf,
  catalogueOf,
  granted,
  invoicesOf,
  newPayer,
  priceOf,
  publish,
  signMandate,
  start,
} from '../kit/shop.ts';
import type { Play } from '../kit/stage.ts';

const TEAM = catalogueOf({
  team: [priceOf('base', 'flat', { model: { type: 'flat', amount: '310' } })],
});
const METERED = catalogueOf({
  api: [
    priceOf('calls', 'metered', {
      model: { type: 'per_unit', unit_amount: '0.01' },
      meter: 'calls',
    }),
  ],
});

const FIRST_DUE = Temporal.PlainDate.from('2026-03-20');
const BY_DEBIT = {
  items: [{ price: 'base' }],
  changes: { collection: 'auto_debit' as const, startsOn: FIRST_DUE },
};

/** One acknowledged batch with one event of this customer. */
async function use(play: Play, reference: string, [id, calls]: readonly [string, string]) {
  const value = {
    specversion: '1.0',
    id,
    source: 'gateway',
    type: 'api.calls',
    subject: reference,
    data: { calls },
  };
  const checked = await new EventChecker().checkLive(play.job(), [{ index: 0, value }]);
  assert.deepEqual(checked.refused, []);
  await saveEvents(play.job(), { events: checked.events, expectsRepeats: false });
}

onStage('one that is broken holds nobody else up', (newPlay, stage) => {
  const sql = (text: string) => stage().store.rawSql(text);
  const told = (sentence: string) => stage().warnings.filter((one) => one === sentence).length;

  test('usage that cannot be folded is set aside, and counted once when it is mended', async () => {
    const play = await newPlay('2026-03-01 09:00');
    const meter = { code: 'calls', eventType: 'api.calls', aggregation: 'sum' } as const;
    granted(await addMeter(play.job(), { ...meter, valueProperty: 'calls' }));
    await publish(play, TEAM);
    await publish(play, METERED);
    const broken = await newPayer(play, 'C-1');
    const other = await newPayer(play, 'C-2');
    const debited = await newPayer(play, 'C-3');
    await signMandate(play, debited, 'wechat');
    await start(play, broken, { plan: 'api' });
    await start(play, other, { plan: 'api' });
    await start(play, debited, BY_DEBIT);
    await play.advanceTo('2026-03-10 10:00');
    await use(play, 'C-1', ['good', '1000']);
    await use(play, 'C-1', ['broken', '500']);
    await use(play, 'C-2', ['fine', '300']);
    const dataOfBroken = `update usage_events e set data = d.data from (values
      ('none', 'null'::jsonb), ('mended', '{"calls":"500"}'::jsonb)) as d (name, data)
      where e.event_id = 'broken' and d.name = `;
    await sql(`${dataOfBroken} 'none'`);

    assert.deepEqual(await foldUsage(play.job()), { batches: 2, events: 2 });
    assert.deepEqual(await foldUsage(play.job()), { batches: 0, events: 0 });
    await play.advanceTo('2026-04-15 10:00');
    assert.equal(told('usage batch could not be folded'), 1);
    assert.match((await billsOf(play, other)).join('\n'), /300 × 0\.01 = ¥3\.00/);
    assert.match((await billsOf(play, broken)).join('\n'), /1000 × 0\.01 = ¥10\.00/);
    assert.equal((await invoicesOf(play, debited))[0]?.state, 'paid');
    const [violation, ...more] = await play.engine.store.findViolations(10);
    assert.equal(violation?.invariant, 'I10 acknowledged usage is counted');
    assert.match(violation.sentence, /batch of 1 events could not be folded \(TypeError\)/);
    assert.deepEqual(more, []);

    // Tried again while it is still broken, it is set aside again.
    assert.deepEqual(await refoldUsage(play.job()), { reopened: 1, batches: 0, events: 0 });
    await sql(`${dataOfBroken} 'mended'`);
    assert.deepEqual(await refoldUsage(play.job()), { reopened: 1, batches: 1, events: 1 });
    assert.deepEqual(await refoldUsage(play.job()), { reopened: 0, batches: 0, events: 0 });
    await play.advanceTo('2026-05-15 10:00');
    const bills = (await billsOf(play, broken)).join('\n');
    assert.equal(bills.split('= ¥5.00 usage_correction').length, 2, bills);
    await play.end(31_000, 31_000);
  });

  /** Payers by debit, drafted and not issued yet; the first two cannot be issued. */
  async function drafted(spoil: (play: Play, customer: Customer) => Promise<unknown>) {
    const play = await newPlay('2026-03-01 09:00');
    await publish(play, TEAM);
    const customers: Customer[] = [];
    for (const reference of ['C-1', 'C-2', 'C-3']) {
      const customer = await newPayer(play, reference);
      await signMandate(play, customer, 'wechat');
      await start(play, customer, BY_DEBIT);
      customers.push(customer);
    }
    await play.advanceTo('2026-03-13 10:00');
    for (const customer of customers.slice(0, 2)) await spoil(play, customer);
    // The spoilt ones come first, so that they fill a batch.
    const last = `customer_id = '${toUuid(customers[2]?.id ?? 'cus_')}'`;
    await sql(`update invoices set issue_at = issue_at + interval '1 minute' where ${last}`);
    const states = async () =>
      Promise.all(customers.map(async (one) => (await invoicesOf(play, one))[0]?.state));
    assert.deepEqual(await states(), ['draft', 'draft', 'draft']);
    return { play, states };
  }

  const ofCustomer = ({ id }: Customer) => `customer_id = '${toUuid(id)}'`;
  const faults = [
    {
      name: 'whose debit cannot be planned',
      spoil: (customer: Customer) =>
        `update mandates set rail = 'nowhere' where ${ofCustomer(customer)}`,
      mend: `update mandates set rail = 'wechat' where rail = 'nowhere'`,
    },
    {
      name: 'whose sums are wrong',
      spoil: (customer: Customer) =>
        `update invoices set net_minor = net_minor - 1 where ${ofCustomer(customer)}`,
      mend: `update invoices set net_minor = total_minor - tax_minor`,
    },
  ];
  for (const { name, spoil, mend } of faults) {
    test(`a whole batch of invoices ${name} waits an hour, the next one is issued`, async () => {
      await sql('alter table invoices drop constraint if exists invoices_net_and_tax_make_total');
      const { play, states } = await drafted((_, customer) => sql(spoil(customer)));
      const before = told('invoice cannot be issued and will be tried again');
      await play.sleepUntil('2026-03-15 10:00');
      const counts = await issueInvoices(play.job(), 2);
      assert.deepEqual(counts, { issued: 1, scheduled: 1, withoutMandate: 0 });
      assert.deepEqual(await states(), ['draft', 'draft', 'open']);
      assert.equal(told('invoice cannot be issued and will be tried again') - before, 2);
      assert.equal((await issueInvoices(play.job(), 2)).issued, 0);
      await sql(mend);
      await play.sleepUntil('2026-03-15 11:00');
      assert.equal((await issueInvoices(play.job(), 2)).issued, 2);
      assert.deepEqual(await states(), ['open', 'open', 'open']);
      await play.end();
    });
  }
});
