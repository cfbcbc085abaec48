import { createHmac } from 'node:crypto';
import { answerThroughFaults, BUSINESS_FAULTS, LOSS_FAULTS } from '../faults.ts';
import { Groups, readJsonObject, textIn } from '../group-messages.ts';
import { type Exchange, jsonReply, type Reply } from '../http.ts';
import type { World } from '../world.ts';

/** A robot that was too fast is silent for ten minutes (rails.md §5.1). */
const PENALTY_MS = 600_000;
/** A signed time is good for an hour. */
const VALID_MS = 3_600_000;

/** The groups of this sandbox's DingTalk. */
export function openDingtalkBooks(world: World): Groups {
  return new Groups(world, 'dingtalk_messages', PENALTY_MS);
}

/** Answers one request to `oapi.dingtalk.com`. Errors are HTTP 200 with an `errcode`, as there. */
export function answerDingtalk(world: World, groups: Groups, exchange: Exchange): Promise<Reply> {
  const robot = exchange.query.get('access_token') ?? '';
  const occasion = { rail: 'dingtalk', operations: ['send'], orderNumber: robot } as const;
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
  if (exchange.method !== 'POST' || exchange.path !== '/robot/send')
    return [404, '请求的URI地址不存在'];
  if (!(exchange.headers['content-type'] ?? '').startsWith('application/json')) {
    return [43004, '无效的HTTP HEADER Content-Type'];
  }
  const robot = exchange.query.get('access_token') ?? '';
  const problem = findProblem(world, exchange, robot);
  if (problem !== undefined) return problem;
  const body = readJsonObject(exchange.body);
  if (body === undefined) return [40035, '缺少参数 json'];
  const type = typeof body['msgtype'] === 'string' ? body['msgtype'] : '';
  if (type !== 'markdown' && type !== 'text') return [400105, '不支持的消息类型'];
  const text = type === 'text' ? textIn(body, 'text', 'content') : textIn(body, 'markdown', 'text');
  const title = textIn(body, 'markdown', 'title');
  if (text === '' || (type === 'markdown' && title === '')) return [40035, '缺少参数 json'];
  const at = { rail: 'dingtalk', operations: ['send'], orderNumber: robot } as const;
  const refusal = world.faults.take(at, BUSINESS_FAULTS);
  if (refusal !== undefined) return [Number(refusal.code ?? '430102'), '消息未发送'];
  if (groups.isTooFast(robot, world.settings.current.dingtalk.messagesPerMinute)) {
    return [130101, 'send too fast, exceed 20 times per minute'];
  }
  const lost = world.faults.take(at, LOSS_FAULTS) !== undefined;
  groups.add(world, { robot, type, title, text }, lost ? 'lost' : 'delivered');
  return [0, 'ok'];
}

function findProblem(world: World, exchange: Exchange, robot: string): Answer | undefined {
  const { accessToken, secret } = world.credentials.channels.dingtalk;
  if (!robot.startsWith(accessToken) || !/^\d*$/.test(robot.slice(accessToken.length))) {
    return [300005, 'token is not exist'];
  }
  const timestamp = exchange.query.get('timestamp') ?? '';
  if (!(Math.abs(Date.now() - Number(timestamp || 'none')) <= VALID_MS)) {
    return [310000, 'invalid timestamp'];
  }
  const expected = createHmac('sha256', secret).update(`${timestamp}\n${secret}`).digest('base64');
  return exchange.query.get('sign') === expected ? undefined : [310000, 'sign not match'];
}
