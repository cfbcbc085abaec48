import { type NoticeChannel, type NoticeMessage, oneLine, type SendOutcome } from '@daikou/core';
import { makeSafeFetch, type SafeFetch } from '../../http/safe-fetch.ts';
import { listed } from '../../rails/tables.ts';
import { type CodedAnswer, postJson } from '../robots/post-json.ts';
import { AccessToken } from './access-token.ts';
import { CODES } from './codes.ts';
import {
  OFFICIAL_ACCOUNT_ENDPOINT,
  type OfficialAccountConfig,
  type OfficialAccountTemplate,
} from './config.ts';
import { answerCheck, readEvent } from './event.ts';
import { SentMessages } from './sent-messages.ts';

type Parts = {
  readonly config: OfficialAccountConfig;
  readonly fetch: SafeFetch;
  readonly accessToken: AccessToken;
  readonly sent: SentMessages;
};

/**
 * Notices as template messages of a WeChat official account (模板消息). The customer's address is
 * the openid. WeChat takes a notice once within ten minutes (client_msg_id) and reports the
 * delivery by an event, TEMPLATESENDJOBFINISH, which names its own number of the message only.
 * Throws when the configured key is none.
 */
export function makeOfficialAccountChannel(config: OfficialAccountConfig): NoticeChannel {
  if (!/^[0-9A-Za-z]{43}$/.test(config.encodingAesKey)) {
    throw new Error('Official account: `encodingAesKey` has 43 letters and digits.');
  }
  const fetch = makeSafeFetch(config.http);
  const accessToken = new AccessToken(config, fetch);
  const sent = new SentMessages();
  return {
    id: 'official_account',
    proof: 'report',
    send: (message) => send(message, { config, fetch, accessToken, sent }),
    readReport: (raw) => readEvent(raw, config)?.map((report) => sent.named(report)),
    reportAnswer: 'success',
    answerCheck: (target) => answerCheck(target, config),
    close: async () => {},
  };
}

async function send(message: NoticeMessage, parts: Parts): Promise<SendOutcome> {
  const template = parts.config.templates[message.locale]?.[message.templateKey];
  if (template === undefined) {
    return { kind: 'refused', code: 'no_template', message: 'the account has no such template' };
  }
  const body = toTemplateMessage(message, template);
  const answer = await callWithToken(body, parts);
  if (answer.kind !== 'answer') return answer;
  if (answer.code === '0') {
    const { msgid } = answer.fields;
    const reference = typeof msgid === 'number' ? String(msgid) : msgid;
    if (typeof reference !== 'string' || !/^\d{1,20}$/.test(reference)) {
      return { kind: 'unknown', detail: 'taken, but without a msgid' };
    }
    parts.sent.add(reference, message.noticeId);
    return { kind: 'sent', providerReference: reference };
  }
  const meaning = listed(CODES, answer.code);
  return meaning === 'refused' || meaning === 'token'
    ? { kind: 'refused', code: answer.code, message: answer.words }
    : { kind: 'unknown', detail: `errcode ${answer.code}` };
}

/** Calls with the token at hand; once more with a new one when that one is no longer good. */
async function callWithToken(
  body: unknown,
  parts: Parts,
): Promise<CodedAnswer | Exclude<SendOutcome, { kind: 'sent' }>> {
  const first = await callOnce(body, parts);
  const isOld = first.kind === 'answer' && listed(CODES, first.code) === 'token';
  return isOld ? callOnce(body, parts) : first;
}

async function callOnce(
  body: unknown,
  { config, fetch, accessToken }: Parts,
): Promise<CodedAnswer | Exclude<SendOutcome, { kind: 'sent' }>> {
  const token = await accessToken.get();
  if ('kind' in token) return token;
  const url = new URL(
    '/cgi-bin/message/template/send',
    config.endpoint ?? OFFICIAL_ACCOUNT_ENDPOINT,
  );
  url.searchParams.set('access_token', token.text);
  const answer = await postJson(fetch, { url: url.href, body });
  if (answer.kind === 'answer' && listed(CODES, answer.code) === 'token') {
    accessToken.drop(token.text);
  }
  return answer;
}

/** Longest value of a field, in characters, by the kind of field that its name begins with. */
const FIELD_LENGTHS: readonly (readonly [kind: RegExp, length: number])[] = [
  [/^thing\d*$/, 20],
  [/^short_thing\d*$/, 5],
  [/^phrase\d*$/, 5],
  [/^character_string\d*$/, 32],
];

/** What a field shows of a variable that is empty here: WeChat refuses empty fields (47003). */
const NOTHING = '-';

function toTemplateMessage(message: NoticeMessage, template: OfficialAccountTemplate): object {
  const { variables } = message;
  const data = Object.entries(template.fields).map(([variable, field]) => {
    const value = oneLine(variables[variable] ?? '') || NOTHING;
    const limit = FIELD_LENGTHS.find(([kind]) => kind.test(field))?.[1] ?? value.length;
    return [field, { value: cutToLength(value, limit) }];
  });
  const link = template.linkFrom === undefined ? undefined : variables[template.linkFrom];
  return {
    touser: message.address,
    template_id: template.templateId,
    client_msg_id: message.noticeId,
    ...(link !== undefined && /^https:\/\/\S+$/.test(link) ? { url: link } : {}),
    data: Object.fromEntries(data),
  };
}

/** Cuts at a character; a cut value ends with an ellipsis. */
function cutToLength(text: string, length: number): string {
  const characters = [...text];
  return characters.length <= length ? text : `${characters.slice(0, length - 1).join('')}…`;
}
