import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AttemptOutcome, DebitRequest, Rail } from '@daikou/core';
import { aDebit, aMandate, anAttempt, day, PLAIN_RAIL } from '../../../../test/kit/builders.ts';
import { ALL_BUCKETS, type Job, NO_PROGRESS } from '../job.ts';
import { type Sending, sendAll } from './send.ts';

/** A rail that answers each request with its number; what it was asked is kept. */
function railOf(id: string, many: Rail['submitMany']): { rail: Rail; asked: DebitRequest[][] } {
  const asked: DebitRequest[][] = [];
  const submit = async (request: DebitRequest): Promise<AttemptOutcome> => {
    asked.push([request]);
    return { kind: 'unknown', detail: request.orderNumber };
  };
  const submitMany: Rail['submitMany'] = async (requests) => {
    asked.push([...requests]);
    return (await many?.(requests)) ?? [];
  };
  const rail = {
    id,
    capabilities: PLAIN_RAIL,
    submit,
    ...(many === undefined ? {} : { submitMany }),
  } as unknown as Rail;
  return { rail, asked };
}

const named: Rail['submitMany'] = async (requests) =>
  requests.map(({ orderNumber }) => ({ kind: 'unknown', detail: orderNumber }));

function jobOf(...rails: readonly Rail[]): Job {
  const clock = { now: () => Temporal.Instant.from('2026-03-10T00:00:00Z') };
  const engine = { rails: new Map(rails.map((rail) => [rail.id, rail])), clock };
  const merchant = { name: '示例通信' };
  const job = { engine, merchant, buckets: ALL_BUCKETS, progress: NO_PROGRESS };
  return job as unknown as Job;
}

function sending(rail: string, orderNumber: string): Sending {
  const attempt = { ...anAttempt(1, 'submitting'), rail, orderNumber };
  return { attempt, mandate: aMandate(), collectDate: aDebit().collectDate };
}

const noSleep = () => Promise.resolve();
const NOW = Temporal.Instant.from('2026-03-10T00:00:00Z');
const inTime = { begunAt: NOW, sleep: noSleep };

test('a rail that takes many is called once; outcomes keep their order', async () => {
  const files = railOf('files', named);
  const calls = railOf('calls', undefined);
  const mixed = ['files', 'calls', 'files', 'calls'].map((rail, index) =>
    sending(rail, `N${index}`),
  );
  const sent = await sendAll(jobOf(files.rail, calls.rail), mixed, inTime);
  assert.deepEqual(
    sent.map(({ orderNumber, outcome }) => [orderNumber, 'detail' in outcome && outcome.detail]),
    ['N0', 'N1', 'N2', 'N3'].map((number) => [number, number]),
  );
  assert.deepEqual(
    files.asked.map((batch) => batch.map((request) => request.orderNumber)),
    [['N0', 'N2']],
  );
  assert.equal(calls.asked.length, 2);
  assert.deepEqual(files.asked[0]?.[0]?.collectDate, day('2026-03-10'));
  // By the contract number a bill tells whose money an order was, should the books be lost.
  const { contractCode } = aMandate();
  const requests = [...files.asked, ...calls.asked].flat();
  assert.deepEqual(
    requests.map((request) => request.contractCode),
    mixed.map(() => contractCode),
  );
});

test('a batch whose call is thrown is unknown as a whole', async () => {
  const files = railOf('files', () => Promise.reject(new TypeError('x')));
  const sent = await sendAll(jobOf(files.rail), [sending('files', 'N0')], inTime);
  assert.deepEqual(sent[0]?.outcome, { kind: 'unknown', detail: 'TypeError' });
});

test('a rail that answers fewer than it was asked leaves the others unknown', async () => {
  const files = railOf('files', async () => [{ kind: 'accepted' }]);
  const both = [sending('files', 'N0'), sending('files', 'N1')];
  const sent = await sendAll(jobOf(files.rail), both, inTime);
  assert.deepEqual(
    sent.map(({ outcome }) => outcome.kind),
    ['accepted', 'unknown'],
  );
});

test('a process that stood still sends nothing of what it had committed', async () => {
  const files = railOf('files', named);
  const calls = railOf('calls', undefined);
  const both = [sending('files', 'N0'), sending('calls', 'N1')];
  const job = jobOf(files.rail, calls.rail);
  const stood = { begunAt: NOW.subtract({ seconds: 21 }), sleep: noSleep };
  const late = await sendAll(job, both, stood);
  assert.deepEqual([...files.asked, ...calls.asked], []);
  assert.deepEqual(
    late.map(({ outcome }) => outcome),
    both.map(() => ({ kind: 'unknown', detail: 'not sent: it was too late' })),
  );
  const just = { begunAt: NOW.subtract({ seconds: 20 }), sleep: noSleep };
  await sendAll(job, both, just);
  assert.equal([...files.asked, ...calls.asked].length, 2);
});
