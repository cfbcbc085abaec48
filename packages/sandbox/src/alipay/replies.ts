import { type Reply, textReply } from '../http.ts';
import type { World } from '../world.ts';
import { signingKey } from './keys.ts';
import { signRsa2 } from './signature.ts';

/** The content of a reply, before it is wrapped and signed. */
export type Content = Readonly<Record<string, unknown>>;

/** Code 10000: done. */
export function success(fields: Content = {}): Content {
  return { code: '10000', msg: 'Success', ...fields };
}

/** Code 10003: the order exists, its payment is under way. */
export function processing(fields: Content): Content {
  return { code: '10003', msg: 'order success pay inprocess', ...fields };
}

/** Code 40004: the business refused, see `sub_code`. */
export function failure(subCode: string, subMsg: string, fields: Content = {}): Content {
  return { code: '40004', msg: 'Business Failed', sub_code: subCode, sub_msg: subMsg, ...fields };
}

/** Code 40002: a parameter is wrong. */
export function invalidArguments(subCode: string, subMsg: string): Content {
  return { code: '40002', msg: 'Invalid Arguments', sub_code: subCode, sub_msg: subMsg };
}

/** Code 40005: too many calls; nothing was carried out. */
export function tooManyCalls(): Content {
  const words = 'API调用次数超限，包含调用频率超限';
  return { code: '40005', msg: 'Call Limited', sub_code: 'isv.app-call-limited', sub_msg: words };
}

/** Wraps a content under the key of its method and signs exactly the JSON text that is sent. */
export function signedReply(world: World, method: string, content: Content): Reply {
  return wrap(world, `${method.replaceAll('.', '_')}_response`, content);
}

/** A failure of the gateway itself, before any method is looked at. */
export function gatewayFailure(world: World, content: Content): Reply {
  return wrap(world, 'error_response', content);
}

function wrap(world: World, key: string, content: Content): Reply {
  const inner = JSON.stringify(content);
  const signature = signRsa2(inner, signingKey(world));
  return textReply(200, `{"${key}":${inner},"sign":"${signature}"}`, 'application/json');
}

/** Spoils the signature of a reply. */
export function forgeReply(reply: Reply): Reply {
  const body = String(reply.body).replace(
    /"sign":"([^"]*)"\}$/,
    (_, sign: string) => `"sign":"${[...sign].reverse().join('')}"}`,
  );
  return { ...reply, body };
}
