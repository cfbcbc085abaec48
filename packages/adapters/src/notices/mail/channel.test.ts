import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { SendOutcome } from '@daikou/core';
import { expectGolden } from '../../kit/golden.ts';
import { makeNotice } from '../suite/facts.ts';
import { makeMailChannel } from './channel.ts';
import { describeMailConfig, type MailConfig, senderDomain } from './config.ts';
import { recordSmtp } from './recorder.ts';

const CONFIG: Omit<MailConfig, 'port'> = {
  host: '127.0.0.1',
  secure: false,
  user: 'sender',
  pass: 'test-only-password',
  from: '云笔记 <billing@notes.example.test>',
  reportToken: 'test-only-report-token',
  now: () => Temporal.Instant.from('2026-12-01T01:00:00Z'),
  timeoutMilliseconds: 1_000,
};

describe('the mail that leaves the house is the one that was reviewed', () => {
  for (const locale of ['zh-CN', 'en'] as const) {
    for (const purpose of ['renewal', 'retry'] as const) {
      test(`${locale} ${purpose}`, async () => {
        const server = await recordSmtp();
        const channel = makeMailChannel({ ...CONFIG, port: server.port });
        const noticeId = `not_${'1'.repeat(32)}`;
        const address = 'payer@customers.example.test';
        await channel.send(makeNotice(address, { noticeId, locale, purpose }));
        await channel.close();
        await server.close();
        const shown = server.lines
          .map((line) =>
            line.replace(/^EHLO .*/, 'EHLO {host}').replace(/^(AUTH PLAIN) .*/, '$1 {secret}'),
          )
          .map((line) => `${line}\n`);
        expectGolden(
          new URL(`./golden/${locale}-${purpose}.smtp`, import.meta.url),
          shown.join(''),
        );
      });
    }
  }
});

describe('refusals and silence', () => {
  const CASES: readonly (readonly [string, string, SendOutcome])[] = [
    [
      'RCPT TO',
      '550 5.1.1 no such mailbox payer@customers.example.test',
      { kind: 'refused', code: '550', message: '5.1.1' },
    ],
    ['DATA', '452 4.3.1 full', { kind: 'refused', code: '452', message: '4.3.1' }],
    ['AUTH', '535 5.7.8 wrong', { kind: 'refused', code: '535', message: '5.7.8' }],
  ];
  for (const [command, answer, expected] of CASES) {
    test(`${command} answered ${answer.slice(0, 3)}: refused, without the address`, async () => {
      const server = await recordSmtp({ command, answer });
      const channel = makeMailChannel({ ...CONFIG, port: server.port });
      const outcome = await channel.send(makeNotice('payer@customers.example.test'));
      await channel.close();
      await server.close();
      assert.deepEqual(outcome, expected);
    });
  }

  test('no answer after the message: unknown, for it may be on its way', async () => {
    const server = await recordSmtp({ command: 'MAIL', answer: '' });
    const channel = makeMailChannel({ ...CONFIG, port: server.port, timeoutMilliseconds: 200 });
    const outcome = await channel.send(makeNotice('payer@customers.example.test'));
    await channel.close();
    await server.close();
    assert.equal(outcome.kind, 'unknown');
  });
});

test('the domain of Message-IDs is the sender’s', () => {
  assert.equal(senderDomain('云笔记 <billing@Notes.Example.test>'), 'notes.example.test');
  assert.equal(senderDomain('billing@example.test'), 'example.test');
  assert.throws(() => senderDomain('billing'));
});

test('a described configuration shows no secret', () => {
  const text = JSON.stringify(describeMailConfig({ ...CONFIG, port: 465 }));
  assert.ok(text.includes('billing@notes.example.test'));
  assert.ok(!text.includes('test-only'));
});
