import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { startSandbox } from '../../kit/sandbox.ts';
import { checkBills } from './bills.ts';
import { checkCallbacks } from './callbacks.ts';
import { checkDebits } from './debits.ts';
import { checkFailures } from './failures.ts';
import { checkMandates } from './mandates.ts';
import { checkLateRefund, checkRefunds } from './refunds.ts';
import { checkSettlements } from './settlements.ts';
import { checkSigning } from './signing.ts';
import { type Bench, FIRST_DAY, LATER_DAY, openInbox, type RailFacts } from './subject.ts';

/**
 * The adapter suite of the rail family. Every rail runs all of it against the sandbox; a check
 * applies to a rail by its declared capabilities, never by its name.
 */
export function testRail(facts: RailFacts): void {
  describe(`the rail suite: ${facts.railName}`, () => {
    const bench = { facts } as Bench;
    before(async () => {
      const sandbox = await startSandbox();
      const inbox = await openInbox();
      await sandbox.setClock(`${FIRST_DAY}T09:00:00+08:00`);
      await sandbox.admin('PUT', '/admin/configure', facts.configure(inbox.origin));
      bench.world = { sandbox, inbox };
      bench.rail = facts.open(bench.world);
      assert.deepEqual(bench.rail.capabilities, facts.capabilities);
    });
    after(async () => {
      await bench.world.sandbox.stop();
      await bench.world.inbox.close();
    });
    // In this order: the last ones move the clock.
    checkMandates(bench);
    checkDebits(bench);
    checkFailures(bench);
    checkCallbacks(bench);
    checkBills(bench);
    checkLaterDay(bench);
    checkSigning(bench);
    checkRefunds(bench);
    checkSettlements(bench);
    checkLateRefund(bench);
  });
}

/** The checks that follow have a day of their own, so that they disturb no bill before it. */
function checkLaterDay(bench: Bench): void {
  test('a later day begins', async () => {
    await bench.world.sandbox.setClock(`${LATER_DAY}T09:00:00+08:00`);
  });
}
