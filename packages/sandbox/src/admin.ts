import { endAgreement } from './alipay/agreements.ts';
import { formatOffset } from './beijing.ts';
import { type Exchange, jsonReply, type Reply } from './http.ts';
import { type AllBooks, summarise } from './summary.ts';
import { terminate } from './wechat/contracts.ts';
import { TEMPLATES } from './wechat/records.ts';
import type { World } from './world.ts';

/** Longest time that `/admin/idle` waits, in milliseconds. */
const IDLE_LIMIT_MS = 30_000;
const IDLE_STEP_MS = 5;

/** What the admin endpoints act on. */
export interface AdminService {
  readonly world: World;
  readonly books: AllBooks;
}

type Handler = (service: AdminService, exchange: Exchange) => Reply | Promise<Reply>;

const HANDLERS: Readonly<Record<string, Handler>> = {
  'GET /admin/credentials': ({ world }) => jsonReply(200, describeCredentials(world)),
  'GET /admin/clock': ({ world }) => jsonReply(200, describeClock(world)),
  'PUT /admin/clock': setClock,
  'GET /admin/outcomes': ({ world }) => jsonReply(200, world.outcomes.plans ?? {}),
  'PUT /admin/outcomes': ({ world }, exchange) =>
    told(world.outcomes.set(readJson(exchange)), () => world.outcomes.plans),
  'GET /admin/faults': ({ world }) => jsonReply(200, { faults: world.faults.list() }),
  'POST /admin/faults': addFault,
  'DELETE /admin/faults': ({ world }) => {
    world.faults.clear();
    return jsonReply(200, { faults: [] });
  },
  'GET /admin/configure': ({ world }) => jsonReply(200, world.settings.current),
  'PUT /admin/configure': ({ world }, exchange) =>
    told(world.settings.change(readJson(exchange)), () => world.settings.current),
  'GET /admin/books': ({ world }) => {
    const { credentials: _, ...tables } = world.books.snapshot();
    return jsonReply(200, tables);
  },
  'GET /admin/books/summary': ({ books }) => jsonReply(200, summarise(books)),
  'GET /admin/messages': listMessages,
  'POST /admin/wallet/terminate': terminateInWallet,
  'POST /admin/idle': waitForIdle,
};

/** Answers one admin request. Errors are `{"error": sentence}`. */
export function answerAdmin(service: AdminService, exchange: Exchange): Reply | Promise<Reply> {
  // A web page may reach the loopback address under a name of its own; only direct callers are
  // served.
  if (!/^(127\.0\.0\.1|localhost)(:\d+)?$/.test(exchange.headers['host'] ?? '')) {
    return refused(403, 'The admin endpoints are for http://127.0.0.1 only.');
  }
  const handler = HANDLERS[`${exchange.method} ${exchange.path}`];
  if (handler !== undefined) return handler(service, exchange);
  const paths = Object.keys(HANDLERS).join(', ');
  return refused(404, `${exchange.method} ${exchange.path} is not here. There are: ${paths}.`);
}

function refused(status: number, sentence: string): Reply {
  return jsonReply(status, { error: sentence });
}

function told(problem: string | undefined, result: () => unknown): Reply {
  return problem === undefined ? jsonReply(200, result() ?? {}) : refused(400, problem);
}

/** Returns the body, or undefined when it is not JSON; the receivers then say what they need. */
function readJson(exchange: Exchange): unknown {
  try {
    return JSON.parse(exchange.body.toString('utf8'));
  } catch {
    return undefined;
  }
}

function describeCredentials(world: World): unknown {
  const { wechat, alipay, sms, smtp } = world.credentials;
  const { merchant: wechatMerchant, platform: wechatPlatform, ...wechatNames } = wechat;
  const { merchant: alipayMerchant, platform: alipayPlatform, ...alipayNames } = alipay;
  return {
    wechat: {
      ...wechatNames,
      merchantPrivateKey: wechatMerchant.privateKey,
      platformPublicKey: wechatPlatform.publicKey,
      templates: TEMPLATES,
    },
    alipay: {
      ...alipayNames,
      merchantPrivateKey: alipayMerchant.privateKey,
      alipayPublicKey: alipayPlatform.publicKey,
    },
    sms,
    smtp,
  };
}

function describeClock(world: World): { readonly now: string; readonly virtual: boolean } {
  return { now: formatOffset(world.clock.now()), virtual: world.clock.isVirtual };
}

function setClock(service: AdminService, exchange: Exchange): Reply {
  const { world } = service;
  const body = readJson(exchange) as { now?: unknown } | null | undefined;
  const now = body?.now;
  if (now === null) {
    world.clock.release();
    return jsonReply(200, describeClock(world));
  }
  const nowMs = typeof now === 'string' ? Date.parse(now) : Number.NaN;
  if (typeof now !== 'string' || !/(Z|[+-]\d{2}:\d{2})$/.test(now) || Number.isNaN(nowMs)) {
    return refused(400, 'now must be null or an instant such as 2026-12-01T07:30:00+08:00.');
  }
  const move = world.clock.set(nowMs);
  return move.ok ? jsonReply(200, describeClock(world)) : refused(409, move.reason);
}

function addFault(service: AdminService, exchange: Exchange): Reply {
  const added = service.world.faults.add(readJson(exchange));
  return typeof added === 'string' ? refused(400, added) : jsonReply(201, added);
}

function listMessages(service: AdminService, exchange: Exchange): Reply {
  const { sms, smtp } = service.books;
  const to = exchange.query.get('to');
  const mails = [...smtp.mails.values()].map(({ rawHeaders: _, id: __, recipient, ...mail }) => ({
    channel: 'mail',
    to: recipient,
    ...mail,
    at: formatOffset(mail.acceptedAt),
  }));
  const texts = [...sms.messages.values()].map(({ phone, ...message }) => ({
    channel: 'sms',
    to: phone,
    ...message,
    at: formatOffset(message.sentAt),
  }));
  const messages = [...mails, ...texts].filter((message) => to === null || message.to === to);
  return jsonReply(200, { messages });
}

/** The user ends the contract in the wallet, without the merchant. */
function terminateInWallet(service: AdminService, exchange: Exchange): Reply {
  const { world, books } = service;
  const body = (readJson(exchange) ?? {}) as Readonly<Record<string, unknown>>;
  if (body['rail'] === 'wechat') {
    const contract = books.wechat.contracts.get(String(body['contractId']));
    if (contract?.state !== 'active')
      return refused(404, 'There is no active contract of that id.');
    terminate(world, books.wechat, { contract, mode: '2', remark: '用户在微信中解约' });
    return jsonReply(200, { contractId: contract.contractId, state: 'terminated' });
  }
  if (body['rail'] === 'alipay') {
    const agreement = books.alipay.agreements.get(String(body['agreementNo']));
    if (agreement?.status !== 'NORMAL') {
      return refused(404, 'There is no active agreement of that number.');
    }
    const url = world.settings.current.alipay.appGatewayUrl;
    endAgreement(world, books.alipay, { agreement, url });
    return jsonReply(200, { agreementNo: agreement.agreementNo, state: 'terminated' });
  }
  return refused(400, 'rail must be wechat (with contractId) or alipay (with agreementNo).');
}

/** Waits until nothing is in the air: no processing, no report, no first delivery. */
async function waitForIdle(service: AdminService): Promise<Reply> {
  const { world } = service;
  const deadline = Date.now() + IDLE_LIMIT_MS;
  let quietLooks = 0;
  let load = lookAround(world);
  // Two quiet looks in a row: an answer that just arrived may have caused new work.
  while (quietLooks < 2 && Date.now() < deadline) {
    await new Promise((resolve) => setTimeout(resolve, IDLE_STEP_MS));
    load = lookAround(world);
    quietLooks = load.pending === 0 ? quietLooks + 1 : 0;
  }
  return jsonReply(200, load);
}

function lookAround(world: World): { readonly pending: number; readonly retrying: number } {
  const { pending, retrying } = world.callbacks.load;
  return { pending: pending + world.later.waiting, retrying };
}
