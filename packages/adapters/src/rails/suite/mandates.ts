import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { money } from '@daikou/core';
import { decideOnPage } from '../../kit/wallet.ts';
import { type Bench, FIRST_DAY, freshNumber, pageFlow, signMandate } from './subject.ts';

/** Mandates: signing, ending, and what the rail says of one that was never signed. */
export function checkMandates(bench: Bench): void {
  describe('mandates', () => {
    test('a signed mandate is told the same by callback and by query', async () => {
      const { rail, world } = bench;
      const mandate = await signMandate(rail, FIRST_DAY);
      const raw = await world.inbox.wait((one) => {
        const reading = rail.readCallback(one);
        return reading.kind === 'verified' && namesMandate(reading.events, mandate.contractCode);
      });
      const reading = rail.readCallback(raw);
      assert.equal(reading.kind, 'verified');
      if (reading.kind !== 'verified') return;
      assert.ok(reading.answer.status >= 200 && reading.answer.status < 300);
      assert.deepEqual(reading.events, [{ kind: 'mandate', report: mandate.report }]);
    });

    test('a mandate that the payer refuses is not active', async () => {
      const { rail } = bench;
      const contractCode = freshNumber('C');
      const started = await rail.beginSigning({
        ...pageFlow(rail),
        contractCode,
        displayAccount: 'refuser',
        singleCap: money(50_000n, 'CNY'),
        firstPlannedDate: FIRST_DAY,
        requestSerial: '900',
        clientIp: '192.0.2.10',
      });
      assert.equal(started.kind, 'open_url');
      if (started.kind === 'open_url') await decideOnPage(started.url, 'refuse');
      const report = await rail.queryMandate({ contractCode });
      assert.equal(report.kind, 'not_found');
    });

    test('a mandate that nobody signed is not found', async () => {
      const contractCode = freshNumber('C');
      const report = await bench.rail.queryMandate({ contractCode });
      assert.deepEqual(report, { kind: 'not_found', contractCode });
    });

    checkEnding(bench);
  });
}

/** An end by either side is final, and both sides learn of it. */
function checkEnding(bench: Bench): void {
  test('ending a mandate ends it, and ending it again changes nothing', async () => {
    const { rail } = bench;
    const mandate = await signMandate(rail, FIRST_DAY);
    const first = await rail.endMandate(mandate, '客户关闭自动续费');
    assert.equal(first.kind, 'ended');
    if (first.kind === 'ended') assert.equal(first.endedBy, 'merchant');
    const second = await rail.endMandate(mandate, '客户关闭自动续费');
    assert.ok(second.kind === 'ended' || second.kind === 'not_found', second.kind);
  });

  test('a mandate that the payer ends in the wallet is told by callback, or found', async () => {
    const { rail, world, facts } = bench;
    const { contractCode, railReference } = await signMandate(rail, FIRST_DAY);
    const path = '/admin/wallet/terminate';
    await world.sandbox.admin('POST', path, facts.endInWallet(railReference));
    if (facts.endsSilently === true) {
      const found = await rail.queryMandate({ contractCode, railReference });
      assert.ok(found.kind === 'ended' || found.kind === 'not_found', found.kind);
      return;
    }
    const raw = await world.inbox.wait((one) => {
      const reading = rail.readCallback(one);
      if (reading.kind !== 'verified') return false;
      const [event] = reading.events;
      return event?.kind === 'mandate' && event.report.kind === 'ended'
        ? event.report.contractCode === contractCode
        : false;
    });
    assert.equal(rail.readCallback(raw).kind, 'verified');
    const report = await rail.queryMandate({ contractCode, railReference });
    assert.ok(report.kind === 'ended' || report.kind === 'not_found', report.kind);
  });
}

function namesMandate(events: readonly unknown[], contractCode: string): boolean {
  return JSON.stringify(events).includes(contractCode);
}
