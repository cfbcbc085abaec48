import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { aMandate, at, countingIds } from '../../../../test/kit/builders.ts';
import { decideDrift } from './drift.ts';
import type { MandateState } from './mandate.ts';
import type { MandateReport } from './report.ts';

const { contractCode } = aMandate();
const REPORTS = {
  active: { kind: 'active', contractCode, railReference: 'R-1', at: at('2026-02-01 12:00') },
  ended: { kind: 'ended', contractCode, endedBy: 'customer', at: at('2026-03-01 09:00') },
  signing: { kind: 'signing', contractCode },
  not_found: { kind: 'not_found', contractCode },
  unknown: { kind: 'unknown', detail: 'time-out' },
} as const satisfies Record<string, MandateReport>;
const context = { now: at('2026-03-02 03:00'), ids: countingIds() };

describe('a mandate here beside the rail’s word', () => {
  type Row = Partial<Record<keyof typeof REPORTS, string>>;
  const table: Readonly<Record<MandateState, Row>> = {
    draft: {},
    signing: {},
    active: {
      ended: 'active_here_ended_there ended_here',
      not_found: 'active_here_ended_there ended_here',
    },
    ending: {},
    revoke_failed: {},
    ended: { active: 'ended_here_signed_there end_at_rail' },
    sign_failed: {},
  };
  for (const [state, row] of Object.entries(table) as [MandateState, Row][]) {
    for (const [kind, report] of Object.entries(REPORTS) as [keyof Row, MandateReport][]) {
      test(`${state} here, ${kind} there: ${row[kind] ?? 'nothing'}`, () => {
        const seen = { report, hasSubscription: true };
        const found = decideDrift(aMandate({ state }), seen, context);
        assert.equal(found && `${found.drift.kind} ${found.drift.action}`, row[kind]);
      });
    }
  }

  test('an end at the rail keeps who ended it; one not found, by nobody known', () => {
    const by = (report: MandateReport) =>
      decideDrift(aMandate(), { report, hasSubscription: true }, context)?.mandate?.endedBy;
    assert.equal(by(REPORTS.ended), 'customer');
    assert.equal(by(REPORTS.not_found), 'unknown');
  });

  test('a mandate of this hour that the rail does not find yet is left alone', () => {
    const seen = { report: REPORTS.not_found, hasSubscription: true };
    const on = (signedAt: string) =>
      decideDrift(aMandate({ signedAt: at(signedAt) }), seen, context)?.drift.kind;
    assert.equal(on('2026-03-02 02:01'), undefined);
    assert.equal(on('2026-03-02 02:00'), 'active_here_ended_there');
  });

  test('a number that the customer signed again is not ended for the old mandate', () => {
    const seen = { report: REPORTS.active, hasSubscription: true, isUsedAgain: true };
    assert.equal(decideDrift(aMandate({ state: 'ended' }), seen, context), undefined);
  });

  const idle = [
    ['2026-03-03 11:59', undefined],
    ['2026-03-03 12:00', 'signed_without_subscription ask_person'],
  ] as const;
  for (const [now, says] of idle) {
    test(`signed on 1 February, no subscription, ${now}: ${says ?? 'nothing'}`, () => {
      const seen = { report: REPORTS.active, hasSubscription: false };
      const found = decideDrift(aMandate(), seen, { ...context, now: at(now) });
      assert.equal(found && `${found.drift.kind} ${found.drift.action}`, says);
      assert.equal(found?.mandate, undefined);
    });
  }
});
