import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { at } from '../../../../test/kit/builders.ts';
import {
  decideReleaseQuarantine,
  decideResolveFinding,
  findObstacles,
  type Quarantine,
  type QuarantineFinding,
  type ReleaseFacts,
} from './quarantine.ts';

const NOW = at('2026-03-12 10:00');

const QUARANTINE: Quarantine = {
  merchantId: `mer_${'0'.repeat(32)}`,
  restoredAt: at('2026-03-10 10:00'),
  backupMadeAt: at('2026-03-09 10:00'),
  state: 'open',
  askedAt: at('2026-03-10 10:05'),
  learnedAt: at('2026-03-12 09:00'),
  progress: {},
};

const FINDING: QuarantineFinding = {
  merchantId: QUARANTINE.merchantId,
  kind: 'order_unknown',
  rail: 'a-rail',
  number: 'N-1',
  outcome: 'on the bill of 2026-03-10',
  needsPerson: true,
  foundAt: NOW,
};

const day = (isIn: boolean) => ({
  rail: 'a-rail',
  businessDate: Temporal.PlainDate.from('2026-03-10'),
  isIn,
});

const CLEAR: ReleaseFacts = {
  quarantine: QUARANTINE,
  bills: [day(true)],
  openNumbers: [],
  findings: [{ ...FINDING, needsPerson: false }],
  missingRails: [],
  violations: 0,
};

describe('letting a restored merchant go', () => {
  const { learnedAt: _learned, ...unlearned } = QUARANTINE;
  const IN_THE_WAY: readonly (readonly [string, Partial<ReleaseFacts>])[] = [
    ['not_learned', { quarantine: unlearned }],
    ['rail_missing a-rail', { missingRails: ['a-rail'] }],
    ['bill_missing a-rail 2026-03-10', { bills: [day(false)] }],
    ['number_open D-1', { openNumbers: ['D-1'] }],
    ['for_person N-1', { findings: [FINDING] }],
    ['doctor 3', { violations: 3 }],
  ];
  for (const [what, change] of IN_THE_WAY) {
    test(`held by: ${what}`, () => {
      const facts = { ...CLEAR, ...change };
      const named = findObstacles(facts).map(({ kind, about }) => `${kind} ${about}`.trimEnd());
      assert.deepEqual(named, [what]);
      const refused = decideReleaseQuarantine(facts, { by: 'Anna', now: NOW });
      assert.equal(refused.ok ? '' : refused.refusal.code, 'quarantine_not_learned');
    });
  }

  test('by a name, once, and never without one', () => {
    const released = decideReleaseQuarantine(CLEAR, { by: ' Anna ', now: NOW });
    assert.ok(released.ok);
    assert.deepEqual(released.value.released, { by: 'Anna', at: NOW });
    const nobody = decideReleaseQuarantine(CLEAR, { by: ' ', now: NOW });
    assert.equal(nobody.ok ? '' : nobody.refusal.code, 'releaser_missing');
    const twice = { ...CLEAR, quarantine: released.value };
    const again = decideReleaseQuarantine(twice, { by: 'Bao', now: NOW });
    assert.equal(again.ok ? '' : again.refusal.code, 'not_in_quarantine');
  });

  test('a finding is settled by a name and a sentence, once', () => {
    const codeOf = (finding: QuarantineFinding, by: string, note: string) => {
      const decided = decideResolveFinding(finding, { by, note, now: NOW });
      return decided.ok ? 'done' : decided.refusal.code;
    };
    assert.equal(codeOf(FINDING, '', 'Refunded.'), 'releaser_missing');
    assert.equal(codeOf(FINDING, 'Anna', ' '), 'note_missing');
    assert.equal(codeOf({ ...FINDING, needsPerson: false }, 'Anna', 'x'), 'finding_not_open');
    assert.equal(codeOf(FINDING, 'Anna', 'Refunded.'), 'done');
    const resolved = { by: 'Anna', at: NOW, note: 'Refunded.' };
    assert.equal(codeOf({ ...FINDING, resolved }, 'Bao', 'Again.'), 'finding_not_open');
  });
});
