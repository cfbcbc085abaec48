import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type DunningCase, money, present } from '../../packages/core/src/index.ts';
import {
  collectArrears,
  endDunningCase,
  listDunningCases,
  listPayLinks,
  listTasks,
  makeInstalmentPlan,
  promisePayment,
  publishPolicy,
  recordHandPayment,
} from '../../packages/engine/src/index.ts';
import { hashKey } from '../../packages/server/src/http/keys.ts';
import { atDesk } from '../kit/desk.ts';
import { signAnother } from '../kit/methods.ts';
import { onStage } from '../kit/on-stage.ts';
import type { Play } from '../kit/stage.ts';

async function theCase(play: Play): Promise<DunningCase> {
  const [only, ...others] = await listDunningCases(play.job(), { limit: 10 });
  assert.ok(only !== undefined && others.length === 0, 'there is one case');
  return only;
}

/** What happened in a case: the day of the campaign, what, and why. */
const stepsOf = ({ timeline }: DunningCase) =>
  timeline.map(({ what, why }) => (why === undefined ? what : `${what} ${why}`));

/** The messages about arrears that were sent, and when. */
async function remindersOf(play: Play, reference: string): Promise<readonly string[]> {
  const story = await play.eventsOf(reference);
  return story
    .filter((line) => line.includes('notice.sent mail overdue'))
    .map((line) => line.replace(/notice\.sent mail overdue (?:dun_\w+ )?/, ''));
}

async function payByHand(play: Play, reference: string, minor: bigint): Promise<void> {
  const { id } = await play.customer(reference);
  const recorded = await recordHandPayment(play.job(), id, {
    request: {
      method: 'bank_transfer',
      amount: money(minor, 'CNY'),
      reference: `B-${reference}-${minor}`,
      receivedAt: present(play.merchant.testClock, 'the clock of a story'),
      recordedBy: 'Anna',
      note: '',
    },
  });
  assert.ok(recorded.ok, recorded.ok ? '' : recorded.refusal.sentence);
}

/** A campaign without debits and links: two messages and a call. */
const WORDS_ONLY = {
  thresholds: { CNY: 100 },
  steps: [
    { day: 0, do: 'message', tone: 'friendly' },
    { day: 4, do: 'call_task' },
    { day: 6, do: 'message', tone: 'last' },
  ],
  end: { max_days: 10, max_tries: 4 },
};

async function publish(play: Play): Promise<void> {
  const policy = { kind: 'campaign', code: 'words', body: WORDS_ONLY, by: 'Anna' } as const;
  const published = await publishPolicy(play.job(), policy, { dryRun: false });
  assert.ok(published.ok);
}

onStage('dunning', (newPlay) => {
  test('too little on the account: reminded, collected with a new notice, over', async () => {
    const play = await newPlay();
    await play.subscribe([{ reference: 'D-1', by: 'wechat', charge: '29.85' }]);
    await play.fault({ rail: 'wechat', fault: 'NOTENOUGH', times: 2 });
    await play.advanceTo('2026-12-12 12:00');
    const dunning = await theCase(play);
    assert.deepEqual(stepsOf(dunning), [
      'started',
      'message friendly',
      'collect too_little_history 10:00',
      'ended paid',
    ]);
    assert.equal(dunning.endedAs, 'paid');
    const story = await play.eventsOf('D-1');
    const from = story.indexOf('12-05 09:00 debit.scheduled wechat ¥29.85 on 12-07');
    const retried = story.slice(from).filter((line) => /retry|attempt|paid/.test(line));
    assert.deepEqual(retried, [
      '12-05 09:00 notice.sent mail retry ¥29.85 on 12-07',
      '12-05 09:00 notice.delivered mail retry ¥29.85 on 12-07',
      '12-07 10:00 attempt.submitted #1 ¥29.85',
      '12-07 10:00 attempt.accepted #1 ¥29.85',
      '12-07 10:00 invoice.paid #1 ¥29.85',
      '12-07 10:00 dunning.ended paid',
    ]);
    assert.deepEqual(await remindersOf(play, 'D-1'), [
      '12-02 10:00 overdue_friendly',
      '12-07 10:00 arrears_cleared',
    ]);
    await play.end(2_985);
  });

  test('the account is gone: a pay link at once, no further try, paid by the link', async () => {
    const play = await newPlay();
    await play.subscribe([{ reference: 'D-2', by: 'alipay', charge: '29.85' }]);
    await play.fault({ rail: 'alipay', fault: 'ACQ.BUYER_ENABLE_STATUS_FORBID', times: 9 });
    await play.advanceTo('2026-12-03 09:00');
    assert.deepEqual(await remindersOf(play, 'D-2'), ['12-02 10:00 pay_link']);
    const [link] = await listPayLinks(play.job(), { limit: 10 });
    const url = present(link?.url, 'the address of the link');
    await fetch(url);
    const body = new URLSearchParams({ decision: 'pay' });
    assert.ok((await fetch(url, { method: 'POST', body })).ok);
    await play.advanceTo('2026-12-20 12:00');
    const dunning = await theCase(play);
    assert.deepEqual(stepsOf(dunning), ['started', 'pay_link', 'message pay_link', 'ended paid']);
    const story = await play.eventsOf('D-2');
    assert.equal(story.filter((line) => line.includes('attempt.submitted')).length, 1);
    assert.equal((await play.books())['1122'], 0n);
    await play.stop();
  });

  test('a promise is kept by one and broken by another; who has paid hears no more', async () => {
    const play = await newPlay();
    await publish(play);
    await play.subscribe([
      { reference: 'D-3', by: 'transfer', charge: '29.85' },
      { reference: 'D-4', by: 'transfer', charge: '29.85' },
    ]);
    await play.advanceTo('2026-12-03 12:00');
    const cases = await listDunningCases(play.job(), { limit: 10 });
    assert.deepEqual(
      cases.map(({ state, campaignName }) => [state, campaignName]),
      [
        ['running', 'words/1'],
        ['running', 'words/1'],
      ],
    );
    for (const { id } of cases) {
      const date = Temporal.PlainDate.from('2026-12-05');
      const promised = await promisePayment(play.job(), id, { date, by: 'Anna' });
      assert.ok(promised.ok);
    }
    await play.advanceTo('2026-12-05 12:00');
    await payByHand(play, 'D-3', 2_985n);
    await play.advanceTo('2026-12-13 12:00');
    assert.deepEqual(await remindersOf(play, 'D-3'), [
      '12-02 10:00 overdue_friendly',
      '12-03 12:00 promise_confirmed',
      '12-05 12:00 arrears_cleared',
    ]);
    assert.deepEqual(await remindersOf(play, 'D-4'), [
      '12-02 10:00 overdue_friendly',
      '12-03 12:00 promise_confirmed',
      '12-08 10:00 overdue_last',
    ]);
    const ends = (await listDunningCases(play.job(), { limit: 10 })).map((one) => one.endedAs);
    assert.deepEqual(ends.toSorted(), ['exhausted', 'paid']);
    const tasks = await listTasks(play.job(), { limit: 10 });
    assert.deepEqual(
      tasks.filter(({ kind }) => kind === 'promise_broken' || kind === 'call').map((t) => t.kind),
      ['promise_broken', 'call'],
    );
    await play.end();
  });

  test('overdue invoices of two months in one debit, after one notice of the sum', async () => {
    const play = await newPlay();
    await publish(play);
    await play.subscribe([{ reference: 'D-5', by: 'transfer', charge: '29.85' }]);
    await play.subscribeAgain('D-5', 1_000n);
    await play.advanceTo('2027-01-03 12:00');
    await signAnother(play, 'D-5', 'wechat');
    const { id: customer } = await play.customer('D-5');
    const key = 'dk_test_dunning';
    await play.engine.store.saveApiKey(play.merchant.id, hashKey(key), 'back office');
    const call = async (method: 'GET' | 'POST', path: string, body?: unknown) => {
      const response = await fetch(`${play.url}${path}`, {
        method,
        headers: {
          authorization: `Bearer ${key}`,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      return { status: response.status, body: (await response.json()) as Record<string, unknown> };
    };
    const open = await call('GET', '/v1/dunning-cases?state=running');
    const [running] = open.body['data'] as { readonly id: string }[];
    const shown = await call('GET', `/v1/dunning-cases/${running?.id}`);
    assert.equal(shown.status, 200);
    const wish = { parts: 3, first_date: '2027-01-15' };
    const plan = await call(
      'POST',
      `/v1/dunning-cases/${running?.id}/instalment-plan?dry_run=true`,
      wish,
    );
    const parts = plan.body['parts'] as { readonly amount: { readonly amount: number } }[];
    assert.equal(plan.status, 200, JSON.stringify(plan.body));
    const path = `/v1/customers/${customer}/collect-arrears`;
    const dry = await call('POST', `${path}?dry_run=true`, { by: 'Bao' });
    assert.equal(dry.status, 200, JSON.stringify(dry.body));
    const sum = 2 * (2_985 + 1_000);
    assert.deepEqual(dry.body['debit'] && (dry.body['debit'] as { amount: unknown }).amount, {
      amount: sum,
      currency: 'CNY',
    });
    assert.ok(parts.length > 0 && parts.length <= 3);
    const made = await call('POST', path, { by: 'Bao' });
    assert.equal((made.body['collected'] as unknown[]).length, 4);
    const again = await call('POST', path, { by: 'Bao' });
    assert.deepEqual([again.status, again.body['code']], [422, 'debit_waits']);
    const desk = await atDesk(play, ['dunning', 'list', '--state', 'running']);
    assert.match(desk.out, /dun_\w+ {2}running/);
    await play.advanceTo('2027-01-09 12:00');
    const story = await play.eventsOf('D-5');
    assert.ok(
      story.includes('01-03 12:00 notice.sent mail renewal ¥79.70 on 01-08'),
      story.join('\n'),
    );
    const paid = story.filter((line) => line.includes('invoice.paid'));
    assert.equal(paid.length, 4);
    const ended = (await listDunningCases(play.job(), { limit: 10 })).at(-1);
    assert.equal(ended?.endedAs, 'paid');
    await play.end(sum);
  });

  test('each part is a debit of whole invoices; a dispute calls off what is left', async () => {
    const play = await newPlay();
    await publish(play);
    await play.subscribe([{ reference: 'D-6', by: 'transfer', charge: '29.85' }]);
    await play.subscribeAgain('D-6', 1_000n);
    await play.advanceTo('2026-12-03 12:00');
    await signAnother(play, 'D-6', 'wechat');
    const [dunning] = await listDunningCases(play.job(), { limit: 10 });
    assert.ok(dunning);
    const wish = { parts: 2, firstDate: Temporal.PlainDate.from('2026-12-12'), by: 'Anna' };
    const made = await makeInstalmentPlan(play.job(), dunning.id, wish);
    assert.ok(made.ok);
    await play.advanceTo('2026-12-13 12:00');
    const paid = (await play.eventsOf('D-6')).filter((line) => line.includes('invoice.paid'));
    assert.equal(paid.length, 1, 'the first part is collected on its day');
    const [after] = await listDunningCases(play.job(), { limit: 10 });
    assert.deepEqual([after?.state, after?.waitsFor], ['running', 'plan']);
    const end = { as: 'disputed', by: 'Anna', reason: 'contests the rest' } as const;
    const ended = await endDunningCase(play.job(), dunning.id, end);
    assert.equal(ended.ok && ended.value.endedAs, 'disputed');
    const { id } = await play.customer('D-6');
    const collected = await collectArrears(play.job(), id, { currency: 'CNY', by: 'Bao' });
    assert.equal(collected.ok ? '' : collected.refusal.code, 'nothing_overdue');
    await play.end(Number(made.value.plan.parts[0]?.amount.minor));
  });
});
