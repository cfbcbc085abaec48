import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, test } from 'node:test';
import type { KeyedRequest, KnownRequest, RequestEnd, Tx } from '@daikou/core';
import { BACKENDS } from '../../../../test/kit/stores.ts';
import { tenantsOf, type World } from '../../../../test/kit/world.ts';

/** The wall clock of these tests. */
const WALL = Temporal.Instant.from('2026-12-01T00:00:00Z');
const LARGEST_BYTES = 256 * 1024;

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

function aRequest(key: string, change: Partial<KeyedRequest> = {}): KeyedRequest {
  return { keyHash: sha256(key), fingerprint: sha256('body'), createdAt: WALL, ...change };
}

const ENDS: readonly (readonly [string, RequestEnd])[] = [
  [
    'an answer with everything',
    {
      state: 'answered',
      answer: {
        status: 201,
        contentType: 'application/json; charset=utf-8',
        location: '/v1/things/1',
        body: '{"name":"“it\'s” {张三} \\\\","n":null}\n',
      },
    },
  ],
  ['an answer of nothing', { state: 'answered', answer: { status: 204, body: '' } }],
  ['a refusal', { state: 'answered', answer: { status: 422, body: '{}' } }],
  [
    'the longest answer',
    { state: 'answered', answer: { status: 200, body: '扣'.repeat(LARGEST_BYTES / 3 - 1) } },
  ],
  ['an answer that is not kept', { state: 'answer_not_kept', status: 200 }],
  ['an outcome that nobody knows', { state: 'outcome_unknown' }],
];

for (const backend of BACKENDS) {
  describe(`requests under idempotency keys on ${backend.name}`, () => {
    const newTenant = tenantsOf(backend.databases());
    const within = <T>({ store, merchant }: World, work: (tx: Tx) => Promise<T>): Promise<T> =>
      store.transact(merchant.id, work);
    const begin = (world: World, request: KeyedRequest): Promise<KnownRequest | undefined> =>
      within(world, (tx) => tx.beginRequest(request));

    for (const [what, end] of ENDS) {
      test(`${what} is read as it was written`, async () => {
        const world = await newTenant();
        const request = aRequest(what);
        assert.equal(await begin(world, request), undefined);
        assert.deepEqual(await begin(world, request), { ...request, state: 'in_flight' });
        await within(world, (tx) => tx.endRequest(request.keyHash, end));
        assert.deepEqual(
          await begin(world, aRequest(what, { createdAt: WALL.add({ hours: 1 }) })),
          {
            ...request,
            ...end,
          },
        );
      });
    }

    test('the first request keeps the key, whatever is asked under it later', async () => {
      const world = await newTenant();
      await begin(world, aRequest('k'));
      const known = await begin(world, aRequest('k', { fingerprint: sha256('other') }));
      assert.equal(known?.fingerprint, sha256('body'));
      assert.equal(await begin(world, aRequest('another')), undefined);
    });

    test('a request ends once, and is let go of only before', async () => {
      const world = await newTenant();
      const { keyHash } = aRequest('k');
      await begin(world, aRequest('k'));
      await within(world, (tx) => tx.endRequest(keyHash, { state: 'outcome_unknown' }));
      const late: RequestEnd = { state: 'answered', answer: { status: 200, body: '{}' } };
      await within(world, (tx) => tx.endRequest(keyHash, late));
      await within(world, (tx) => tx.releaseRequest(keyHash));
      assert.equal((await begin(world, aRequest('k')))?.state, 'outcome_unknown');
      await assert.rejects(
        world.store.rawSql(`
          update idempotency_keys set state = 'in_flight' where key_hash = '${keyHash}'`),
        /ends once/,
      );
    });

    test('a key that was let go of is free', async () => {
      const world = await newTenant();
      await begin(world, aRequest('k'));
      await within(world, (tx) => tx.releaseRequest(aRequest('k').keyHash));
      assert.equal(await begin(world, aRequest('k', { fingerprint: sha256('other') })), undefined);
    });

    test('another merchant’s requests are not there and not touched', async () => {
      const [ours, theirs] = [await newTenant(), await newTenant()];
      const request = aRequest('same');
      await begin(ours, request);
      assert.equal(await begin(theirs, request), undefined);
      await within(theirs, (tx) => tx.endRequest(request.keyHash, { state: 'outcome_unknown' }));
      assert.equal((await begin(ours, request))?.state, 'in_flight');
      const purge = { before: WALL.add({ hours: 1 }), limit: 10 };
      assert.equal(await within(theirs, (tx) => tx.purgeRequests(purge)), 1);
      assert.equal((await begin(ours, request))?.state, 'in_flight');
    });

    test('what began long ago is deleted, oldest first, so many at once', async () => {
      const world = await newTenant();
      for (const hours of [3, 1, 2, 0]) {
        await begin(world, aRequest(`k${hours}`, { createdAt: WALL.add({ hours }) }));
      }
      const purge = (hours: number, limit: number) =>
        within(world, (tx) => tx.purgeRequests({ before: WALL.add({ hours }), limit }));
      assert.equal(await purge(0, 10), 0, 'nothing began before');
      assert.equal(await purge(2, 1), 1);
      assert.equal(await begin(world, aRequest('k0')), undefined, 'the oldest went');
      assert.deepEqual([await purge(2, 10), await purge(2, 10)], [2, 0]);
      for (const hours of [2, 3]) assert.ok(await begin(world, aRequest(`k${hours}`)), `${hours}`);
    });

    test('a longer answer has no place', async () => {
      const world = await newTenant();
      await begin(world, aRequest('k'));
      const answer = { status: 200, body: 'a'.repeat(LARGEST_BYTES + 1) };
      await assert.rejects(
        within(world, (tx) => tx.endRequest(aRequest('k').keyHash, { state: 'answered', answer })),
        /idempotency_keys_body_check/,
      );
    });
  });
}
