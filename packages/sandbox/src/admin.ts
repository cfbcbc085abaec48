import { payoutsOf as alipayPayouts } from './alipay/account.ts';
import { endAgreement, pauseAgreement } from './alipay/agreements.ts';
import { publicKeys, rotateKey } from './alipay/keys.ts';
import { formatOffset } from './beijing.ts';
import { type FaultRail, isKnownFault } from './faults.ts';
import { type Exchange, jsonReply, type Reply } from './http.ts';
import { sendAnyEvent } from './official-account/events.ts';
import { changeFollower, endToken } from './official-account/server.ts';
import type { Bank } from './sepa/bank.ts';
import { CREDITOR, vaultKeyOf } from './sepa/records.ts';
import { type AllBooks, summarise } from './summary.ts';
import { signMessage } from './unionpay/messages.ts';
import { setReceiverSecrets } from './webhook-target/server.ts';
import {
  describePapers,
  endContract,
  rotate,
  sendEvent,
  showExpiredClient,
  payoutsOf as wechatPayouts,
} from './wechat/admin.ts';
import { TEMPLATES } from './wechat/records.ts';
import type { World } from './world.ts';

/** Longest time that `/admin/idle` waits, in milliseconds. */
const IDLE_LIMIT_MS = 30_000;
const IDLE_STEP_MS = 5;

/** What the admin endpoints act on. */
export interface AdminService {
  readonly world: World;
  readonly books: AllBooks;
  readonly bank: Bank;
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
  'GET /admin/chaos': ({ world }) => jsonReply(200, world.faults.chaos.plan ?? {}),
  'PUT /admin/chaos': ({ world }, exchange) => {
    const isKnown = (rail: string, fault: string) => isKnownFault(rail as FaultRail, fault);
    const { chaos } = world.faults;
    return told(chaos.set(readJson(exchange), isKnown), () => chaos.plan);
  },
  'GET /admin/outages': ({ world }) => jsonReply(200, { outages: world.faults.chaos.outages }),
  'PUT /admin/outages': ({ world }, exchange) => {
    const { chaos } = world.faults;
    return told(chaos.setOutages(readJson(exchange)), () => ({ outages: chaos.outages }));
  },
  'GET /admin/configure': ({ world }) => jsonReply(200, world.settings.current),
  'PUT /admin/configure': ({ world }, exchange) =>
    told(world.settings.change(readJson(exchange)), () => world.settings.current),
  'GET /admin/books': ({ world }) => {
    const {
      credentials: _,
      alipay_keys: __,
      unionpay_keys: ___,
      wechat_platform_keys: ____,
      wechat_secure_papers: _____,
      channel_credentials: ______,
      ...tables
    } = world.books.snapshot();
    return jsonReply(200, tables);
  },
  'GET /admin/books/summary': ({ books }) => jsonReply(200, summarise(books)),
  'GET /admin/books/payouts': ({ world, books }) =>
    jsonReply(200, {
      payouts: [
        ...alipayPayouts(world, books.alipay),
        ...wechatPayouts({ world, books: books.wechat }),
      ],
    }),
  'POST /admin/wechat/keys': ({ world, books }, exchange) =>
    rotate({ world, books: books.wechat }, exchange),
  'GET /admin/wechat/expired-client': ({ world, books }) =>
    showExpiredClient({ world, books: books.wechat }),
  'POST /admin/wechat/event': ({ world, books }, exchange) =>
    sendEvent({ world, books: books.wechat }, exchange),
  'POST /admin/alipay/rotate-key': async ({ world }) =>
    jsonReply(200, { alipayPublicKeys: await rotateKey(world) }),
  'POST /admin/wallet/pause': pauseInWallet,
  'GET /admin/messages': listMessages,
  'POST /admin/wallet/terminate': terminateInWallet,
  'PUT /admin/card': changeCard,
  'POST /admin/unionpay/sign': signAsRail,
  'GET /admin/webhook-target': ({ books }, exchange) => {
    const receiver = exchange.query.get('receiver');
    const deliveries = [...books.webhookTarget.deliveries.values()].filter(
      (one) => receiver === null || one.receiver === receiver,
    );
    return jsonReply(200, { deliveries });
  },
  'PUT /admin/webhook-target/secrets': ({ books }, exchange) =>
    told(setReceiverSecrets(books.webhookTarget, readJson(exchange)), () => ({})),
  'PUT /admin/official-account/follower': ({ books }, exchange) =>
    told(changeFollower(books.officialAccount, readJson(exchange)), () => ({})),
  'POST /admin/official-account/token': ({ books }, exchange) => {
    endToken(books.officialAccount, readJson(exchange));
    return jsonReply(200, {});
  },
  'POST /admin/official-account/event': ({ world }, exchange) =>
    told(sendAnyEvent(world, readJson(exchange)), () => ({})),
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
  const { wechat, alipay, sms, smtp, unionpay, channels } = world.credentials;
  const { merchant: wechatMerchant, platform: wechatPlatform, ...wechatNames } = wechat;
  const { merchant: alipayMerchant, platform: _, ...alipayNames } = alipay;
  return {
    wechat: {
      ...wechatNames,
      merchantPrivateKey: wechatMerchant.privateKey,
      platformPublicKey: wechatPlatform.publicKey,
      templates: TEMPLATES,
      ...describePapers(world),
    },
    alipay: {
      ...alipayNames,
      merchantPrivateKey: alipayMerchant.privateKey,
      // The present key; the former ones follow in the list.
      alipayPublicKey: publicKeys(world)[0],
      alipayPublicKeys: publicKeys(world),
    },
    sepa: { creditor: CREDITOR, vaultKey: vaultKeyOf(world) },
    unionpay: {
      merId: unionpay.merId,
      trId: unionpay.trId,
      signingKey: unionpay.merchantKey,
      signingCertificate: unionpay.merchantCertificate,
      encryptionCertificate: unionpay.encryptionCertificate,
      rootCertificate: unionpay.rootCertificate,
      middleCertificate: unionpay.middleCertificate,
    },
    sms,
    smtp,
    ...channels,
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
  const all = [...mails, ...texts, ...listChannels(service)];
  return jsonReply(200, { messages: all.filter((message) => to === null || message.to === to) });
}

/** What arrived, or did not, by the channels without numbers: robots, the account, webhooks. */
function listChannels({ books }: AdminService): readonly { readonly to: string }[] {
  const groups = (['dingtalk', 'wecom'] as const).flatMap((channel) =>
    [...books[channel].messages.values()].map(({ robot, at, ...message }) => ({
      channel,
      to: robot,
      ...message,
      at: formatOffset(at),
    })),
  );
  const templates = [...books.officialAccount.messages.values()].map(
    ({ openId, sentAt, ...message }) => ({
      channel: 'official_account',
      to: openId,
      ...message,
      at: formatOffset(sentAt),
    }),
  );
  const hooks = [...books.webhookTarget.deliveries.values()].map(({ receiver, body, ...rest }) => ({
    channel: 'webhook',
    to: receiver,
    ...rest,
    text: body,
    status: rest.status < 300 ? 'delivered' : 'failed',
    at: formatOffset(rest.at),
  }));
  return [...groups, ...templates, ...hooks];
}

/** The user ends the contract in the wallet, without the merchant. */
function terminateInWallet(service: AdminService, exchange: Exchange): Reply {
  const { world, books } = service;
  const body = (readJson(exchange) ?? {}) as Readonly<Record<string, unknown>>;
  if (body['rail'] === 'wechat') return endContract({ world, books: books.wechat }, body);
  if (body['rail'] === 'alipay') {
    const agreement = books.alipay.agreements.get(String(body['agreementNo']));
    if (agreement?.status !== 'NORMAL') {
      return refused(404, 'There is no active agreement of that number.');
    }
    const url = world.settings.current.alipay.appGatewayUrl;
    endAgreement(world, books.alipay, { agreement, url });
    return jsonReply(200, { agreementNo: agreement.agreementNo, state: 'terminated' });
  }
  if (body['rail'] === 'unionpay') {
    const token = books.unionpay.tokens.get(String(body['token']));
    if (token?.status !== 'open') return refused(404, 'There is no open token of that number.');
    // The issuer deletes it; no message to the merchant is documented, only a query finds it.
    books.unionpay.tokens.put(token.token, { ...token, status: 'deleted' });
    return jsonReply(200, { token: token.token, state: 'terminated' });
  }
  return refused(
    400,
    'rail must be wechat (contractId), alipay (agreementNo) or unionpay (token).',
  );
}

/** The rail pauses the contract: it stays signed, and nothing can be debited by it. */
function pauseInWallet(service: AdminService, exchange: Exchange): Reply {
  const body = (readJson(exchange) ?? {}) as Readonly<Record<string, unknown>>;
  const { alipay } = service.books;
  const agreement = alipay.agreements.get(String(body['agreementNo']));
  if (body['rail'] !== 'alipay' || agreement?.status !== 'NORMAL') {
    return refused(404, 'There is no active Alipay agreement of that number.');
  }
  pauseAgreement(alipay, agreement);
  return jsonReply(200, { agreementNo: agreement.agreementNo, state: 'paused' });
}

/** Sets the balance or the month's limit of the card behind a token, in 分. */
function changeCard(service: AdminService, exchange: Exchange): Reply {
  const { cards, tokens } = service.books.unionpay;
  const body = (readJson(exchange) ?? {}) as Readonly<Record<string, unknown>>;
  const card = cards.get(tokens.get(String(body['token']))?.cardKey ?? '');
  if (card === undefined) return refused(404, 'There is no card behind that token.');
  const { balance = card.balance, monthLimit = card.monthLimit } = body;
  if (!Number.isSafeInteger(balance) || !Number.isSafeInteger(monthLimit)) {
    return refused(400, 'balance and monthLimit are whole numbers of 分.');
  }
  const changed = { ...card, balance: Number(balance), monthLimit: Number(monthLimit) };
  cards.put(card.key, changed);
  return jsonReply(200, changed);
}

/** Signs the fields of the body as UnionPay would: whatever a test wants it to have said. */
function signAsRail(service: AdminService, exchange: Exchange): Reply {
  const given = (readJson(exchange) ?? {}) as Readonly<Record<string, unknown>>;
  const fields = Object.entries(given).map(([name, value]) => [name, String(value)] as const);
  const keys = service.world.credentials.unionpay;
  return jsonReply(200, signMessage(keys, Object.fromEntries(fields)));
}

/** Waits until nothing is in the air: no processing, no report, no first delivery. */
async function waitForIdle(service: AdminService): Promise<Reply> {
  const { world, bank } = service;
  bank.look();
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
