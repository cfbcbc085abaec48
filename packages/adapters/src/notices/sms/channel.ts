import { randomUUID } from 'node:crypto';
import type { DeliveryOutcome, NoticeChannel, NoticeMessage, SendOutcome } from '@daikou/core';
import { parseBeijing } from '../../rails/beijing.ts';
import { failureOf } from '../../rails/failures.ts';
import { toDetail } from '../../rails/rail-text.ts';
import { listed } from '../../rails/tables.ts';
import { smsVariables } from '../templates.ts';
import { SEND_CODES, SEND_STATUSES } from './codes.ts';
import type { SmsConfig } from './config.ts';
import { canonicalQuery, signedHeaders } from './signature.ts';

const API_VERSION = '2017-05-25';
const CONTENT_TYPE = 'application/x-www-form-urlencoded';

/** Longest reply that is read, in bytes. */
const REPLY_LIMIT_BYTES = 1024 * 1024;

/** Rows asked for: the sends of one number on one day, which Aliyun limits to 50. */
const PAGE_SIZE = '50';

type Words = Readonly<Record<string, string>>;
type Reply =
  | { readonly kind: 'answer'; readonly fields: Readonly<Record<string, unknown>> }
  | { readonly kind: 'unknown'; readonly detail: string };

/**
 * Notices by SMS through Aliyun. It has no report of its own: Aliyun's HTTP reports are not signed,
 * so delivery is proved by asking. Aliyun does not de-duplicate either; a notice is sent once by
 * its caller.
 */
export function makeSmsChannel(config: SmsConfig): NoticeChannel {
  return {
    id: 'sms',
    proof: 'query',
    send: (message) => send(config, message),
    queryDelivery: (sent) => queryDelivery(config, sent),
    // Connections belong to the runtime's own pool; there is nothing to give back.
    close: async () => {},
  };
}

async function send(config: SmsConfig, message: NoticeMessage): Promise<SendOutcome> {
  const templateCode = config.templateCodes[message.locale][message.templateKey];
  if (templateCode === undefined) {
    return { kind: 'refused', code: 'no_template_code', message: 'no SMS template is registered' };
  }
  const reply = await call(config, 'SendSms', {
    PhoneNumbers: toPhoneNumber(message.address),
    SignName: config.signName,
    TemplateCode: templateCode,
    TemplateParam: JSON.stringify(smsVariables(message.variables)),
    OutId: message.noticeId,
  });
  if (reply.kind === 'unknown') return reply;
  const code = textAt(reply.fields, 'Code');
  const bizId = textAt(reply.fields, 'BizId');
  if (code === 'OK') {
    return bizId === ''
      ? { kind: 'unknown', detail: 'taken, but without a BizId' }
      : { kind: 'sent', providerReference: bizId };
  }
  const words = toDetail(textAt(reply.fields, 'Message'));
  return listed(SEND_CODES, code) === 'refused'
    ? { kind: 'refused', code, message: words }
    : { kind: 'unknown', detail: toDetail(`${code} ${words}`) };
}

/** Aliyun wants the country code without the plus sign. */
function toPhoneNumber(e164: string): string {
  return e164.replace(/^\+/, '');
}

/**
 * Days beside the date of sending under which a message is looked for as well: two clocks about
 * midnight need not name one date, nor do a merchant's zone and Aliyun's, which is Beijing's.
 */
const OTHER_DAYS = [1, -1] as const;

type Sent = Parameters<NonNullable<NoticeChannel['queryDelivery']>>[0];

async function queryDelivery(config: SmsConfig, sent: Sent): Promise<DeliveryOutcome> {
  const found = await queryDate(config, sent, sent.sentOn);
  if (found !== undefined) return found;
  for (const days of OTHER_DAYS) {
    const other = await queryDate(config, sent, sent.sentOn.add({ days }));
    if (other !== undefined) return other;
  }
  return { kind: 'unknown', detail: 'the provider does not list this notice' };
}

/** What Aliyun knows of the message under a date of sending; undefined when it lists none there. */
async function queryDate(
  config: SmsConfig,
  sent: Sent,
  date: Temporal.PlainDate,
): Promise<DeliveryOutcome | undefined> {
  const reply = await call(config, 'QuerySendDetails', {
    PhoneNumber: toPhoneNumber(sent.address),
    BizId: sent.providerReference,
    SendDate: date.toString().replaceAll('-', ''),
    PageSize: PAGE_SIZE,
    CurrentPage: '1',
  });
  if (reply.kind === 'unknown') return reply;
  const code = textAt(reply.fields, 'Code');
  if (code !== 'OK') return { kind: 'unknown', detail: toDetail(code) };
  const details = objectAt(reply.fields, 'SmsSendDetailDTOs')?.['SmsSendDetailDTO'];
  const rows: readonly unknown[] = Array.isArray(details) ? details : [];
  const row = rows.find((one) => isObject(one) && one['OutId'] === sent.noticeId);
  return isObject(row) ? fromDetail(row) : undefined;
}

function fromDetail(row: Readonly<Record<string, unknown>>): DeliveryOutcome {
  const status = listed(SEND_STATUSES, String(row['SendStatus']));
  const at = parseBeijing(textAt(row, 'ReceiveDate') || textAt(row, 'SendDate'));
  if (status === 'waiting') return { kind: 'waiting' };
  if (status === undefined || at === undefined) {
    return { kind: 'unknown', detail: 'unlisted SendStatus, or no time' };
  }
  return status === 'delivered'
    ? { kind: 'delivered', at }
    : { kind: 'failed', code: textAt(row, 'ErrCode') || 'failed', at };
}

/**
 * One signed call. The parameters go into the body: addresses of calls end up in logs, phones must
 * not.
 */
async function call(config: SmsConfig, action: string, parameters: Words): Promise<Reply> {
  const url = new URL(config.endpoint ?? 'https://dysmsapi.aliyuncs.com');
  const body = canonicalQuery(parameters);
  const { host: _, ...headers } = signedHeaders(
    {
      host: url.host,
      action,
      version: API_VERSION,
      date: config.now().toString({ smallestUnit: 'second' }),
      nonce: randomUUID(),
      query: {},
      body,
      contentType: CONTENT_TYPE,
    },
    config,
  );
  try {
    const response = await fetch(new URL('/', url), {
      method: 'POST',
      headers: { ...headers, accept: 'application/json' },
      body,
      redirect: 'error',
      signal: AbortSignal.timeout(config.timeoutMilliseconds ?? 10_000),
    });
    return readReply(await readLimited(response));
  } catch (error) {
    return { kind: 'unknown', detail: failureOf(error).detail };
  }
}

async function readLimited(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of response.body ?? []) {
    length += chunk.length;
    if (length > REPLY_LIMIT_BYTES) return '';
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** Refusals come with HTTP 400 and the same JSON, so the body decides and not the status. */
function readReply(text: string): Reply {
  try {
    const fields: unknown = JSON.parse(text);
    if (isObject(fields)) return { kind: 'answer', fields };
  } catch {
    // Answered below: a page of a proxy, or half an answer.
  }
  return { kind: 'unknown', detail: 'the reply is not JSON' };
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function objectAt(
  value: Readonly<Record<string, unknown>>,
  name: string,
): Readonly<Record<string, unknown>> | undefined {
  const inner = value[name];
  return isObject(inner) ? inner : undefined;
}

function textAt(value: Readonly<Record<string, unknown>>, name: string): string {
  const text = value[name];
  return typeof text === 'string' ? text : '';
}
