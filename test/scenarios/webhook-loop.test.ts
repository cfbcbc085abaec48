import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { makeWebhookSender } from '../../packages/adapters/src/index.ts';
import { toEventWire } from '../../packages/api/src/index.ts';
import {
  addWebhookEndpoint,
  type Job,
  listWebhookDeliveries,
} from '../../packages/engine/src/index.ts';
import { serveWorkUntil } from '../../packages/server/src/worker/serve.ts';
import { onStage } from '../kit/on-stage.ts';
import type { Play } from '../kit/stage.ts';
import { WebhookReceiver } from '../kit/webhook-receiver.ts';

const KEY = Buffer.alloc(32, 3).toString('base64');

/** Seconds between two looks: the stories are short. */
const IDLE_SECONDS = 0.02;

/** Looks of a test at what the loops have done, and the milliseconds between them. */
const LOOKS = 400;
const LOOK_MILLISECONDS = 25;

/** A minute: far longer than a story lasts, so that what hangs is still hanging at its end. */
const PATIENT_MILLISECONDS = 60_000;

type Held = { readonly receiver: WebhookReceiver; readonly waiting: Set<ServerResponse> };

/** A receiver that takes messages and answers none of them until it is told to. */
async function slowReceiver(): Promise<Held> {
  const receiver = await WebhookReceiver.open();
  const waiting = new Set<ServerResponse>();
  receiver.answer = (_request, response) => {
    waiting.add(response);
    response.on('close', () => waiting.delete(response));
  };
  return { receiver, waiting };
}

function answerAll({ receiver, waiting }: Held): void {
  receiver.answer = (_request, response) => response.writeHead(204).end();
  for (const response of waiting) response.writeHead(204).end();
}

/** The worker's piece of work, whose webhooks wait so long for an answer. */
function jobOf(play: Play, timeoutMilliseconds: number): Job {
  const webhooks = makeWebhookSender({
    vaultKey: KEY,
    toBody: (message) => JSON.stringify(message.kind === 'event' && toEventWire(message.event)),
    now: () => Temporal.Now.instant(),
    http: { allowLoopback: true, timeoutMilliseconds },
  });
  const job = play.job();
  return { ...job, engine: { ...job.engine, webhooks } };
}

async function addReceiver(job: Job, receiver: WebhookReceiver): Promise<void> {
  const added = await addWebhookEndpoint(job, { url: receiver.url, description: '', by: 'Anna' });
  assert.ok(added.ok, JSON.stringify(added));
  receiver.know(added.value.secret);
}

async function until(what: string, isSo: () => Promise<boolean> | boolean): Promise<void> {
  for (let look = 0; look < LOOKS; look += 1) {
    if (await isSo()) return;
    await sleep(LOOK_MILLISECONDS);
  }
  assert.fail(`never: ${what}`);
}

async function isPaid(play: Play): Promise<boolean> {
  return (await play.rawEventsOf('W-1')).some(({ type }) => type === 'debit.succeeded');
}

onStage('webhooks in a loop of their own', (newPlay) => {
  test('who does not answer delays no debit; a stop waits for the answer', async (t) => {
    const play = await newPlay();
    await play.subscribe([{ reference: 'W-1', by: 'wechat', charge: '29.85' }]);
    await play.advanceTo('2026-11-30 12:00');
    const held = await slowReceiver();
    t.after(() => held.receiver.close());
    await addReceiver(jobOf(play, PATIENT_MILLISECONDS), held.receiver);
    const stop = new AbortController();
    t.after(() => stop.abort());
    const jobs = async () => [jobOf(play, PATIENT_MILLISECONDS)];
    const served = serveWorkUntil(stop.signal, jobs, IDLE_SECONDS);
    // Somebody new: events that the receiver is told and does not answer.
    await play.subscribe([{ reference: 'N-1', by: 'transfer', charge: '10.00' }], '2027-03-01');
    await until('the receiver is called', () => held.waiting.size > 0);
    const [first] = held.waiting;
    assert.ok(first !== undefined);
    await play.sleepUntil('2026-12-01 07:30');
    await until('the debit is taken', () => isPaid(play));
    assert.equal(first.writableEnded || first.destroyed, false, 'the first call still hangs');

    stop.abort();
    let isOver = false;
    void served.then(() => (isOver = true));
    await sleep(10 * LOOK_MILLISECONDS);
    assert.equal(isOver, false, 'what is under way is finished');
    const called = held.receiver.told.length;
    answerAll(held);
    await served;
    assert.equal(held.receiver.told.length, called, 'nothing new is begun after the stop');
    const rows = await listWebhookDeliveries(play.job(), { limit: 100 });
    assert.equal(rows.filter(({ state }) => state === 'delivered').length, called);
    assert.deepEqual(
      rows.filter(({ leaseUntil }) => leaseUntil !== undefined),
      [],
      'what was not sent is let go',
    );
    await play.end(2_985);
  });

  test('stopped while nobody answers: it ends by the call’s deadline', async (t) => {
    const play = await newPlay();
    const held = await slowReceiver();
    t.after(() => held.receiver.close());
    const job = jobOf(play, 300);
    await addReceiver(job, held.receiver);
    await play.subscribe(
      Array.from({ length: 8 }, (_, at) => ({
        reference: `N-${at}`,
        by: 'transfer',
        charge: '1.00',
      })),
      '2027-03-01',
    );
    const stop = new AbortController();
    t.after(() => stop.abort());
    const served = serveWorkUntil(stop.signal, async () => [job], IDLE_SECONDS);
    await until('the receiver is called', () => held.waiting.size > 0);
    stop.abort();
    await served;
    const rows = await listWebhookDeliveries(job, { limit: 100 });
    assert.ok(rows.some(({ attemptCount }) => attemptCount === 1));
    assert.deepEqual(
      rows.filter(({ leaseUntil }) => leaseUntil !== undefined),
      [],
    );
    await play.end();
  });

  test('one merchant that hangs, and one that fails: the others are told', async (t) => {
    const [slow, broken, good] = [await newPlay(), await newPlay(), await newPlay()];
    const held = await slowReceiver();
    const told = await WebhookReceiver.open();
    t.after(() => {
      held.receiver.close();
      told.close();
    });
    await addReceiver(jobOf(slow, PATIENT_MILLISECONDS), held.receiver);
    await addReceiver(jobOf(good, PATIENT_MILLISECONDS), told);
    const clock = {
      now: () => {
        throw new Error('this merchant’s clock is broken');
      },
    };
    const stop = new AbortController();
    t.after(() => stop.abort());
    const jobs = async () => [
      jobOf(slow, PATIENT_MILLISECONDS),
      { ...broken.job(), engine: { ...jobOf(broken, PATIENT_MILLISECONDS).engine, clock } },
      jobOf(good, PATIENT_MILLISECONDS),
    ];
    const line = (reference: string) => [{ reference, by: 'transfer', charge: '1.00' }] as const;
    await slow.subscribe(line('S-1'), '2027-03-01');
    const served = serveWorkUntil(stop.signal, jobs, IDLE_SECONDS);
    await until('the slow one is called', () => held.waiting.size > 0);
    await good.subscribe(line('G-1'), '2027-03-01');
    await until('the good one is told', () => told.told.length > 0);
    assert.ok(held.waiting.size > 0, 'the slow one still hangs');
    answerAll(held);
    stop.abort();
    await served;
    for (const play of [slow, broken, good]) await play.end();
  });
});
