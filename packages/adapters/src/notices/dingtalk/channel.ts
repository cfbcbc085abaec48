import { createHmac } from 'node:crypto';
import type { NoticeChannel, NoticeMessage } from '@daikou/core';
import { cutToBytes, toGroupMarkdown } from '../robots/markdown.ts';
import { makeRobotChannel, type RobotCode } from '../robots/robot-channel.ts';
import { DINGTALK_ENDPOINT, type DingtalkConfig, readDingtalkRobot } from './config.ts';

/** Well below the 20,000 bytes that a robot takes with its JSON. */
const TEXT_LIMIT_BYTES = 15_000;
const TITLE_LIMIT_BYTES = 200;

/** What DingTalk documents for robots; 310000 is a wrong signature, keyword or IP address. */
const CODES: Readonly<Record<string, RobotCode>> = {
  '-1': 'later',
  '40035': 'refused',
  '43004': 'refused',
  '300001': 'refused',
  '300005': 'refused',
  '310000': 'refused',
  '400013': 'refused',
  '400101': 'refused',
  '400102': 'refused',
  '400105': 'refused',
  '400106': 'refused',
  '430101': 'refused',
  '430102': 'refused',
  '430103': 'refused',
  '430104': 'refused',
  '130101': 'too_fast',
  '410100': 'too_fast',
};

/** Notices by robots of DingTalk groups, in markdown; see `readDingtalkRobot` for addresses. */
export function makeDingtalkChannel(config: DingtalkConfig): NoticeChannel {
  const endpoint = config.endpoint ?? DINGTALK_ENDPOINT;
  return makeRobotChannel({
    id: 'dingtalk',
    codes: CODES,
    now: config.now,
    ...(config.http === undefined ? {} : { http: config.http }),
    toCall: (message) => {
      const robot = readDingtalkRobot(message.address, endpoint);
      if (robot === undefined) return undefined;
      const url = new URL('/robot/send', endpoint);
      url.searchParams.set('access_token', robot.token);
      if (robot.secret !== undefined) {
        const timestamp = String(config.now().epochMilliseconds);
        url.searchParams.set('timestamp', timestamp);
        url.searchParams.set('sign', signDingtalk(timestamp, robot.secret));
      }
      return { robot: robot.token, url: url.href, body: toMarkdown(message) };
    },
  });
}

/** 加签: HMAC-SHA256 of `timestamp\nsecret` under the secret; `timestamp` in milliseconds. */
function signDingtalk(timestamp: string, secret: string): string {
  return createHmac('sha256', secret).update(`${timestamp}\n${secret}`).digest('base64');
}

function toMarkdown(message: NoticeMessage): object {
  const subject = toGroupMarkdown(message.subject);
  const text = `### ${subject}\n\n${toGroupMarkdown(message.text)}`;
  return {
    msgtype: 'markdown',
    markdown: {
      title: cutToBytes(subject, TITLE_LIMIT_BYTES),
      text: cutToBytes(text, TEXT_LIMIT_BYTES),
    },
  };
}
