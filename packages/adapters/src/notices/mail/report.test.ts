import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { parseMime } from './mime.ts';
import { readMailReport } from './report.ts';

const TRUST = {
  reportToken: 'test-only-report-token',
  domain: 'notes.example.test',
  now: () => Temporal.Instant.from('2026-12-01T01:00:00Z'),
};
const NOTICE = `not_${'a1'.repeat(16)}`;

type Change = Readonly<{
  envelope?: string;
  action?: string;
  messageId?: string;
  lastAttempt?: string;
  recipients?: number;
  type?: string;
}>;

function report(change: Change = {}): Uint8Array {
  const { action = 'delivered', recipients = 1 } = change;
  const { messageId = `<${NOTICE}@notices.notes.example.test>` } = change;
  const { lastAttempt = 'Tue, 01 Dec 2026 09:00:05 +0800' } = change;
  const { envelope = NOTICE, type = 'multipart/report; report-type=delivery-status' } = change;
  const groups = Array.from({ length: recipients }, () => [
    'Final-Recipient: rfc822; payer@customers.example.test',
    `Action: ${action}`,
    'Status: 5.1.1',
    ...(lastAttempt === '' ? [] : [`Last-Attempt-Date: ${lastAttempt}`]),
    '',
  ]);
  return Buffer.from(
    [
      'From: mailer-daemon@mx.example.test',
      'Date: Tue, 01 Dec 2026 09:00:09 +0800',
      `Content-Type: ${type};`,
      ' boundary="b-1"',
      '',
      'preamble',
      '--b-1',
      'Content-Type: text/plain',
      '',
      'Your message was delivered.',
      '--b-1',
      'Content-Type: message/delivery-status',
      '',
      'Reporting-MTA: dns; mx.example.test',
      ...(envelope === '' ? [] : [`Original-Envelope-Id: ${envelope}`]),
      '',
      ...groups.flat(),
      '--b-1',
      'Content-Type: text/rfc822-headers',
      '',
      'Subject: =?utf-8?B?5omj5qy+?=',
      `Message-ID: ${messageId}`,
      '',
      '--b-1--',
      '',
    ].join('\r\n'),
  );
}

const read = (body: Uint8Array, authorization = `Bearer ${TRUST.reportToken}`) =>
  readMailReport({ headers: { Authorization: authorization }, body }, TRUST);

describe('delivery reports', () => {
  test('a delivery is read with its notice and its time', () => {
    assert.deepEqual(read(report()), [
      {
        noticeId: NOTICE,
        providerReference: `<${NOTICE}@notices.notes.example.test>`,
        outcome: { kind: 'delivered', at: Temporal.Instant.from('2026-12-01T01:00:05Z') },
      },
    ]);
  });

  const ACTIONS = [
    ['delivered', 'delivered'],
    ['Failed', 'failed'],
    ['delayed', 'waiting'],
    ['relayed', 'unknown'],
    ['expanded', 'unknown'],
    ['teleported', 'unknown'],
  ] as const;
  for (const [action, expected] of ACTIONS) {
    test(`action ${action}: ${expected}`, () => {
      assert.equal(read(report({ action }))?.[0]?.outcome.kind, expected);
    });
  }

  test('without an envelope id the returned Message-ID names the notice', () => {
    assert.equal(read(report({ envelope: '' }))?.[0]?.noticeId, NOTICE);
    const foreign = { envelope: '', messageId: `<${NOTICE}@notices.other.example.test>` };
    assert.equal(read(report(foreign)), undefined);
  });

  test('an escaped envelope id is read', () => {
    assert.equal(read(report({ envelope: NOTICE.replace('_', '+5F') }))?.[0]?.noticeId, NOTICE);
  });

  test('without a time of the last attempt the report’s own date counts', () => {
    const outcome = read(report({ lastAttempt: '' }))?.[0]?.outcome;
    assert.equal(outcome?.kind === 'delivered' && outcome.at.toString(), '2026-12-01T01:00:09Z');
  });

  test('every recipient is reported', () => {
    assert.equal(read(report({ recipients: 3 }))?.length, 3);
  });

  const REFUSED: readonly (readonly [string, Uint8Array, string?])[] = [
    ['no token', report(), ''],
    ['another token', report(), 'Bearer test-only-report-tokem'],
    ['the token without its word', report(), TRUST.reportToken],
    ['more than 256 KB', Buffer.concat([report(), Buffer.alloc(256 * 1024, 0x20)])],
    ['another media type', report({ type: 'multipart/mixed' })],
    ['a number that is none of ours', report({ envelope: 'other', messageId: '<x@y>' })],
    ['no recipient', report({ recipients: 0 })],
    ['half of it', report().slice(0, 500)],
    ['nothing', new Uint8Array()],
  ];
  for (const [name, body, authorization] of REFUSED) {
    test(`refused: ${name}`, () => {
      assert.equal(read(body, authorization), undefined);
    });
  }

  test('an empty token opens nothing', () => {
    const raw = { headers: { authorization: 'Bearer ' }, body: report() };
    assert.equal(readMailReport(raw, { ...TRUST, reportToken: '' }), undefined);
  });

  test('random text never throws', () => {
    const line = fc.constantFrom(
      'Content-Type: multipart/report; boundary=b',
      '',
      '--b',
      '--b--',
      'A: b',
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(line, fc.string()), { maxLength: 30 }), (lines) => {
        parseMime(lines.join('\n'));
        read(Buffer.from(lines.join('\r\n')));
      }),
    );
  });
});
