import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { aMandate, at, countingIds } from '../../../../test/kit/builders.ts';
import { InvariantBroken } from '../result/invariant.ts';
import { decideMandateReport, decideSigningRefused, decideSigningStarted } from './apply-report.ts';
import type { Mandate, MandateState } from './mandate.ts';
import type { MandateReport } from './report.ts';

const context = { now: at('2026-03-01 10:00'), ids: countingIds() };
const { contractCode } = aMandate();

/** The mandate as it is in `state`: what signing brings is there only after signing. */
function mandateIn(state: MandateState): Mandate {
  const { railReference, signedAt, lastRailEventAt, ...unsigned } = aMandate({ state });
  if (state === 'draft' || state === 'signing' || state === 'sign_failed') return unsigned;
  const signed = { ...aMandate({ state }) };
  return state === 'ended'
    ? { ...signed, endedAt: at('2026-02-20 12:00'), endedBy: 'customer' }
    : signed;
}

const ADD: MandateReport = {
  kind: 'active',
  contractCode,
  railReference: 'R-9',
  payerReference: 'payer-9',
  at: at('2026-03-01 09:00'),
};
const DELETE: MandateReport = {
  kind: 'ended',
  contractCode,
  railReference: 'R-9',
  endedBy: 'customer',
  at: at('2026-03-01 09:30'),
};
const REPORTS = {
  active: ADD,
  ended: DELETE,
  signing: { kind: 'signing', contractCode },
  not_found: { kind: 'not_found', contractCode },
  unknown: { kind: 'unknown', detail: 'time-out' },
} as const satisfies Record<string, MandateReport>;

describe('what the rail’s word makes of a mandate', () => {
  type Row = Partial<Record<keyof typeof REPORTS, MandateState>>;
  const table: Readonly<Record<MandateState, Row>> = {
    draft: {},
    signing: { active: 'active', ended: 'ended' },
    active: { ended: 'ended' },
    ending: { ended: 'ended' },
    revoke_failed: { ended: 'ended' },
    ended: {},
    sign_failed: {},
  };
  for (const [state, row] of Object.entries(table) as [MandateState, Row][]) {
    for (const [kind, report] of Object.entries(REPORTS) as [keyof Row, MandateReport][]) {
      test(`${state}, reported ${kind}: ${row[kind] ?? 'nothing'}`, () => {
        const decision = decideMandateReport(mandateIn(state), report, context);
        assert.equal(decision?.mandate.state, row[kind]);
        if (decision === undefined) return;
        assert.deepEqual(
          decision.events.map(({ type }) => type),
          [`mandate.${decision.mandate.state}`],
        );
        assert.equal(decideMandateReport(decision.mandate, report, context), undefined);
      });
    }
  }

  test('signing keeps the rail’s time, its number and the payer of the signed message', () => {
    const { mandate } = decideMandateReport(mandateIn('signing'), ADD, context) ?? {};
    assert.equal(mandate?.railReference, 'R-9');
    assert.equal(mandate.payerReference, 'payer-9');
    assert.ok(mandate.signedAt?.equals(at('2026-03-01 09:00')));
    assert.ok(mandate.lastRailEventAt?.equals(at('2026-03-01 09:00')));
  });

  test('the end keeps who ended it and when', () => {
    const { mandate } = decideMandateReport(mandateIn('active'), DELETE, context) ?? {};
    assert.equal(mandate?.endedBy, 'customer');
    assert.ok(mandate.endedAt?.equals(at('2026-03-01 09:30')));
    assert.ok(mandate.signedAt?.equals(at('2026-02-01 12:00')));
  });
});

describe('words that arrive twice and out of order', () => {
  const hear = (start: Mandate, reports: readonly MandateReport[]): Mandate =>
    reports.reduce(
      (mandate, report) => decideMandateReport(mandate, report, context)?.mandate ?? mandate,
      start,
    );

  test('the end before the signing: it stays ended', () => {
    assert.equal(hear(mandateIn('signing'), [DELETE, ADD]).state, 'ended');
  });

  test('a signing that the rail dates after the end does not bring it back either', () => {
    const later = { ...ADD, at: at('2026-03-02 09:00') };
    assert.equal(hear(mandateIn('signing'), [ADD, DELETE, later]).state, 'ended');
  });

  test('a signing older than what was applied changes nothing', () => {
    const heard = { ...mandateIn('signing'), lastRailEventAt: at('2026-03-01 09:00:01') };
    assert.equal(hear(heard, [ADD]).state, 'signing');
  });

  test('an end that the rail dates before the signing ends it: no contract is signed twice', () => {
    const earlier = { ...DELETE, at: at('2026-02-28 09:00') };
    assert.equal(hear(mandateIn('signing'), [ADD, earlier]).state, 'ended');
  });

  test('whatever the order and the repetitions, an end is the end', () => {
    const words = fc.array(fc.constantFrom<MandateReport>(...Object.values(REPORTS)), {
      maxLength: 12,
    });
    fc.assert(
      fc.property(words, (reports) => {
        const mandate = hear(mandateIn('signing'), reports);
        const ended = reports.includes(DELETE);
        const signed = reports.includes(ADD);
        assert.equal(mandate.state, ended ? 'ended' : signed ? 'active' : 'signing');
        assert.equal(mandate.endedAt === undefined, !ended);
      }),
    );
  });
});

describe('the start of a signing', () => {
  test('hands a draft to the payer, again if the page ran out', () => {
    const started = decideSigningStarted(mandateIn('draft'), context);
    assert.equal(started.mandate.state, 'signing');
    assert.equal(decideSigningStarted(started.mandate, context).mandate.state, 'signing');
  });

  test('may be refused by the rail', () => {
    const { mandate, events } = decideSigningRefused(mandateIn('draft'), context);
    assert.equal(mandate.state, 'sign_failed');
    assert.equal(events[0]?.type, 'mandate.sign_failed');
  });

  for (const state of ['active', 'ended', 'sign_failed'] as const) {
    test(`of one that is ${state} is our bug`, () => {
      assert.throws(() => decideSigningStarted(mandateIn(state), context), InvariantBroken);
      assert.throws(() => decideSigningRefused(mandateIn(state), context), InvariantBroken);
    });
  }
});
