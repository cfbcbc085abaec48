import { createDecipheriv, createHash } from 'node:crypto';
import type { DeliveryOutcome, DeliveryReport } from '@daikou/core';
import { sameText } from '../../rails/secrets.ts';
import { listed } from '../../rails/tables.ts';
import { STATUSES } from './codes.ts';
import type { OfficialAccountConfig } from './config.ts';
import { parseEventXml } from './xml.ts';

type Trust = Pick<OfficialAccountConfig, 'appId' | 'token' | 'encodingAesKey' | 'now'>;

/**
 * How far a signed time may lie from ours. WeChat sends an event three times within 15 seconds; an
 * older signature is somebody's copy.
 */
const WINDOW_SECONDS = 300;

/** Longest event that is read, in bytes; one of a template message has a few hundred. */
const EVENT_LIMIT_BYTES = 64 * 1024;

/** SHA-1 over the sorted texts, joined: how WeChat signs whatever it sends to an account. */
export function signEvent(parts: readonly string[]): string {
  return createHash('sha1')
    .update([...parts].sort().join(''))
    .digest('hex');
}

/**
 * The answer to WeChat's question whether this address is the account's (GET with `echostr`), or
 * undefined when the signature is not WeChat's.
 */
export function answerCheck(target: string, trust: Trust): string | undefined {
  const query = queryOf(target);
  const echo = query.get('echostr') ?? '';
  const { timestamp, nonce } = freshOf(query, trust);
  if (timestamp === undefined || !/^[0-9A-Za-z_-]{1,64}$/.test(echo)) return undefined;
  const expected = signEvent([trust.token, timestamp, nonce]);
  return sameText(query.get('signature') ?? '', expected) ? echo : undefined;
}

/**
 * The delivery reports in an event that WeChat pushed: none for an event of another kind, undefined
 * when it is not WeChat's. Only encrypted events are read, as only their signature covers the body.
 */
export function readEvent(
  raw: { readonly target: string; readonly body: Uint8Array },
  trust: Trust,
): readonly DeliveryReport[] | undefined {
  const query = queryOf(raw.target);
  const { timestamp, nonce } = freshOf(query, trust);
  if (timestamp === undefined || query.get('encrypt_type') !== 'aes') return undefined;
  if (raw.body.length > EVENT_LIMIT_BYTES) return undefined;
  const encrypted = parseEventXml(Buffer.from(raw.body).toString('utf8'))?.['Encrypt'];
  if (encrypted === undefined) return undefined;
  const expected = signEvent([trust.token, timestamp, nonce, encrypted]);
  if (!sameText(query.get('msg_signature') ?? '', expected)) return undefined;
  const text = decryptEvent(encrypted, trust);
  const fields = text === undefined ? undefined : parseEventXml(text);
  return fields === undefined ? undefined : reportsIn(fields);
}

function reportsIn(
  fields: Readonly<Record<string, string | undefined>>,
): readonly DeliveryReport[] {
  if (fields['MsgType'] !== 'event' || fields['Event'] !== 'TEMPLATESENDJOBFINISH') return [];
  const providerReference = fields['MsgID'] ?? '';
  if (!/^\d{1,20}$/.test(providerReference)) return [];
  return [{ providerReference, outcome: outcomeOf(fields) }];
}

function outcomeOf(fields: Readonly<Record<string, string | undefined>>): DeliveryOutcome {
  const status = fields['Status'] ?? '';
  const created = fields['CreateTime'] ?? '';
  const seconds = /^\d{1,10}$/.test(created) ? Number(created) : undefined;
  if (seconds === undefined) return { kind: 'unknown', detail: 'an event without a time' };
  const at = Temporal.Instant.fromEpochMilliseconds(seconds * 1000);
  switch (listed(STATUSES, status)) {
    case 'delivered':
      return { kind: 'delivered', at };
    case 'failed':
      return { kind: 'failed', code: status.replace(/^failed: ?/, '').replaceAll(' ', '_'), at };
    case undefined:
      return { kind: 'unknown', detail: 'unlisted Status' };
  }
}

function queryOf(target: string): URLSearchParams {
  const mark = target.indexOf('?');
  return new URLSearchParams(mark < 0 ? '' : target.slice(mark + 1));
}

/** The signed time and nonce; no time when it is none or too far from now. */
function freshOf(
  query: URLSearchParams,
  trust: Trust,
): { readonly timestamp: string | undefined; readonly nonce: string } {
  const nonce = query.get('nonce') ?? '';
  const timestamp = query.get('timestamp') ?? '';
  if (!/^\d{10}$/.test(timestamp)) return { timestamp: undefined, nonce };
  const apart = Math.floor(trust.now().epochMilliseconds / 1000) - Number(timestamp);
  return { timestamp: Math.abs(apart) <= WINDOW_SECONDS ? timestamp : undefined, nonce };
}

/** Random bytes before the text, and bytes of its length, big-endian. */
const RANDOM_BYTES = 16;
const LENGTH_BYTES = 4;
/** The padding fills blocks of 32 bytes, twice those of AES. */
const PADDING_MOST = 32;

/**
 * 消息解密: AES-256-CBC under the base64 of the account's key, its first half the first block;
 * inside 16 random bytes, the length, the text and the account's own number. Undefined when it is
 * anything else.
 */
export function decryptEvent(encrypted: string, trust: Trust): string | undefined {
  const key = Buffer.from(`${trust.encodingAesKey}=`, 'base64');
  let padded: Buffer;
  try {
    const decipher = createDecipheriv('aes-256-cbc', key, key.subarray(0, 16));
    decipher.setAutoPadding(false);
    padded = Buffer.concat([decipher.update(Buffer.from(encrypted, 'base64')), decipher.final()]);
  } catch {
    return undefined;
  }
  const padding = padded.at(-1) ?? 0;
  if (padding < 1 || padding > PADDING_MOST || padding > padded.length) return undefined;
  const inner = padded.subarray(0, padded.length - padding);
  const start = RANDOM_BYTES + LENGTH_BYTES;
  if (inner.length < start) return undefined;
  const end = start + inner.readUInt32BE(RANDOM_BYTES);
  if (end > inner.length) return undefined;
  const isOurs = inner.subarray(end).toString('utf8') === trust.appId;
  return isOurs ? inner.subarray(start, end).toString('utf8') : undefined;
}
