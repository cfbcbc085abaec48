import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import {
  bucketOf,
  type ContactChannel,
  DEFAULT_NOTICE_RULES,
  type Notice,
  type NoticeChannel,
  type SendOutcome,
} from '@daikou/core';
import { makeBillWorld } from '../../../../test/kit/bill-world.ts';
import { openCountedStore, StatementCounter } from '../../../../test/kit/counted-store.ts';
import { type Life, newId, newLife, TODAY } from '../../../../test/kit/life.ts';
import { newTenant } from '../../../../test/kit/world.ts';
import { type Job, nowOf } from '../job.ts';
import { followNotices } from './follow.ts';
import { readMessage } from './inbox.ts';
import { sendNotices } from './send.ts';

const opened = openCountedStore(new StatementCounter());
after(async () => (await opened).close());

function channel(id: ContactChannel, outcome: SendOutcome): NoticeChannel {
  return { id, proof: 'report', send: async () => outcome, close: async () => {} };
}

const CHANNELS: ReadonlyMap<ContactChannel, NoticeChannel> = new Map([
  ['mail', channel('mail', { kind: 'unknown', detail: 'connection: ECONNREFUSED' })],
  ['sms', channel('sms', { kind: 'sent', providerReference: 'biz-1' })],
]);

/** A customer whose notice is due; `change` may alter the customer and the notice. */
async function stage(change: (life: Life) => Partial<Life> & { readonly also?: Notice }) {
  const store = Object.assign(await opened, { superSql: async () => undefined });
  const world = await newTenant(store);
  const { jobAfter } = await makeBillWorld(world);
  const jobOn = (date: Temporal.PlainDate): Job => {
    const job = jobAfter(date);
    return { ...job, engine: { ...job.engine, channels: CHANNELS } };
  };
  const first = jobOn(TODAY.subtract({ days: 8 }));
  const made = newLife(world.merchant.id, { catalog: world.catalog, lines: 1 });
  const { sentAt: _s, deliveredAt: _d, providerReference: _r, ...rest } = made.notice;
  const dueAt = nowOf(first.engine, first.merchant);
  const notice = { ...rest, state: 'planned' as const, dueAt };
  const { paidAt: _paid, ...invoice } = { ...made.invoice, state: 'open' as const };
  const debit = { ...made.debit, state: 'scheduled' as const, attemptCount: 0 };
  const life = { ...made, notice, invoice, debit };
  const { also, ...changed } = change(life);
  const all = { ...life, ...changed };
  await store.transact(world.merchant.id, async (tx) => {
    await tx.insertNewCustomers([all.customer]);
    await tx.save({
      subscriptions: [all.subscription],
      mandates: [all.mandate],
      invoices: [all.invoice],
      debits: [all.debit],
      notices: [also ?? all.notice],
      journals: [all.invoiceJournal],
    });
  });
  return { first, later: jobOn(TODAY.subtract({ days: 6 })), notice: also ?? all.notice };
}

test('a channel that never answers is followed once its patience is over', async () => {
  const { first, later } = await stage(() => ({}));
  assert.deepEqual(await sendNotices(first), { sent: 0, failed: 0, unknown: 1 });
  assert.deepEqual(await followNotices(first), { followed: 0, undelivered: 0 });
  assert.deepEqual(await followNotices(later), { followed: 1, undelivered: 0 });
  assert.deepEqual(await followNotices(later), { followed: 0, undelivered: 0 });
  assert.deepEqual(await sendNotices(later), { sent: 1, failed: 0, unknown: 0 });
});

test('a message that may have arrived is not sent again and again', async () => {
  const { first, notice } = await stage(() => ({}));
  const { store, clock } = first.engine;
  let wall = clock.now();
  let hours = 0;
  let tries = 0;
  const patience = DEFAULT_NOTICE_RULES.patience.mail;
  const stateOf = () =>
    store.transact(first.merchant.id, async (tx) => (await tx.loadNotices([notice.id]))[0]);
  for (let minute = 0; minute < 60 * 60; minute += 2) {
    wall = wall.add({ minutes: 2 });
    const testClock = notice.dueAt.add({ minutes: minute });
    const merchant = { ...first.merchant, testClock };
    const job = { ...first, merchant, engine: { ...first.engine, clock: { now: () => wall } } };
    const { unknown } = await sendNotices(job);
    tries += unknown;
    await followNotices(job);
    hours = minute / 60;
    if ((await stateOf())?.state === 'failed') break;
  }
  assert.equal((await stateOf())?.failureCode, 'no_answer');
  assert.ok(hours * 3600 >= patience, `given up after ${hours} hours`);
  assert.ok(tries <= 22, `${tries} times`);
});

test('who declined messages about its service is still warned before it stops', async () => {
  const sent = async (key: string) => {
    const { first } = await stage(({ customer, notice }) => {
      const { id, merchantId } = customer;
      const also: Notice = {
        id: newId('not', bucketOf(id)),
        merchantId,
        customerId: id,
        channel: 'sms',
        locale: customer.locale,
        state: 'planned',
        dueAt: notice.dueAt,
        createdAt: notice.createdAt,
        purpose: 'service',
        subjectId: id,
        templateKey: key,
        variables: {},
      };
      const noticePreferences = { order: ['sms'] as const, declined: ['service'] as const };
      return { also, customer: { ...customer, noticePreferences } };
    });
    return (await sendNotices(first)).sent;
  };
  assert.equal(await sent('service_warned'), 1);
  assert.equal(await sent('service_restored'), 0);
});

test('reading proves nothing where the merchant’s rules do not count it', async () => {
  const { first, notice } = await stage(({ notice: planned }) => ({
    notice: { ...planned, channel: 'inbox', state: 'sent', sentAt: planned.dueAt },
  }));
  const strict: Job = { ...first, noticeRules: { ...DEFAULT_NOTICE_RULES, proofs: ['report'] } };
  const unread = await readMessage(strict, notice.id);
  assert.equal(unread.ok && unread.value.notice.state, 'sent');
  const read = await readMessage(first, notice.id);
  assert.equal(read.ok && read.value.notice.state, 'delivered');
});
