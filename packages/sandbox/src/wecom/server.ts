import { answerThroughFaults, BUSINESS_FAULTS, LOSS_FAULTS } from '../faults.ts';
import { Groups, readJsonObject, textIn } from '../group-messages.ts';
import { type Exchange, jsonReply, type Reply } from '../http.ts';
import type { World } from '../world.ts';

/** The minute must pass; no longer silence is documented. */
const PENALTY_MS = 60_000;
/** Longest contents in bytes of UTF-8 (rails.md §5.3). */
const LIMIT_BYTES = { text: 2_048, markdown: 4_096 } as const;

/** The groups of this sandbox's WeCom. */
export function openWecomBooks(world: World): Groups {
  return new Groups(world, 'wecom_messages', PENALTY_MS);
}

/** Answers one request to `qyapi.weixin.qq.com`. Errors are HTTP 200 with an `errcode`. */
export function answerWecom(world: World, groups: Groups, exchange: Exchange): Promise<Reply> {
  const robot = exchange.query.get('key') ?? '';
  const occasion = { rail: 'wecom', operations: ['send'], orderNumber: robot } as const;
  return answerThroughFaults(world.faults, occasion, {
    act: () => {
      const [code, words] = send(world, groups, exchange);
      return jsonReply(200, { errcode: code, errmsg: words });
    },
    forge: (reply) => reply,
  });
}

type Answer = readonly [code: number, words: string];

function send(world: World, groups: Groups, exchange: Exchange): Answer {
  if (exchange.method !== 'POST' || exchange.path !== '/cgi-bin/webhook/send') {
    return [404, 'not found'];
  }
  const { key } = world.credentials.channels.wecom;
  const robot = exchange.query.get('key') ?? '';
  if (!robot.startsWith(key) || !/^(-\d+)?$/.test(robot.slice(key.length))) {
    return [93000, 'invalid webhook url'];
  }
  const body = readJsonObject(exchange.body);
  const type = body?.['msgtype'];
  if (body === undefined || (type !== 'markdown' && type !== 'text')) {
    return [40008, 'invalid message type'];
  }
  const text = textIn(body, type, 'content');
  if (text === '') return [44004, 'empty content'];
  if (Buffer.byteLength(text) > LIMIT_BYTES[type]) return [45002, 'content size out of limit'];
  const at = { rail: 'wecom', operations: ['send'], orderNumber: robot } as const;
  const refusal = world.faults.take(at, BUSINESS_FAULTS);
  if (refusal !== undefined) return [Number(refusal.code ?? '40058'), 'invalid request'];
  if (groups.isTooFast(robot, world.settings.current.wecom.messagesPerMinute)) {
    return [45009, 'api freq out of limit'];
  }
  const lost = world.faults.take(at, LOSS_FAULTS) !== undefined;
  groups.add(world, { robot, type, title: '', text }, lost ? 'lost' : 'delivered');
  return [0, 'ok'];
}
