import { randomBytes } from 'node:crypto';
import { digitsFrom, drawBasisPoints } from '../chance.ts';
import { answerThroughFaults, BUSINESS_FAULTS, LOSS_FAULTS } from '../faults.ts';
import { readJsonObject } from '../group-messages.ts';
import { type Exchange, jsonReply, type Reply } from '../http.ts';
import type { World } from '../world.ts';
import { planEvent } from './events.ts';
import type { Follower, OfficialAccountBooks, TemplateMessage } from './records.ts';

const TOKEN_SECONDS = 7_200;
/** A repeat under one client_msg_id is not sent again for ten minutes. */
const REPEAT_MS = 600_000;

export interface OfficialAccountService {
  readonly world: World;
  readonly books: OfficialAccountBooks;
}

/** Answers one request to `api.weixin.qq.com`. Errors are HTTP 200 with an `errcode`, as there. */
export function answerOfficialAccount(
  service: OfficialAccountService,
  exchange: Exchange,
): Promise<Reply> {
  const operation = exchange.path.replace(/^\/cgi-bin\//, '');
  const openId = readJsonObject(exchange.body)?.['touser'];
  const occasion = {
    rail: 'official_account',
    operations: [operation],
    orderNumber: typeof openId === 'string' ? openId : '',
  } as const;
  return answerThroughFaults(service.world.faults, occasion, {
    act: () => {
      if (exchange.path === '/cgi-bin/stable_token') return giveToken(service, exchange);
      if (exchange.path === '/cgi-bin/message/template/send')
        return sendTemplate(service, exchange);
      return problem(404, 'not found');
    },
    forge: (reply) => reply,
  });
}

function problem(code: number, words: string): Reply {
  const rid = `${Date.now().toString(16).slice(-8)}-${randomBytes(4).toString('hex')}`;
  return jsonReply(200, { errcode: code, errmsg: `${words} rid: ${rid}` });
}

/** `POST /cgi-bin/stable_token`: the same token until it ends, a new one when forced. */
function giveToken({ world, books }: OfficialAccountService, exchange: Exchange): Reply {
  const { appId, appSecret } = world.credentials.channels.officialAccount;
  const body = readJsonObject(exchange.body) ?? {};
  if (body['grant_type'] !== 'client_credential') return problem(40002, 'invalid grant_type');
  if (body['appid'] !== appId) return problem(40013, 'invalid appid');
  if (body['secret'] !== appSecret) return problem(40125, 'invalid appsecret');
  const now = Date.now();
  const known = books.tokens.get('token');
  const isGood = known !== undefined && now < known.endsAtMs && body['force_refresh'] !== true;
  const token = isGood
    ? known
    : {
        text: `SBX_${randomBytes(48).toString('base64url')}`,
        endsAtMs: now + TOKEN_SECONDS * 1000,
      };
  books.tokens.put('token', token);
  const left = Math.floor((token.endsAtMs - now) / 1000);
  return jsonReply(200, { access_token: token.text, expires_in: left });
}

/** `POST /cgi-bin/message/template/send`. */
function sendTemplate(service: OfficialAccountService, exchange: Exchange): Reply {
  const { world, books } = service;
  const token = books.tokens.get('token');
  if (token?.text !== (exchange.query.get('access_token') ?? '')) {
    return problem(40001, 'invalid credential, access_token is invalid or not latest');
  }
  if (Date.now() >= token.endsAtMs) return problem(42001, 'access_token expired');
  const body = readJsonObject(exchange.body);
  if (body === undefined) return problem(47001, 'data format error');
  const openId = String(body['touser'] ?? '');
  const refusal = findRefusal(service, openId, body);
  if (refusal !== undefined) return refusal;
  const clientMsgId = String(body['client_msg_id'] ?? '');
  const known = [...books.messages.values()].find(
    (one) =>
      one.openId === openId &&
      clientMsgId !== '' &&
      one.clientMsgId === clientMsgId &&
      Date.now() - one.acceptedAtMs < REPEAT_MS,
  );
  return taken(known ?? accept(world, books, { openId, clientMsgId, body }));
}

/** Written by hand: `JSON.stringify` would round a number of 19 digits. */
function taken(message: TemplateMessage): Reply {
  const reply = jsonReply(200, {});
  return { ...reply, body: `{"errcode":0,"errmsg":"ok","msgid":${message.msgId}}` };
}

function findRefusal(
  { world, books }: OfficialAccountService,
  openId: string,
  body: Readonly<Record<string, unknown>>,
): Reply | undefined {
  const { templateIds } = world.credentials.channels.officialAccount;
  if (!/^o[\w-]{5,40}$/.test(openId)) return problem(40003, 'invalid openid');
  if (!templateIds.includes(String(body['template_id']))) {
    return problem(40037, 'invalid template_id');
  }
  if (fieldsOf(body) === undefined) return problem(47003, 'argument invalid!');
  if (books.followers.get(openId)?.follows === false) return problem(43004, 'require subscribe');
  const at = {
    rail: 'official_account',
    operations: ['message/template/send'],
    orderNumber: openId,
  } as const;
  const fault = world.faults.take(at, BUSINESS_FAULTS);
  return fault && problem(Number(fault.code ?? '45009'), 'reach max api daily quota limit');
}

/** The texts of `data: {name: {value}}`; undefined when one is empty or no text. */
function fieldsOf(body: Readonly<Record<string, unknown>>): readonly string[] | undefined {
  const { data } = body;
  if (typeof data !== 'object' || data === null) return undefined;
  const texts = Object.values(data).map((field: unknown) => {
    const value: unknown =
      typeof field === 'object' && field !== null ? Reflect.get(field, 'value') : undefined;
    return typeof value === 'string' ? value : '';
  });
  return texts.length === 0 || texts.includes('') ? undefined : texts;
}

function accept(
  world: World,
  books: OfficialAccountBooks,
  call: {
    readonly openId: string;
    readonly clientMsgId: string;
    readonly body: Readonly<Record<string, unknown>>;
  },
): TemplateMessage {
  const { openId, clientMsgId, body } = call;
  const { seed, officialAccount } = world.settings.current;
  const id = String(books.messages.size + 1);
  const at = { rail: 'official_account', operations: ['deliver'], orderNumber: openId } as const;
  const lost = world.faults.take(at, LOSS_FAULTS) !== undefined;
  const blocks = books.followers.get(openId)?.blocks === true;
  const message: TemplateMessage = {
    id,
    msgId: `3${digitsFrom(18, world.credentials.channels.officialAccount.appId, 'msg', id)}`,
    openId,
    templateId: String(body['template_id']),
    clientMsgId,
    link: String(body['url'] ?? ''),
    text: (fieldsOf(body) ?? []).join('，'),
    sentAt: world.clock.now(),
    acceptedAtMs: Date.now(),
    eventAtMs: Date.now() + officialAccount.reportDelayMs,
    fails: blocks || drawBasisPoints(seed, openId) < officialAccount.failBp,
    status: lost ? 'lost' : 'waiting',
  };
  books.messages.put(id, message);
  if (!lost) planEvent(world, books, message);
  return message;
}

/** `PUT /admin/official-account/follower {openId, follows, blocks}`; a sentence when wrong. */
export function changeFollower(books: OfficialAccountBooks, given: unknown): string | undefined {
  const { openId, follows = true, blocks = false } = (given ?? {}) as Partial<Follower>;
  if (typeof openId !== 'string' || openId === '') return 'openId is a text.';
  books.followers.put(openId, { openId, follows: follows === true, blocks: blocks === true });
  return undefined;
}

/** `POST /admin/official-account/token`: somebody forced a new token, or the old one has ended. */
export function endToken(books: OfficialAccountBooks, given: unknown): void {
  const known = books.tokens.get('token');
  const expires = ((given ?? {}) as { readonly expires?: unknown }).expires === true;
  if (known === undefined) return;
  if (expires) books.tokens.put('token', { ...known, endsAtMs: 0 });
  else
    books.tokens.put('token', { ...known, text: `SBX_${randomBytes(48).toString('base64url')}` });
}
