import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  bucketOf,
  type MandateDrift,
  type MandateEnd,
  makeId,
  type SweepBrake,
} from '@daikou/core';
import { at, day } from '../../../../test/kit/builders.ts';
import { BACKENDS } from '../../../../test/kit/stores.ts';
import { saveLife, tenantsOf } from '../../../../test/kit/world.ts';

const ALL = { from: 0, until: 1_024 };

for (const backend of BACKENDS) {
  describe(`mandates that are ordered, ended and compared on ${backend.name}`, () => {
    const newWorld = tenantsOf(backend.databases());

    test('an order, a planned date and an end come back as they were saved', async () => {
      const world = await newWorld();
      const { mandate } = await saveLife(world);
      const changed = {
        ...mandate,
        state: 'revoke_failed' as const,
        preference: 2,
        plannedDate: day('2026-12-03'),
        endedBy: 'customer' as const,
      };
      const [found] = await world.store.transact(world.merchant.id, async (tx) => {
        await tx.save({ mandates: [changed] });
        return tx.lockMandates([mandate.id]);
      });
      assert.deepEqual(found, changed);
    });

    test('a planned date is written alone: nothing else of the mandate is touched', async () => {
      const world = await newWorld();
      const { mandate } = await saveLife(world);
      const [found] = await world.store.transact(world.merchant.id, async (tx) => {
        const plannedDate = day('2027-01-03');
        await tx.savePlannedDates([{ mandateId: mandate.id, plannedDate }]);
        return tx.lockMandates([mandate.id]);
      });
      assert.deepEqual(found, { ...mandate, plannedDate: day('2027-01-03') });
    });

    test('an end keeps its proof and is claimed when its next try is due', async () => {
      const world = await newWorld();
      const { mandate } = await saveLife(world);
      const end: MandateEnd = {
        mandateId: mandate.id,
        merchantId: mandate.merchantId,
        customerId: mandate.customerId,
        askedBy: 'customer',
        remark: "it's over",
        askedAt: at('2026-11-20 09:00'),
        tries: 1,
        nextTryAt: at('2026-11-20 09:01'),
        answer: 'unknown: time-out',
        answeredAt: at('2026-11-20 09:00'),
      };
      await world.store.transact(world.merchant.id, async (tx) => {
        await tx.saveMandateEnds([end]);
        assert.deepEqual(await tx.findMandateEnd(mandate.id), end);
        const claim = { buckets: ALL, limit: 10 };
        const early = { ...claim, dueBy: at('2026-11-20 09:00') };
        assert.deepEqual(await tx.claimMandateEnds(early), []);
        const due = { ...claim, dueBy: at('2026-11-20 09:01') };
        assert.deepEqual(await tx.claimMandateEnds(due), [end]);
        const { nextTryAt: _over, ...over } = end;
        await tx.saveMandateEnds([over]);
        assert.deepEqual(await tx.claimMandateEnds(due), []);
      });
    });

    test('one open finding of a kind per mandate; settled ones stay to be read', async () => {
      const world = await newWorld();
      const { mandate } = await saveLife(world);
      const drift = (milliseconds: number): MandateDrift => ({
        id: makeId('drf', {
          epochMilliseconds: milliseconds,
          random: new Uint8Array(10),
          bucket: bucketOf(mandate.id),
        }),
        merchantId: mandate.merchantId,
        customerId: mandate.customerId,
        mandateId: mandate.id,
        kind: 'ended_here_signed_there',
        action: 'end_at_rail',
        state: 'open',
        evidence: 'ended here, signed there',
        foundAt: at('2026-11-20 09:00'),
      });
      await world.store.transact(world.merchant.id, async (tx) => {
        assert.deepEqual(await tx.addDrifts([drift(1)]), [drift(1).id]);
        assert.deepEqual(await tx.addDrifts([drift(2)]), []);
        const resolvedAt = at('2026-11-20 10:00');
        await tx.resolveDrifts([mandate.id], 'ended_here_signed_there', resolvedAt);
        assert.deepEqual(await tx.listDrifts({ limit: 5, state: 'open' }), []);
        assert.deepEqual(await tx.addDrifts([drift(3)]), [drift(3).id]);
        const all = await tx.listDrifts({ limit: 5 });
        assert.deepEqual(all, [{ ...drift(1), state: 'resolved', resolvedAt }, drift(3)]);
      });
    });

    test('one brake of a rail is on; a person who confirms it has a name', async () => {
      const world = await newWorld();
      const brake: SweepBrake = {
        merchantId: world.merchant.id,
        rail: 'wechat',
        compared: 10,
        notFound: 9,
        state: 'open',
        foundAt: at('2026-11-20 09:00'),
      };
      const save = (...brakes: readonly SweepBrake[]) =>
        world.store.transact(world.merchant.id, async (tx) => {
          await tx.saveBrakes(brakes);
          return tx.findOpenBrakes();
        });
      const other = { ...brake, rail: 'alipay' };
      assert.deepEqual(await save(brake, other), [other, brake]);
      const later = at('2026-11-21 09:00');
      await assert.rejects(save({ ...brake, foundAt: later }), /mandate_sweep_brakes_open_once/);
      const ended = { ...brake, endedAt: later };
      await assert.rejects(save({ ...ended, state: 'confirmed' }), /confirmed_by_a_person/);
      const confirmed = { ...ended, state: 'confirmed', decidedBy: 'Anna' } as const;
      assert.deepEqual(await save(confirmed, { ...brake, foundAt: later }), [
        other,
        { ...brake, foundAt: later },
      ]);
    });

    test('the sweep reads active mandates and those that ended lately', async () => {
      const world = await newWorld();
      const { mandate } = await saveLife(world);
      await world.store.transact(world.merchant.id, async (tx) => {
        const swept = async (endedSince: string) =>
          (
            await tx.loadMandatesToSweep({ buckets: ALL, limit: 5, endedSince: at(endedSince) })
          ).map((one) => one.mandate.id);
        await tx.save({ mandates: [{ ...mandate, state: 'active', signedAt: mandate.createdAt }] });
        assert.deepEqual(await swept('2026-11-20 09:00'), [mandate.id]);
        const endedAt = at('2026-11-20 09:00');
        const ended = { ...mandate, state: 'ended' as const, signedAt: mandate.createdAt, endedAt };
        await tx.save({ mandates: [ended] });
        assert.deepEqual(await swept('2026-11-20 08:59'), [mandate.id]);
        assert.deepEqual(await swept('2026-11-20 09:00'), []);
      });
    });

    for (const state of ['ending', 'revoke_failed'] as const) {
      test(`an attempt by a mandate that is ${state} is refused by the database`, async () => {
        const world = await newWorld();
        const life = await saveLife(world);
        const { railReference: _paid, ...rest } = life.attempt;
        const refusal = { class: 'funds', code: 'X', message: '' } as const;
        const id = nextId(life.attempt.id);
        const attempt = { ...rest, id, ordinal: 2, state: 'refused' as const, refusal };
        const saving = world.store.transact(world.merchant.id, async (tx) => {
          await tx.save({ mandates: [{ ...life.mandate, state }] });
          await tx.save({ attempts: [{ ...attempt, orderNumber: `${attempt.orderNumber}X` }] });
        });
        await assert.rejects(saving, /has no authority/);
      });
    }
  });
}

function nextId(id: `att_${string}`): `att_${string}` {
  return makeId('att', {
    epochMilliseconds: 9_999,
    random: new Uint8Array(10),
    bucket: bucketOf(id),
  });
}
