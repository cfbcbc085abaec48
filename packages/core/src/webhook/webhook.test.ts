import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { at, countingIds } from '../../../../test/kit/builders.ts';
import { EVENT_TYPES } from '../result/event.ts';
import {
  DELIVERY_LIFE_SECONDS,
  decideAfterTry,
  JITTER_STEPS,
  LONGEST_PAUSE_SECONDS,
  nextTryAt,
  type WebhookDelivery,
  type WebhookOutcome,
} from './delivery.ts';
import {
  disableEndpoint,
  enableEndpoint,
  removeEndpoint,
  rotateSecret,
  secretsOf,
  type WebhookEndpoint,
} from './endpoint.ts';
import { decideHealth, isPaused } from './health.ts';
import { namesOfType, readWebhookTypes } from './wanted-types.ts';

const ids = countingIds();
const START = at('2026-12-01 00:00');
const after = (seconds: number) => START.add({ milliseconds: Math.round(seconds * 1_000) });

const DELIVERY: WebhookDelivery = {
  id: ids('whd', 7),
  merchantId: ids('mer', 0),
  customerId: ids('cus', 7),
  eventId: ids('evt', 7),
  endpointId: ids('whe', 0),
  round: 1,
  state: 'pending',
  attemptCount: 0,
  dueAt: START,
  leaseUntil: after(120),
  createdAt: START,
};

const ENDPOINT: WebhookEndpoint = {
  id: DELIVERY.endpointId,
  merchantId: DELIVERY.merchantId,
  url: 'https://hooks.example.test/',
  description: '',
  types: ['*'],
  state: 'enabled',
  secret: 'sealed-1',
  createdBy: 'Anna',
  createdAt: START,
};

const OK: WebhookOutcome = { kind: 'delivered', status: 204 };
const BUSY: WebhookOutcome = { kind: 'refused', code: 'http_503', status: 503 };
const SILENT: WebhookOutcome = { kind: 'unknown', detail: 'no answer in time' };
const GONE: WebhookOutcome = { kind: 'refused', code: 'http_410', status: 410 };
const HELD: WebhookOutcome = { kind: 'held', code: 'secret_not_opened' };

describe('a delivery', () => {
  test('is tried after 5 s, 5 m, 30 m, 2 h … and for the last time after three days', () => {
    const tries: number[] = [];
    let delivery = DELIVERY;
    while (delivery.state !== 'given_up') {
      tries.push(Math.round(delivery.dueAt.since(START).total('seconds')));
      const now = delivery.dueAt;
      delivery = decideAfterTry(delivery, SILENT, { now, jitter: 0 });
      assert.equal(delivery.leaseUntil, undefined);
    }
    const hour = 3_600;
    const pauses = [5, 300, 1_800, 2 * hour, 5 * hour, 10 * hour, 14 * hour, 20 * hour];
    const expected = [0];
    for (const pause of pauses) expected.push((expected.at(-1) ?? 0) + pause);
    assert.deepEqual(tries, [...expected, DELIVERY_LIFE_SECONDS]);
    assert.equal(delivery.attemptCount, 10);
    assert.equal(delivery.lastCode, 'no answer in time');
  });

  const table: readonly [WebhookOutcome, Partial<WebhookDelivery>][] = [
    [OK, { state: 'delivered', attemptCount: 1, lastStatus: 204, endedAt: after(1) }],
    [BUSY, { state: 'failed', attemptCount: 1, lastStatus: 503, lastCode: 'http_503' }],
    [SILENT, { state: 'failed', attemptCount: 1, dueAt: after(6) }],
    [HELD, { state: 'pending', attemptCount: 0, dueAt: after(301) }],
  ];
  for (const [outcome, expected] of table) {
    test(`after ${outcome.kind} it is ${expected.state}`, () => {
      const tried = decideAfterTry(DELIVERY, outcome, { now: after(1), jitter: 0 });
      for (const [name, value] of Object.entries(expected)) {
        assert.deepEqual(tried[name as keyof WebhookDelivery], value, name);
      }
      assert.equal(tried.leaseUntil, undefined);
    });
  }

  test('an answer after it was given up counts; silence changes nothing', () => {
    const givenUp: WebhookDelivery = { ...DELIVERY, state: 'given_up', endedAt: START };
    const context = { now: after(1), jitter: 0 };
    assert.equal(decideAfterTry(givenUp, OK, context).state, 'delivered');
    assert.equal(decideAfterTry(givenUp, SILENT, context), givenUp);
    const delivered = decideAfterTry(DELIVERY, OK, context);
    assert.equal(decideAfterTry(delivered, SILENT, context), delivered);
  });

  test('the next try is later than now, never beyond three days or the longest pause', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 40 }),
        fc.integer({ min: -1_000_000, max: DELIVERY_LIFE_SECONDS - 1 }),
        fc.integer({ min: 0, max: JITTER_STEPS - 1 }),
        (failures, age, jitter) => {
          const now = after(age);
          const next = nextTryAt(DELIVERY, failures, { now, jitter });
          assert.ok(next !== undefined);
          const wait = next.since(now).total('seconds');
          assert.ok(wait > 0 && wait <= LONGEST_PAUSE_SECONDS, String(wait));
          assert.ok(next.since(START).total('seconds') <= DELIVERY_LIFE_SECONDS);
        },
      ),
    );
  });
});

describe('the health of an endpoint', () => {
  const failing: WebhookEndpoint = {
    ...ENDPOINT,
    state: 'failing',
    failingSince: START,
    retryAt: after(5),
  };
  const threeDays = DELIVERY_LIFE_SECONDS;
  type Row = readonly [string, WebhookEndpoint, readonly WebhookOutcome[], number, string];
  const table: readonly Row[] = [
    ['a success of a healthy one changes nothing', ENDPOINT, [OK, OK], 1, 'same'],
    ['one failure among successes is the message’s own', ENDPOINT, [BUSY, OK], 1, 'same'],
    ['only failures: it is failing', ENDPOINT, [BUSY, SILENT], 1, 'failing'],
    ['a success ends the failing', failing, [OK], 60, 'enabled'],
    ['what we held back is nobody’s failure', ENDPOINT, [HELD], 1, 'same'],
    ['410 disables at once', ENDPOINT, [OK, GONE], 1, 'disabled gone'],
    ['short of three days it is still tried', failing, [SILENT], threeDays - 1_000, 'failing'],
    ['three days without success disable it', failing, [SILENT], threeDays, 'disabled failing'],
  ];
  for (const [name, endpoint, outcomes, seconds, expected] of table) {
    test(name, () => {
      const decided = decideHealth(endpoint, outcomes, after(seconds));
      const { state = 'same', disabledReason = '' } = decided?.endpoint ?? {};
      assert.equal(`${state} ${disabledReason}`.trim(), expected);
      assert.equal(decided?.isDisabledNow === true, expected.startsWith('disabled'));
    });
  }

  test('it is left alone for as long as it has failed, between 5 s and 5 min', () => {
    for (const [age, pause] of [
      [0, 5],
      [40, 40],
      [4_000, 300],
    ] as const) {
      const decided = decideHealth({ ...failing, retryAt: START }, [SILENT], after(age));
      const { retryAt } = decided?.endpoint ?? {};
      assert.ok(retryAt !== undefined && decided !== undefined);
      assert.equal(retryAt.since(after(age)).total('seconds'), pause);
      assert.equal(isPaused(decided.endpoint, after(age + pause - 1)), true);
      assert.equal(isPaused(decided.endpoint, after(age + pause)), false);
    }
  });

  test('a pause from before the clock was set back is none', () => {
    assert.equal(isPaused({ ...failing, retryAt: after(100_000) }, START), false);
  });
});

describe('what people decide about an endpoint', () => {
  test('a removed one keeps no secret and never comes back', () => {
    const removed = removeEndpoint(ENDPOINT, 'Bao', START);
    assert.equal(removed.secret, '');
    assert.equal(removed.formerSecret, undefined);
    for (const refused of [
      enableEndpoint(removed),
      disableEndpoint(removed, { reason: 'by_person', by: 'Bao' }, START),
      rotateSecret(removed, 'sealed-2', { overlapHours: 24, now: START }),
    ]) {
      assert.equal(refused.ok ? '' : refused.refusal.code, 'webhook_endpoint_removed');
    }
    assert.equal(removeEndpoint(removed, 'Cai', after(1)), removed);
  });

  test('two secrets sign for a day after a rotation, one at once where it got out', () => {
    const rotated = rotateSecret(ENDPOINT, 'sealed-2', { overlapHours: 24, now: START });
    assert.ok(rotated.ok);
    const day = 24 * 3_600;
    assert.deepEqual(secretsOf(rotated.value, after(day - 1)), ['sealed-2', 'sealed-1']);
    assert.deepEqual(secretsOf(rotated.value, after(day)), ['sealed-2']);
    const again = rotateSecret(rotated.value, 'sealed-3', { overlapHours: 0, now: after(1) });
    assert.ok(again.ok);
    assert.deepEqual(secretsOf(again.value, after(1)), ['sealed-3']);
    for (const overlapHours of [-1, 169, 1.5]) {
      const refused = rotateSecret(ENDPOINT, 'x', { overlapHours, now: START });
      assert.equal(refused.ok ? '' : refused.refusal.code, 'webhook_overlap_not_valid');
    }
  });

  test('disabling twice keeps the first reason; enabling clears it', () => {
    const why = { reason: 'by_person', by: 'Bao' } as const;
    const first = disableEndpoint(ENDPOINT, why, START);
    assert.ok(first.ok);
    const second = disableEndpoint(first.value, { reason: 'gone', by: 'daikou' }, after(1));
    assert.ok(second.ok && second.value === first.value);
    assert.deepEqual(enableEndpoint(first.value), { ok: true, value: ENDPOINT });
  });
});

describe('the types that an endpoint wants', () => {
  const table: readonly [readonly string[] | undefined, readonly string[] | string][] = [
    [undefined, ['*']],
    [
      ['invoice.*', 'debit.succeeded', 'invoice.*'],
      ['invoice.*', 'debit.succeeded'],
    ],
    [['debit.succeeded', '*'], ['*']],
    [[], 'webhook_types_empty'],
    [['invoice.payed'], 'webhook_type_unknown'],
    [['invoices.*'], 'webhook_type_unknown'],
    [[''], 'webhook_type_unknown'],
  ];
  for (const [given, expected] of table) {
    test(`${JSON.stringify(given) ?? 'nothing'} is ${JSON.stringify(expected)}`, () => {
      const read = readWebhookTypes(given);
      assert.deepEqual(read.ok ? read.value : read.refusal.code, expected);
    });
  }

  test('every type has a family, by which it can be wanted', () => {
    for (const type of EVENT_TYPES) {
      for (const name of namesOfType(type)) {
        assert.ok(readWebhookTypes([name]).ok, name);
      }
    }
  });
});
