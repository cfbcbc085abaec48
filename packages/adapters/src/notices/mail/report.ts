import type { DeliveryOutcome, DeliveryReport } from '@daikou/core';
import { sameText } from '../../rails/secrets.ts';
import { type MimePart, parseFieldGroups, parseMime } from './mime.ts';

/** Longest report that is read, in bytes; a report carries headers only, not the message. */
const REPORT_LIMIT_BYTES = 256 * 1024;

export type RawReport = {
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: Uint8Array;
};

export type ReportTrust = {
  readonly reportToken: string;
  readonly domain: string;
  readonly now: () => Temporal.Instant;
};

/**
 * Reads a delivery status report (RFC 3464, `multipart/report`) that was posted with our bearer
 * token, or undefined when it is refused: wrong token, too large, not a report, or not about a
 * notice of ours.
 */
export function readMailReport(
  raw: RawReport,
  trust: ReportTrust,
): readonly DeliveryReport[] | undefined {
  if (!isAuthorised(raw, trust.reportToken)) return undefined;
  if (raw.body.length > REPORT_LIMIT_BYTES) return undefined;
  // Latin-1 keeps every byte; all that we read of a report is ASCII.
  const mail = parseMime(Buffer.from(raw.body).toString('latin1'));
  if (mail?.type !== 'multipart/report') return undefined;
  const status = mail.parts.find((part) => part.type === 'message/delivery-status');
  if (status === undefined) return undefined;
  const [message, ...recipients] = parseFieldGroups(status.body);
  const noticeId = noticeIdOf(message, mail, trust.domain);
  if (message === undefined || noticeId === undefined || recipients.length === 0) return undefined;
  const fallback = parseMailDate(mail.headers['date']) ?? trust.now();
  return recipients.map((recipient) => ({
    noticeId,
    providerReference: `<${noticeId}@notices.${trust.domain}>`,
    outcome: outcomeOf(recipient, fallback),
  }));
}

function isAuthorised(raw: RawReport, token: string): boolean {
  const header = Object.entries(raw.headers).find(
    ([name]) => name.toLowerCase() === 'authorization',
  )?.[1];
  const match = /^Bearer +(\S+)$/i.exec(header ?? '');
  return token !== '' && match?.[1] !== undefined && sameText(match[1], token);
}

type Fields = Readonly<Record<string, string | undefined>>;

/**
 * The notice: from the envelope id that we gave, else from the Message-ID of the returned headers.
 */
function noticeIdOf(
  message: Fields | undefined,
  mail: MimePart,
  domain: string,
): string | undefined {
  const envelope = decodeXtext(message?.['original-envelope-id'] ?? '');
  if (NOTICE_ID.test(envelope)) return envelope;
  const returned = mail.parts.find(
    (part) => part.type === 'text/rfc822-headers' || part.type === 'message/rfc822',
  );
  const headers = returned === undefined ? undefined : parseFieldGroups(returned.body)[0];
  const [, id, at] = /<([^<>@\s]+)@([^<>@\s]+)>/.exec(headers?.['message-id'] ?? '') ?? [];
  return id !== undefined && at === `notices.${domain}` && NOTICE_ID.test(id) ? id : undefined;
}

const NOTICE_ID = /^not_[0-9a-f]{32}$/;

/** Envelope ids are written in xtext (RFC 3461 §4): `+2B` stands for a plus. */
function decodeXtext(text: string): string {
  return text
    .trim()
    .replace(/\+([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}

/** The `Action` of RFC 3464 §2.3.3. Relayed and expanded mails left the systems that report. */
function outcomeOf(recipient: Fields, fallback: Temporal.Instant): DeliveryOutcome {
  const at = parseMailDate(recipient['last-attempt-date']) ?? fallback;
  switch (recipient['action']?.trim().toLowerCase()) {
    case 'delivered':
      return { kind: 'delivered', at };
    case 'failed':
      return { kind: 'failed', code: recipient['status']?.trim() || 'failed', at };
    case 'delayed':
      return { kind: 'waiting' };
    case 'relayed':
    case 'expanded':
      return { kind: 'unknown', detail: 'passed on to a system that sends no reports' };
    default:
      return { kind: 'unknown', detail: 'unlisted action' };
  }
}

/** Reads a date of RFC 5322; undefined when it is none. */
function parseMailDate(text: string | undefined): Temporal.Instant | undefined {
  const milliseconds = Date.parse(text ?? '');
  return Number.isNaN(milliseconds)
    ? undefined
    : Temporal.Instant.fromEpochMilliseconds(milliseconds);
}
