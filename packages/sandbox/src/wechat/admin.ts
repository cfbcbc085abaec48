import { type Exchange, jsonReply, type Reply } from '../http.ts';
import type { World } from '../world.ts';
import { terminate } from './contracts.ts';
import { listPayouts } from './fund-flow.ts';
import { type KeyForm, rotateKey, shownKeys } from './keys.ts';
import { expiredClient, securePapers } from './mutual-tls.ts';
import { describeV3, notifyV3 } from './notifications-v3.ts';
import type { TerminationMode, WechatBooks } from './records.ts';

/** What the admin endpoints of this rail act on. */
interface WechatAdmin {
  readonly world: World;
  readonly books: WechatBooks;
}

const MODES: ReadonlySet<string> = new Set(['1', '2', '3', '4', '5', '7']);

function refused(status: number, sentence: string): Reply {
  return jsonReply(status, { error: sentence });
}

function readJson(exchange: Exchange): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(exchange.body.toString('utf8'));
    return typeof value === 'object' && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}

/** What a merchant has besides the plain credentials: certificates, and every platform key. */
export function describePapers(world: World): Readonly<Record<string, unknown>> {
  const { authority, client } = securePapers(world);
  return { platformKeys: shownKeys(world), secureAuthority: authority, clientCertificate: client };
}

/** `POST /admin/wechat/keys`: WeChat Pay makes a new key and signs with it from now on. */
export async function rotate(admin: WechatAdmin, exchange: Exchange): Promise<Reply> {
  const { form, expired } = readJson(exchange);
  if (form !== 'certificate' && form !== 'public_key') {
    return refused(400, 'form must be certificate or public_key.');
  }
  const kind: KeyForm = form;
  const made = await rotateKey(admin.world, { form: kind, expired: expired === true });
  return jsonReply(201, made);
}

/** `GET /admin/wechat/expired-client`: a client certificate whose time is over. */
export function showExpiredClient({ world }: WechatAdmin): Reply {
  return jsonReply(200, expiredClient(world));
}

/** Ends a contract without the merchant: by the user, or by whom `mode` says. */
export function endContract(admin: WechatAdmin, body: Readonly<Record<string, unknown>>): Reply {
  const { world, books } = admin;
  const contract = books.contracts.get(String(body['contractId']));
  if (contract?.state !== 'active') return refused(404, 'There is no active contract of that id.');
  const mode = String(body['mode'] ?? '2');
  if (!MODES.has(mode)) return refused(400, 'mode must be 1, 2, 3, 4, 5 or 7.');
  terminate(world, books, { contract, mode: mode as TerminationMode, remark: '用户在微信中解约' });
  return jsonReply(200, { contractId: contract.contractId, state: 'terminated' });
}

/** `POST /admin/wechat/event`: sends a V3 event about a contract, whatever its type. */
export function sendEvent({ world, books }: WechatAdmin, exchange: Exchange): Reply {
  const { contractId, type, url } = readJson(exchange);
  const contract = books.contracts.get(String(contractId));
  if (contract === undefined) return refused(404, 'There is no contract of that id.');
  if (typeof type !== 'string' || typeof url !== 'string') {
    return refused(400, 'An event has a type and a url.');
  }
  notifyV3(world, contract, { type, url, content: describeV3(world, contract) });
  return jsonReply(202, { contractId: contract.contractId, type });
}

/** What this rail sent to the merchant's bank, for `GET /admin/books/payouts`. */
export function payoutsOf({ world, books }: WechatAdmin): readonly object[] {
  return listPayouts(world, books);
}
