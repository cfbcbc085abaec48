import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { bucketOf, type Checkup, type CheckupFinding, fromUuid, toUuid } from '@daikou/core';
import { type Life, NOW, newId, TODAY } from '../../../../test/kit/life.ts';
import { BACKENDS } from '../../../../test/kit/stores.ts';
import { saveLife, tenantsOf, type World } from '../../../../test/kit/world.ts';

/** A renewal whose invoice still waits for its debit. */
const open = ({ invoice }: Life): Partial<Life> => {
  const { paidAt: _paid, ...rest } = invoice;
  return { invoice: { ...rest, state: 'open' } };
};

function aFinding(life: Life, changes: Partial<CheckupFinding> = {}): CheckupFinding {
  const bucket = bucketOf(life.invoice.id);
  return {
    id: newId('cfd', bucket),
    merchantId: life.invoice.merchantId,
    customerId: life.customer.id,
    checkupId: fromUuid('chk', toUuid(life.invoice.id)),
    invoiceId: life.invoice.id,
    code: 'cap_below_amount',
    about: life.mandate.id,
    severity: 'blocks',
    owner: 'payer',
    sentenceZh: '超过上限。',
    sentenceEn: 'Above the cap.',
    action: 'raise_cap',
    evidence: [life.mandate.id, life.invoice.id],
    state: 'open',
    foundAt: NOW,
    ...changes,
  };
}

for (const backend of BACKENDS) {
  describe(`checkups on ${backend.name}`, () => {
    const newTenant = tenantsOf(backend.databases());
    const within = <T>(world: World, work: Parameters<World['store']['transact']>[1]) =>
      world.store.transact(world.merchant.id, work) as Promise<T>;

    test('saving an invoice plans its first look, and every column comes back', async () => {
      const world = await newTenant();
      const life = await saveLife(world, open);
      const claim = { buckets: { from: 0, until: 1_024 }, dueBy: NOW, limit: 10 };
      const due = await within<readonly Checkup[]>(world, (tx) => tx.claimCheckups(claim));
      assert.deepEqual(
        due.map(({ invoiceId, verdict, debitDate }) => [invoiceId, verdict, debitDate.toString()]),
        [[life.invoice.id, undefined, TODAY.toString()]],
      );
      const [first] = due;
      assert.ok(first);
      const looked: Checkup = { ...first, verdict: 'blocked', ruleVersion: 3, lookedAt: NOW };
      const accepted = aFinding(life, {
        code: 'amount_unlike_history',
        about: life.invoice.id,
        severity: 'warn',
        state: 'accepted',
        endedAt: NOW,
        acceptedBy: 'Anna',
        remark: 'called',
        toldAt: NOW,
      });
      const findings = [accepted, aFinding(life)];
      await within(world, (tx) => tx.save({ checkups: [looked], checkupFindings: findings }));
      assert.deepEqual(await within(world, (tx) => tx.loadCheckupsOf([life.invoice.id])), [looked]);
      const read = await within(world, (tx) => tx.loadFindingsOf([looked.id]));
      assert.deepEqual(read, findings);
      assert.deepEqual(await within(world, (tx) => tx.loadCheckupHolds([life.invoice.id])), [
        { invoiceId: life.invoice.id, open: ['cap_below_amount'], isAmountAccepted: true },
      ]);
    });

    test('a paid invoice has nothing to look at', async () => {
      const world = await newTenant();
      const { invoice } = await saveLife(world);
      assert.deepEqual(await within(world, (tx) => tx.loadCheckupsOf([invoice.id])), []);
    });

    const broken: readonly (readonly [string, Partial<CheckupFinding>])[] = [
      ['accepted by nobody', { state: 'accepted', endedAt: NOW }],
      ['open with an end', { endedAt: NOW }],
      ['cured without its time', { state: 'cured' }],
    ];
    for (const [what, changes] of broken) {
      test(`the database refuses a finding ${what}`, async () => {
        const world = await newTenant();
        const life = await saveLife(world, open);
        const checkupFindings = [aFinding(life, changes)];
        await assert.rejects(
          within(world, (tx) => tx.save({ checkupFindings })),
          /checkup_findings/,
        );
      });
    }

    test('a second finding of one code and subject is refused', async () => {
      const world = await newTenant();
      const life = await saveLife(world, open);
      const twice = [aFinding(life), aFinding(life)];
      await assert.rejects(
        within(world, (tx) => tx.save({ checkupFindings: twice })),
        /checkup_findings_once/,
      );
    });

    test('a card keeps its last valid day', async () => {
      const world = await newTenant();
      const account = { kind: 'card', lastFour: '0123', expiresOn: TODAY } as const;
      const { mandate } = await saveLife(world, ({ mandate: made }) => ({
        mandate: { ...made, account },
      }));
      const [read] = await within<readonly { readonly account?: unknown }[]>(world, (tx) =>
        tx.loadMandatesOf([mandate.customerId]),
      );
      assert.deepEqual(read?.account, account);
    });
  });
}
