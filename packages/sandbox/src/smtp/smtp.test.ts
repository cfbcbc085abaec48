import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { createInterface } from 'node:readline';
import { after, before, describe, test } from 'node:test';
import { openStage, type Stage } from '../testing/stage.ts';
import { parseMail } from './mime.ts';

/** Speaks SMTP: sends each line after the reply to the former one; returns the reply codes. */
async function speak(port: number, lines: readonly string[]): Promise<readonly string[]> {
  const socket = connect(port, '127.0.0.1');
  const replies: string[] = [];
  const rest = [...lines];
  for await (const line of createInterface({ input: socket })) {
    if (/^\d{3}-/.test(line)) continue;
    replies.push(line.slice(0, 3));
    const next = rest.shift();
    if (next === undefined) break;
    socket.write(`${next}\r\n`);
  }
  socket.destroy();
  return replies;
}

const SUBJECT = '=?UTF-8?B?5omj6LS56YCa55+l?=';

function mailLines(to: string, messageId: string): string {
  return [
    'From: Daikou <billing@example.test>',
    `To: ${to}`,
    `Subject: ${SUBJECT}`,
    `Message-ID: ${messageId}`,
    'MIME-Version: 1.0',
    'Content-Type: multipart/alternative; boundary="b"',
    '',
    '--b',
    'Content-Type: text/plain; charset=utf-8',
    'Content-Transfer-Encoding: quoted-printable',
    '',
    '=E5=B0=86=E6=89=A3=E6=AC=BE ',
    '--b',
    'Content-Type: text/html; charset=utf-8',
    'Content-Transfer-Encoding: base64',
    '',
    Buffer.from('<p>将扣款</p>').toString('base64'),
    '--b--',
    '.',
  ].join('\r\n');
}

describe('the mail server', () => {
  let stage: Stage;
  before(async () => {
    stage = await openStage();
    await stage.admin('PUT', '/admin/configure', {
      smtp: { reportUrl: `${stage.merchantUrl}/mail`, reportToken: 'secret', reportDelayMs: 5 },
    });
  });
  after(() => stage.close());

  const login = (pass = stage.credentials.smtp.pass) =>
    Buffer.from(`\0${stage.credentials.smtp.user}\0${pass}`).toString('base64');
  const send = (to: string, messageId: string, envid = 'notice-1') =>
    speak(stage.endpoints.smtp.port, [
      'EHLO test',
      `AUTH PLAIN ${login()}`,
      `MAIL FROM:<billing@example.test> RET=HDRS ENVID=${envid}`,
      `RCPT TO:<${to}> NOTIFY=SUCCESS,FAILURE`,
      'DATA',
      mailLines(to, messageId),
    ]);
  const messagesTo = async (to: string) => {
    const reply = await stage.admin('GET', `/admin/messages?to=${encodeURIComponent(to)}`);
    return reply.body['messages'] as Readonly<Record<string, unknown>>[];
  };

  test('a mail is accepted and delivered, and reported as RFC 3464 says', async () => {
    const replies = await send('bob@example.test', '<m1@example.test>');
    assert.equal(replies.at(-1), '250');
    const [report] = await stage.settled('/mail');
    assert.equal(report?.headers['authorization'], 'Bearer secret');
    assert.equal(report?.headers['content-type'], 'message/rfc822');
    const body = report?.body ?? '';
    assert.match(body, /Content-Type: multipart\/report; report-type=delivery-status/);
    assert.match(body, /\r\nOriginal-Envelope-Id: notice-1\r\n/);
    assert.match(body, /\r\nFinal-Recipient: rfc822; bob@example\.test\r\n/);
    assert.match(body, /\r\nAction: delivered\r\nStatus: 2\.0\.0\r\n/);
    assert.match(body, /\r\nMessage-ID: <m1@example\.test>\r\n/);
    const [seen] = await messagesTo('bob@example.test');
    assert.equal(seen?.['subject'], '扣费通知');
    assert.equal(String(seen?.['text']).trim(), '将扣款');
    assert.equal(seen?.['html'], '<p>将扣款</p>');
    assert.equal(seen?.['status'], 'delivered');
  });

  test('the same Message-ID again is accepted and not delivered twice', async () => {
    await send('eve@example.test', '<m2@example.test>');
    await stage.settled();
    const before = stage.received.length;
    assert.equal((await send('eve@example.test', '<m2@example.test>')).at(-1), '250');
    await stage.settled();
    assert.equal(stage.received.length, before);
    const [seen, ...more] = await messagesTo('eve@example.test');
    assert.equal(more.length, 0);
    assert.equal(seen?.['repeats'], 1);
  });

  test('a bounce is reported as failed', async () => {
    await send('bounce7@example.test', '<m3@example.test>');
    const reports = await stage.settled('/mail');
    const body = reports.at(-1)?.body ?? '';
    assert.match(body, /Action: failed\r\nStatus: 5\.1\.1/);
    assert.equal((await messagesTo('bounce7@example.test'))[0]?.['status'], 'failed');
  });

  test('who is not known may not send', async () => {
    const { port } = stage.endpoints.smtp;
    const wrong = await speak(port, ['EHLO test', `AUTH PLAIN ${login('wrong')}`]);
    assert.equal(wrong.at(-1), '535');
    const none = await speak(port, ['EHLO test', 'MAIL FROM:<a@example.test>']);
    assert.equal(none.at(-1), '530');
  });

  test('a scripted fault is a temporary refusal', async () => {
    const fault = { rail: 'smtp', fault: 'http_500', orderNumber: '<m4@example.test>' };
    await stage.admin('POST', '/admin/faults', fault);
    assert.equal((await send('bob@example.test', '<m4@example.test>')).at(-1), '451');
    assert.equal((await send('bob@example.test', '<m4@example.test>')).at(-1), '250');
  });
});

describe('reading a mail', () => {
  const read = (text: string) => parseMail(Buffer.from(text.replaceAll('\n', '\r\n')));

  test('plain mails, folded headers and quoted words', () => {
    const mail = read('Subject: =?utf-8?Q?=E8=B4=B9?=\n =?utf-8?Q?_x?=\nX: 1\n\nbody\n');
    assert.equal(mail.headers['subject'], '费 x');
    assert.equal(mail.text, 'body\r\n');
  });

  test('attachments are listed, not read', () => {
    const mail = read(
      'Content-Type: multipart/mixed; boundary=z\n\n--z\n\nhello\n--z\n' +
        'Content-Type: application/pdf\nContent-Disposition: attachment; filename="a.pdf"\n' +
        'Content-Transfer-Encoding: base64\n\nAAAA\n--z--\n',
    );
    assert.equal(mail.text.trim(), 'hello');
    assert.deepEqual(mail.attachments, [{ name: 'a.pdf', type: 'application/pdf', bytes: 3 }]);
  });

  test('a mail that nests without end is read to a limit', () => {
    const nested = 'Content-Type: multipart/mixed; boundary=z\n\n--z\n'.repeat(50);
    assert.equal(read(`${nested}text\n--z--`).html, '');
  });
});
