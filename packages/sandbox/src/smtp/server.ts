import type { AddressInfo } from 'node:net';
import { SMTPServer, type SMTPServerDataStream, type SMTPServerEnvelope } from 'smtp-server';
import type { Table } from '../books.ts';
import { digitsFrom, drawBasisPoints } from '../chance.ts';
import { LOSS_FAULTS, REPLY_FAULTS } from '../faults.ts';
import type { Listener } from '../http.ts';
import type { World } from '../world.ts';
import { parseMail } from './mime.ts';
import { writeReport } from './report.ts';

/** Largest mail, in bytes. */
const SIZE_LIMIT_BYTES = 2 * 1024 * 1024;
/** Seconds between the tries of a report. */
const REPORT_RETRY_SECONDS = [1, 5, 30, 120];

/** One mail to one recipient. `acceptedAt` is business time, `reportAtMs` wall-clock time. */
export interface AcceptedMail {
  readonly id: string;
  readonly messageId: string;
  readonly envelopeId: string;
  readonly sender: string;
  readonly recipient: string;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  readonly attachments: readonly {
    readonly name: string;
    readonly type: string;
    readonly bytes: number;
  }[];
  readonly rawHeaders: string;
  readonly acceptedAt: number;
  readonly reportAtMs: number;
  readonly fails: boolean;
  /** How often the same Message-ID came again; a repeat is accepted and not delivered twice. */
  readonly repeats: number;
  /** `lost`: accepted, and neither delivered nor ever reported. */
  readonly status: 'waiting' | 'delivered' | 'failed' | 'lost';
}

/** The mails of this sandbox, by `Message-ID recipient`. */
export interface SmtpBooks {
  readonly mails: Table<AcceptedMail>;
}

export function openSmtpBooks(world: World): SmtpBooks {
  return { mails: world.books.table<AcceptedMail>('smtp_mails') };
}

/** Starts the mail server: plain SMTP on the loopback address, with authentication. */
export async function listenSmtp(world: World, books: SmtpBooks, port: number): Promise<Listener> {
  const { user, pass } = world.credentials.smtp;
  const server = new SMTPServer({
    name: 'mx.sandbox.example.test',
    banner: 'Daikou sandbox',
    size: SIZE_LIMIT_BYTES,
    allowInsecureAuth: true,
    disabledCommands: ['STARTTLS'],
    disableReverseLookup: true,
    hideDSN: false,
    logger: false,
    authMethods: ['PLAIN', 'LOGIN'],
    onAuth(auth, _connection, callback) {
      if (auth.username === user && auth.password === pass) callback(null, { user });
      else callback(new Error('535 Authentication credentials invalid'));
    },
    onData(stream, { envelope }, callback) {
      receive({ world, books, stream, envelope }).then(() => callback(), callback);
    },
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  // A client that vanishes in the middle of a mail is its own affair.
  server.on('error', (problem: Error) =>
    process.stderr.write(`sandbox smtp: ${problem.message}\n`),
  );
  return {
    port: (server.server.address() as AddressInfo).port,
    close: () => closeServer(server),
  };
}

function closeServer(server: SMTPServer): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    for (const connection of server.connections) connection.close();
  });
}

async function receive(delivery: {
  readonly world: World;
  readonly books: SmtpBooks;
  readonly stream: SMTPServerDataStream;
  readonly envelope: SMTPServerEnvelope;
}): Promise<void> {
  const { world, books, stream, envelope } = delivery;
  const chunks: Buffer[] = [];
  for await (const chunk of stream as AsyncIterable<Buffer>) chunks.push(chunk);
  if (stream.sizeExceeded) throw refusalOf(552, 'Message exceeds fixed maximum message size');
  const mail = parseMail(Buffer.concat(chunks));
  const messageId = mail.headers['message-id'] ?? '';
  if (messageId === '') throw refusalOf(554, 'A Message-ID is required here');
  const fault = world.faults.take(
    { rail: 'smtp', operations: ['DATA'], orderNumber: messageId },
    REPLY_FAULTS,
  );
  if (fault !== undefined) throw refusalOf(451, 'Requested action aborted: scripted fault');
  for (const { address } of envelope.rcptTo) {
    accept(world, books, { mail, messageId, recipient: address, envelope });
  }
  // 250 means accepted: it is in the journal before it is said.
  world.books.flush();
}

function refusalOf(responseCode: number, message: string): Error {
  return Object.assign(new Error(message), { responseCode });
}

function accept(
  world: World,
  books: SmtpBooks,
  incoming: {
    readonly mail: ReturnType<typeof parseMail>;
    readonly messageId: string;
    readonly recipient: string;
    readonly envelope: SMTPServerEnvelope;
  },
): void {
  const { mail, messageId, recipient, envelope } = incoming;
  const id = `${messageId} ${recipient}`;
  const known = books.mails.get(id);
  if (known !== undefined) {
    books.mails.put(id, { ...known, repeats: known.repeats + 1 });
    return;
  }
  const { seed, smtp } = world.settings.current;
  const { mailFrom, dsn } = envelope;
  const at = { rail: 'smtp', operations: ['deliver'], orderNumber: messageId } as const;
  const lost = world.faults.take(at, LOSS_FAULTS) !== undefined;
  const accepted: AcceptedMail = {
    id,
    messageId,
    // Without ENVID (RFC 3461) the report names the mail by its Message-ID.
    envelopeId: dsn?.envid || messageId.replace(/^<|>$/g, ''),
    sender: mailFrom === false ? '' : mailFrom.address,
    recipient,
    subject: mail.headers['subject'] ?? '',
    text: mail.text,
    html: mail.html,
    attachments: mail.attachments,
    rawHeaders: mail.rawHeaders,
    acceptedAt: world.clock.now(),
    reportAtMs: Date.now() + smtp.reportDelayMs,
    fails: recipient.startsWith('bounce') || drawBasisPoints(seed, recipient) < smtp.failBp,
    repeats: 0,
    status: lost ? 'lost' : 'waiting',
  };
  books.mails.put(id, accepted);
  if (!lost) planMailReport(world, books, accepted);
}

/** Plans the moment in which the mail is delivered or bounces, and its report. */
export function planMailReport(world: World, books: SmtpBooks, mail: AcceptedMail): void {
  world.later.after(Math.max(0, mail.reportAtMs - Date.now()), () => {
    const present = books.mails.require(mail.id);
    books.mails.put(mail.id, { ...present, status: mail.fails ? 'failed' : 'delivered' });
    enterReport(world, mail);
  });
}

function enterReport(world: World, mail: AcceptedMail): void {
  const { reportUrl, reportToken } = world.settings.current.smtp;
  const body = writeReport({
    envelopeId: mail.envelopeId,
    recipient: mail.recipient,
    sender: mail.sender,
    delivered: !mail.fails,
    arrivedAt: new Date(mail.acceptedAt),
    originalHeaders: mail.rawHeaders,
    reportId: digitsFrom(24, 'mail-report', mail.id),
  });
  world.callbacks.enter({
    occasion: { rail: 'smtp', operations: ['callback', 'report'], orderNumber: mail.messageId },
    kind: 'mail_report',
    subject: mail.id,
    url: reportUrl,
    contentType: 'message/rfc822',
    ...(reportToken !== '' && { authorization: `Bearer ${reportToken}` }),
    bodyOf: () => body,
    swappable: new Set(),
    retrySeconds: REPORT_RETRY_SECONDS,
    timeScale: 1,
    acknowledgement: 'http_2xx',
  });
}
