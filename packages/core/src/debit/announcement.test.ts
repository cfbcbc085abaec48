import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  ANNOUNCING_RAIL,
  aMandate,
  aNotice,
  anAnnouncement,
  at,
  contextAt,
  facts,
} from '../../../../test/kit/builders.ts';
import { isExemptFromAnnouncement } from './announcement.ts';
import type { RailCapabilities } from './capabilities.ts';
import { decideSubmit } from './submit.ts';

const HALF_DAY = 12 * 60 * 60;

function withExemption(): RailCapabilities {
  const { announcement } = ANNOUNCING_RAIL;
  assert.ok(announcement);
  return {
    ...ANNOUNCING_RAIL,
    announcement: { ...announcement, exemptAfterSigningSeconds: HALF_DAY },
  };
}

const RAIL = withExemption();
const RULE = RAIL.announcement ?? assert.fail('the rail has a rule');

describe('a mandate that was signed just now', () => {
  const mandate = aMandate({ signedAt: at('2026-03-10 00:00') });
  const made = (local: string) => ({
    ...anAnnouncement('2026-03-10', '2026-03-12'),
    deliveredAt: at(local),
  });
  const table = [
    { name: 'at once', now: '2026-03-10 00:00', notices: [], is: true },
    { name: 'a second before twelve hours', now: '2026-03-10 11:59', notices: [], is: true },
    { name: 'after twelve hours', now: '2026-03-10 12:00', notices: [], is: false },
    {
      name: 'announced since',
      now: '2026-03-10 08:00',
      notices: [made('2026-03-10 07:00')],
      is: false,
    },
    {
      name: 'announced before the signing',
      now: '2026-03-10 08:00',
      notices: [made('2026-03-09 07:00')],
      is: true,
    },
    {
      name: 'our own notice counts for nothing',
      now: '2026-03-10 08:00',
      notices: [aNotice()],
      is: true,
    },
  ] as const;
  for (const { name, now, notices, is } of table) {
    test(`${name}: ${is ? 'no announcement is wanted' : 'an announcement is wanted'}`, () => {
      assert.equal(isExemptFromAnnouncement({ mandate, notices }, RULE, at(now)), is);
    });
  }

  test('a mandate without a time of signing, or a rail without the rule, is not exempt', () => {
    const { signedAt: _, ...unsigned } = mandate;
    const now = at('2026-03-10 08:00');
    assert.equal(isExemptFromAnnouncement({ mandate: unsigned, notices: [] }, RULE, now), false);
    const { exemptAfterSigningSeconds: __, ...always } = RULE;
    assert.equal(isExemptFromAnnouncement({ mandate, notices: [] }, always, now), false);
  });
});

describe('the first debit after the signing', () => {
  const context = contextAt('2026-03-10 07:30', { rail: RAIL });

  test('leaves without the rail’s announcement', () => {
    const mandate = aMandate({ signedAt: at('2026-03-09 23:00') });
    assert.equal(decideSubmit(facts({ mandate, notices: [aNotice()] }), context).kind, 'send');
  });

  test('never leaves without our own notice', () => {
    const mandate = aMandate({ signedAt: at('2026-03-09 23:00') });
    const decision = decideSubmit(facts({ mandate, notices: [] }), context);
    assert.equal(decision.kind === 'blocked' && decision.refusal.code, 'notice_missing');
  });

  test('wants the announcement once twelve hours have passed', () => {
    const mandate = aMandate({ signedAt: at('2026-03-09 19:30') });
    const decision = decideSubmit(facts({ mandate, notices: [aNotice()] }), context);
    const expected = 'rail_announcement_missing';
    assert.equal(decision.kind === 'blocked' && decision.refusal.code, expected);
  });
});
