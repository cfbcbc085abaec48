import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { aMandate, at, countingIds } from '../../../../test/kit/builders.ts';
import { decideMandateReport } from './apply-report.ts';
import {
  beforeEndTry,
  decideEnd,
  decideEndAnswer,
  type EndAnswer,
  type MandateEnd,
} from './end.ts';
import type { MandateState } from './mandate.ts';
import type { MandateReport } from './report.ts';

const context = { now: at('2026-03-05 10:00'), ids: countingIds() };
const WISH = { by: 'customer', remark: '用户申请解约' } as const;

function begun(): { readonly mandate: ReturnType<typeof aMandate>; readonly end: MandateEnd } {
  const decided = decideEnd(aMandate(), WISH, context);
  assert.ok(decided.ok && decided.value !== undefined);
  return decided.value;
}

describe('ending a mandate from our side', () => {
  const states: Readonly<Record<MandateState, string>> = {
    draft: 'mandate_not_signed',
    signing: 'mandate_not_signed',
    active: 'ending',
    ending: 'nothing',
    revoke_failed: 'nothing',
    ended: 'nothing',
    sign_failed: 'mandate_not_signed',
  };
  for (const [state, says] of Object.entries(states) as [MandateState, string][]) {
    test(`of one that is ${state}: ${says}`, () => {
      const decided = decideEnd(aMandate({ state }), WISH, context);
      const answer = decided.ok
        ? (decided.value?.mandate.state ?? 'nothing')
        : decided.refusal.code;
      assert.equal(answer, says);
    });
  }

  test('keeps who asked, when and why; the rail is asked at once', () => {
    const { mandate, end } = begun();
    assert.deepEqual([end.askedBy, end.remark, end.tries], ['customer', '用户申请解约', 0]);
    assert.ok(end.askedAt.equals(context.now) && end.nextTryAt?.equals(context.now));
    assert.equal(mandate.endedBy, 'customer');
  });

  for (const remark of ['', '   ', 'x'.repeat(65)]) {
    test(`a remark of ${remark.length} characters is refused`, () => {
      const decided = decideEnd(aMandate(), { ...WISH, remark }, context);
      assert.equal(decided.ok ? 'taken' : decided.refusal.code, 'mandate_remark');
    });
  }

  test('the next try is later each time, at last a day, and never stops', () => {
    let { end } = begun();
    const delays: number[] = [];
    for (let index = 0; index < 8; index += 1) {
      end = beforeEndTry(end, context.now);
      assert.ok(end.nextTryAt);
      delays.push(end.nextTryAt.since(context.now).total('seconds'));
    }
    assert.deepEqual(delays, [60, 300, 1_800, 7_200, 21_600, 86_400, 86_400, 86_400]);
    assert.equal(end.tries, 8);
  });
});

describe('what the rail’s answer makes of it', () => {
  const { contractCode } = aMandate();
  const ENDED: MandateReport = {
    kind: 'ended',
    contractCode,
    endedBy: 'merchant',
    at: at('2026-03-05 10:01'),
  };
  const answers: readonly (readonly [EndAnswer, MandateState])[] = [
    [{ kind: 'superseded', contractCode, by: aMandate().id }, 'ended'],
    [ENDED, 'ended'],
    [{ kind: 'not_found', contractCode }, 'ended'],
    [{ kind: 'unknown', detail: 'time-out' }, 'revoke_failed'],
    [{ kind: 'signing', contractCode }, 'revoke_failed'],
    [
      { kind: 'active', contractCode, railReference: 'R-1', at: at('2026-02-01 12:00') },
      'revoke_failed',
    ],
  ];
  for (const [report, state] of answers) {
    test(`${report.kind}: ${state}`, () => {
      const decision = decideEndAnswer(begun().mandate, { end: begun().end, report }, context);
      assert.equal(decision.mandate.state, state);
      assert.equal(decision.end.nextTryAt === undefined, state === 'ended');
      assert.equal(decision.events.at(-1)?.type, `mandate.${state}`);
      assert.ok(decision.end.answer !== undefined && decision.end.answeredAt !== undefined);
    });
  }

  test('a second failure is not told again, and a late end still ends it', () => {
    const { end } = begun();
    const unknown: MandateReport = { kind: 'unknown', detail: 'time-out' };
    const first = decideEndAnswer(begun().mandate, { end, report: unknown }, context);
    const second = decideEndAnswer(first.mandate, { end: first.end, report: unknown }, context);
    assert.deepEqual([second.mandate.state, second.events], ['revoke_failed', []]);
    const last = decideEndAnswer(second.mandate, { end: second.end, report: ENDED }, context);
    assert.deepEqual([last.mandate.state, last.mandate.endedBy], ['ended', 'customer']);
  });

  test('a callback that comes first ends it, by who asked us', () => {
    const { mandate, end } = begun();
    const told = decideMandateReport(mandate, ENDED, context);
    assert.deepEqual([told?.mandate.state, told?.mandate.endedBy], ['ended', 'customer']);
    assert.ok(told);
    const decision = decideEndAnswer(told.mandate, { end, report: ENDED }, context);
    assert.deepEqual(decision.events, []);
    assert.equal(decision.end.nextTryAt, undefined);
  });
});
