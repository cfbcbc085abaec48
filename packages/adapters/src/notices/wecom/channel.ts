import type { NoticeChannel, NoticeMessage } from '@daikou/core';
import { cutToBytes, toGroupMarkdown } from '../robots/markdown.ts';
import { makeRobotChannel, type RobotCode } from '../robots/robot-channel.ts';
import { readWecomKey, WECOM_ENDPOINT, type WecomConfig } from './config.ts';

/** The longest markdown that a robot takes, in bytes of UTF-8 (rails.md §5.3). */
const CONTENT_LIMIT_BYTES = 4_096;

/** What WeCom documents for robots; 93000 is a key that is none. */
const CODES: Readonly<Record<string, RobotCode>> = {
  '-1': 'later',
  '40008': 'refused',
  '40058': 'refused',
  '44004': 'refused',
  '45002': 'refused',
  '45009': 'too_fast',
  '93000': 'refused',
};

/** Notices by robots of WeCom groups, in markdown; see `readWecomKey` for addresses. */
export function makeWecomChannel(config: WecomConfig): NoticeChannel {
  const endpoint = config.endpoint ?? WECOM_ENDPOINT;
  return makeRobotChannel({
    id: 'wecom',
    codes: CODES,
    now: config.now,
    ...(config.http === undefined ? {} : { http: config.http }),
    toCall: (message) => {
      const key = readWecomKey(message.address, endpoint);
      if (key === undefined) return undefined;
      const url = new URL('/cgi-bin/webhook/send', endpoint);
      url.searchParams.set('key', key);
      return { robot: key, url: url.href, body: toMarkdown(message) };
    },
  });
}

function toMarkdown(message: NoticeMessage): object {
  const text = `**${toGroupMarkdown(message.subject)}**\n${toGroupMarkdown(message.text)}`;
  return { msgtype: 'markdown', markdown: { content: cutToBytes(text, CONTENT_LIMIT_BYTES) } };
}
