import { randomBytes } from 'node:crypto';
import type { World } from '../world.ts';
import { encryptMessage, signSorted } from './crypt.ts';
import type { OfficialAccountBooks, TemplateMessage } from './records.ts';

/** An event comes three times within fifteen seconds when nobody answers. */
const RETRY_SECONDS = [5, 5];

/** What an event says about a message; a test may have it say anything. */
export interface EventWords {
  readonly msgId: string;
  readonly openId: string;
  readonly status: string;
  /** The signature is somebody else's. */
  readonly forged?: boolean;
  /** Seconds by which the signed time lies in the past. */
  readonly ageSeconds?: number;
}

/** Plans the moment in which the message arrives, or does not, and its event. */
export function planEvent(world: World, books: OfficialAccountBooks, sent: TemplateMessage): void {
  world.later.after(Math.max(0, sent.eventAtMs - Date.now()), () => {
    books.messages.put(sent.id, { ...sent, status: sent.fails ? 'failed' : 'delivered' });
    const status = sent.fails ? 'failed:user block' : 'success';
    enterEvent(world, { msgId: sent.msgId, openId: sent.openId, status });
  });
}

/** Enters the event TEMPLATESENDJOBFINISH, encrypted as in 安全模式. */
export function enterEvent(world: World, words: EventWords): void {
  const { eventUrl } = world.settings.current.officialAccount;
  if (eventUrl === '') return;
  const account = world.credentials.channels.officialAccount;
  const seconds = String(Math.floor(Date.now() / 1000) - (words.ageSeconds ?? 0));
  const text = xmlOf({
    ToUserName: account.originalId,
    FromUserName: words.openId,
    CreateTime: seconds,
    MsgType: 'event',
    Event: 'TEMPLATESENDJOBFINISH',
    MsgID: words.msgId,
    Status: words.status,
  });
  const encrypted = encryptMessage(text, account);
  const token = words.forged === true ? 'of-somebody-else' : account.token;
  const nonce = randomBytes(5).readUIntBE(0, 5).toString();
  const url = new URL(eventUrl);
  url.searchParams.set('signature', signSorted(token, seconds, nonce));
  url.searchParams.set('timestamp', seconds);
  url.searchParams.set('nonce', nonce);
  url.searchParams.set('openid', words.openId);
  url.searchParams.set('encrypt_type', 'aes');
  url.searchParams.set('msg_signature', signSorted(token, seconds, nonce, encrypted));
  const body = xmlOf({ ToUserName: account.originalId, Encrypt: encrypted });
  world.callbacks.enter({
    occasion: {
      rail: 'official_account',
      operations: ['callback', 'TEMPLATESENDJOBFINISH'],
      orderNumber: words.msgId,
    },
    kind: 'template_event',
    subject: words.msgId,
    url: url.href,
    contentType: 'text/xml',
    bodyOf: () => body,
    swappable: new Set(),
    retrySeconds: RETRY_SECONDS,
    timeScale: 1,
    acknowledgement: 'plain_success',
  });
}

function xmlOf(fields: Readonly<Record<string, string>>): string {
  const inner = Object.entries(fields).map(([name, value]) =>
    name === 'CreateTime' || name === 'MsgID'
      ? `<${name}>${value}</${name}>`
      : `<${name}><![CDATA[${value}]]></${name}>`,
  );
  return `<xml>${inner.join('')}</xml>`;
}

/** `POST /admin/official-account/event`: any event; a sentence when something is missing. */
export function sendAnyEvent(world: World, given: unknown): string | undefined {
  const { msgId, openId, status, forged, ageSeconds } = (given ?? {}) as Partial<EventWords>;
  if (typeof msgId !== 'string' || typeof status !== 'string') {
    return 'msgId and status are texts.';
  }
  enterEvent(world, {
    msgId,
    status,
    openId: typeof openId === 'string' ? openId : 'o-somebody',
    forged: forged === true,
    ageSeconds: typeof ageSeconds === 'number' ? ageSeconds : 0,
  });
  return undefined;
}
