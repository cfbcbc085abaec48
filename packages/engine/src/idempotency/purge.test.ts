import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, test } from 'node:test';
import { BACKENDS } from '../../../../test/kit/stores.ts';
import { makeUsageWorld } from '../../../../test/kit/usage-world.ts';
import type { Job } from '../job.ts';
import { purgeRequests, purgeRequestsOfToday } from './purge.ts';

const WALL = Temporal.Instant.from('2026-12-01T00:00:00Z');

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

for (const backend of BACKENDS) {
  describe(`forgetting requests on ${backend.name}`, () => {
    const databases = backend.databases();

    test('after 30 days of the wall clock, once on each of them', async () => {
      const { job } = await makeUsageWorld(await databases.fresh(), { customers: 0, meters: [] });
      const after = (days: number): Job => {
        const now = () => WALL.add({ hours: days * 24, seconds: 1 });
        return { ...job, engine: { ...job.engine, clock: { now } } };
      };
      const begin = (key: string, createdAt: Temporal.Instant) =>
        job.engine.store.transact(job.merchant.id, (tx) =>
          tx.beginRequest({ keyHash: sha256(key), fingerprint: sha256('body'), createdAt }),
        );
      // More than one batch of them.
      for (let number = 0; number < 501; number += 1) await begin(`old-${number}`, WALL);
      await begin('new', WALL.add({ hours: 24 }));
      assert.equal(await purgeRequests(after(29)), 0);
      assert.equal(await purgeRequestsOfToday(after(29)), 0);
      assert.equal(await purgeRequests(after(30), AbortSignal.abort()), 0, 'stopped beforehand');
      assert.equal(await purgeRequestsOfToday(after(30), AbortSignal.abort()), 0);
      assert.equal(await purgeRequestsOfToday(after(30)), 501, 'a stopped purge has not been');
      assert.ok(await begin('new', WALL), 'a day younger');
      assert.equal(await begin('old-0', WALL), undefined, 'its key is free');
      assert.equal(await purgeRequestsOfToday(after(30)), 0, 'once a day');
      assert.equal(await purgeRequestsOfToday(after(31)), 2);
    });
  });
}
