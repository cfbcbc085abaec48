import type { NoticeChannel, NoticeMessage, SendOutcome } from '@daikou/core';
import { createTransport } from 'nodemailer';
import { failureOf } from '../../rails/failures.ts';
import { toDetail } from '../../rails/rail-text.ts';
import { type MailConfig, senderDomain } from './config.ts';
import { readMailReport } from './report.ts';

type Transport = ReturnType<typeof makeTransport>;

function makeTransport(config: MailConfig) {
  const timeout = config.timeoutMilliseconds ?? 10_000;
  return createTransport({
    pool: true,
    maxConnections: config.connections ?? 5,
    maxMessages: Number.POSITIVE_INFINITY,
    host: config.host,
    port: config.port,
    secure: config.secure,
    auth: { user: config.user, pass: config.pass },
    connectionTimeout: timeout,
    greetingTimeout: timeout,
    socketTimeout: timeout,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
}

/**
 * Notices by mail. The Message-ID is made from the notice, so that a repeat after a lost answer is
 * recognised; a delivery status notification is asked for with the notice as envelope id (RFC
 * 3461).
 */
export function makeMailChannel(config: MailConfig): NoticeChannel {
  const transport = makeTransport(config);
  const domain = senderDomain(config.from);
  return {
    id: 'mail',
    proof: 'report',
    send: (message) => send(transport, { config, domain, message }),
    readReport: (raw) => readMailReport(raw, { ...config, domain }),
    close: async () => transport.close(),
  };
}

async function send(
  transport: Transport,
  {
    config,
    domain,
    message,
  }: { readonly config: MailConfig; readonly domain: string; readonly message: NoticeMessage },
): Promise<SendOutcome> {
  const messageId = `<${message.noticeId}@notices.${domain}>`;
  const { subject, text } = message;
  try {
    await transport.sendMail({
      from: config.from,
      to: { name: '', address: message.address },
      subject,
      text,
      messageId,
      date: new Date(config.now().epochMilliseconds),
      headers: { 'Auto-Submitted': 'auto-generated' },
      dsn: {
        id: message.noticeId,
        return: 'headers',
        notify: ['success', 'failure'],
        recipient: message.address,
      },
    });
    return { kind: 'sent', providerReference: messageId };
  } catch (error) {
    return outcomeOfError(error);
  }
}

/**
 * A numbered answer of the server is definite: it did not take the message. Anything else, such as
 * a connection that broke, says nothing: the message may be on its way.
 */
function outcomeOfError(error: unknown): SendOutcome {
  const code: unknown = error instanceof Error ? Reflect.get(error, 'responseCode') : undefined;
  if (typeof code === 'number' && code >= 400 && code < 600) {
    // The server's words may repeat the address, so only its enhanced status code is kept.
    const response: unknown = Reflect.get(error as Error, 'response');
    const status = /\b[245]\.\d{1,3}\.\d{1,3}\b/.exec(String(response))?.[0] ?? '';
    return { kind: 'refused', code: String(code), message: toDetail(status) };
  }
  return { kind: 'unknown', detail: failureOf(error).detail };
}
