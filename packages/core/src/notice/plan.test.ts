import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  aCustomer,
  aNotice,
  anUndeliveredNotice,
  anUnreachableCustomer,
  at,
  countingIds,
  DUE,
  PRICE,
} from '../../../../test/kit/builders.ts';
import { type Customer, contactOf } from '../customer/customer.ts';
import { bucketOf } from '../ids/ids.ts';
import { present } from '../result/invariant.ts';
import { isEnd } from '../result/moves.ts';
import { NOTICE_MOVES } from './moves.ts';
import type { DebitNotice, NoticeState } from './notice.ts';
import { decideNoticeProgress, planNotice } from './plan.ts';

const now = at('2026-03-05 09:00');
const context = { now, ids: countingIds() };
const debitId = aNotice().debitId;

function without(...channels: readonly ('mail' | 'phone')[]): Customer {
  const { mail, phone, ...rest } = aCustomer();
  return {
    ...rest,
    ...(mail === undefined || channels.includes('mail') ? {} : { mail }),
    ...(phone === undefined || channels.includes('phone') ? {} : { phone }),
  };
}

describe('where a notice goes', () => {
  const cases: readonly (readonly [string, Customer, string | undefined])[] = [
    ['mail is preferred', aCustomer(), 'mail payer@example.test'],
    ['a phone is preferred', aCustomer({ preferredChannel: 'sms' }), 'sms +12125550123'],
    ['mail is preferred and missing', without('mail'), 'sms +12125550123'],
    [
      'a phone is preferred and missing',
      { ...without('phone'), preferredChannel: 'sms' },
      'mail payer@example.test',
    ],
    ['nothing is known', anUnreachableCustomer(), undefined],
  ];
  for (const [name, customer, expected] of cases) {
    test(`${name}: ${expected ?? 'nowhere'}`, () => {
      const contact = contactOf(customer);
      assert.equal(contact && `${contact.channel} ${contact.address}`, expected);
    });
  }
});

describe('a planned notice', () => {
  const plan = { purpose: 'renewal', amount: PRICE, collectDate: DUE, dueAt: now } as const;

  test('names its amount and date and lives in the bucket of its debit', () => {
    const notice = planNotice(plan, { customer: aCustomer({ locale: 'en' }), debitId }, context);
    assert.equal(notice.state, 'planned');
    assert.equal(notice.purpose, 'renewal');
    assert.equal(notice.channel, 'mail');
    assert.equal(notice.locale, 'en');
    assert.equal(notice.amount.minor, PRICE.minor);
    assert.ok(notice.collectDate.equals(DUE) && notice.dueAt.equals(now));
    assert.equal(bucketOf(notice.id), bucketOf(debitId));
    assert.equal(notice.failureCode, undefined);
  });

  test('of a customer without any address has failed already, and says why', () => {
    const notice = planNotice(plan, { customer: anUnreachableCustomer(), debitId }, context);
    assert.equal(notice.state, 'failed');
    assert.equal(notice.failureCode, 'no_address');
  });
});

describe('what a provider’s word changes', () => {
  const words = {
    sent: { kind: 'sent', providerReference: 'BIZ-1' },
    delivered: { kind: 'delivered' },
    failed: { kind: 'failed', code: 'MOBILE_NOT_ON_SERVICE' },
  } as const;
  const table: Readonly<Record<NoticeState, readonly (keyof typeof words)[]>> = {
    planned: ['failed'],
    sending: ['sent', 'delivered', 'failed'],
    sent: ['delivered', 'failed'],
    delivered: [],
    failed: [],
  };
  const noticeIn = (state: NoticeState): DebitNotice =>
    state === 'delivered' ? aNotice() : anUndeliveredNotice(state, { leaseUntil: now });

  for (const [state, possible] of Object.entries(table) as [NoticeState, string[]][]) {
    for (const word of Object.values(words)) {
      const changes = possible.includes(word.kind);
      test(`${state}, then ${word.kind}: ${changes ? word.kind : 'nothing'}`, () => {
        const decision = decideNoticeProgress(noticeIn(state), word, context);
        assert.equal(decision?.notice.state, changes ? word.kind : undefined);
        if (decision === undefined) return;
        assert.equal(decision.event.type, `notice.${word.kind}`);
        assert.equal(decision.event.data['minor'], '2985');
        assert.equal(decision.notice.leaseUntil, undefined);
        if (!isEnd(NOTICE_MOVES, decision.notice.state)) return;
        assert.equal(decideNoticeProgress(decision.notice, word, context), undefined);
      });
    }
  }

  test('sent keeps the provider’s number, delivered its time, failed its code', () => {
    const after = (notice: DebitNotice, word: (typeof words)[keyof typeof words], clock = now) =>
      present(decideNoticeProgress(notice, word, { ...context, now: clock }), 'a change').notice;
    const sent = after(noticeIn('sending'), words.sent);
    assert.ok(sent.sentAt?.equals(now));
    assert.equal(sent.providerReference, 'BIZ-1');
    const later = at('2026-03-05 09:03');
    const delivered = after(sent, words.delivered, later);
    assert.ok(delivered.deliveredAt?.equals(later));
    assert.ok(delivered.sentAt?.equals(now));
    const failed = after(sent, words.failed, later);
    assert.equal(failed.failureCode, 'MOBILE_NOT_ON_SERVICE');
    assert.equal(failed.deliveredAt, undefined);
  });

  test('a receipt under a clock that was put back counts from the sending', () => {
    const sent = anUndeliveredNotice('sent', { sentAt: at('2026-03-05 09:01') });
    const notice = { ...sent, sentAt: at('2026-03-05 09:01') };
    const before = { ...context, now: at('2026-03-01 09:00') };
    const read = decideNoticeProgress(notice, words.delivered, before);
    assert.ok(read?.notice.deliveredAt?.equals(at('2026-03-05 09:01')));
  });

  test('a bounce that overtakes the answer to sending counts as sent too', () => {
    const bounced = decideNoticeProgress(noticeIn('sending'), words.failed, context);
    assert.equal(bounced?.notice.state, 'failed');
    assert.ok(bounced?.notice.sentAt?.equals(now));
  });

  test('a message that the provider never took was not sent', () => {
    const refused = { kind: 'refused', code: 'isv.MOBILE_NUMBER_ILLEGAL' } as const;
    const decision = decideNoticeProgress(noticeIn('sending'), refused, context);
    assert.equal(decision?.notice.state, 'failed');
    assert.equal(decision?.notice.failureCode, refused.code);
    assert.equal(decision?.notice.sentAt, undefined);
    assert.equal(decision?.event.type, 'notice.failed');
  });

  test('a report of delivery that overtakes the answer to sending counts as both', () => {
    const early = decideNoticeProgress(noticeIn('sending'), words.delivered, context);
    assert.ok(early?.notice.sentAt?.equals(now) && early.notice.deliveredAt?.equals(now));
  });
});
