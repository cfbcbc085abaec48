import type { Locale, NoticeMessage, NoticeVariables } from '@daikou/core';

/**
 * Subject and text of a notice, plain text: it must be readable everywhere and is kept as evidence.
 */
export type NoticeText = { readonly subject: string; readonly text: string };

/** A text with `{variable}` in place of what changes; each paragraph is one line. */
type Template = { readonly subject: string; readonly paragraphs: readonly string[] };

/**
 * Every money message answers: did money move, how much, what happens next and when, what can I do
 * (VISUAL.md, "Words"). Written in each language by ear; the variables are the only parts that
 * change.
 */
const TEMPLATES: Readonly<Record<Locale, Readonly<Record<NoticeMessage['purpose'], Template>>>> = {
  'zh-CN': {
    renewal: {
      subject: '{collectDate} 将扣款 {amount}：{merchantName} {planName}',
      paragraphs: [
        '您好：',
        '{merchantName} 将于 {collectDate} 通过{railName}扣款 {amount}，用于续费「{planName}」。' +
          '目前尚未扣款。',
        '不想续费？您可以在扣款前随时关闭自动续费，关闭后不会再扣款：{howToCancel}',
        '对金额有疑问，请直接回复本邮件，{merchantName} 会为您说明。',
      ],
    },
    retry: {
      subject: '上次扣款未成功，{collectDate} 将再次扣款 {amount}：{merchantName} {planName}',
      paragraphs: [
        '您好：',
        '「{planName}」的上一次扣款没有成功，没有扣走任何款项。' +
          '{merchantName} 将于 {collectDate} 通过{railName}再次扣款 {amount}。',
        '请在此之前确认账户可以付款。' +
          '不想续费？您可以随时关闭自动续费，关闭后不会再扣款：{howToCancel}',
        '对金额有疑问，请直接回复本邮件，{merchantName} 会为您说明。',
      ],
    },
  },
  en: {
    renewal: {
      subject: '{amount} will be collected on {collectDate}: {merchantName} {planName}',
      paragraphs: [
        'Hello,',
        '{merchantName} will collect {amount} for "{planName}" on {collectDate} ' +
          'through {railName}. No money has moved yet.',
        'You can stop this renewal at any time before that date, ' +
          'and nothing more will be collected: {howToCancel}',
        'If the amount surprises you, reply to this message and {merchantName} will explain it.',
      ],
    },
    retry: {
      subject:
        'Your last payment did not go through; {amount} will be tried again on {collectDate}',
      paragraphs: [
        'Hello,',
        'The last payment for "{planName}" did not go through, and no money was taken. ' +
          '{merchantName} will try to collect {amount} again on {collectDate} through {railName}.',
        'Please make sure that your account can pay by then. ' +
          'You can stop the renewal at any time, and nothing more will be collected: {howToCancel}',
        'If the amount surprises you, reply to this message and {merchantName} will explain it.',
      ],
    },
  },
};

/** The mail of a notice in the customer's language. Line ends inside a variable become spaces. */
export function noticeText(
  message: Pick<NoticeMessage, 'locale' | 'purpose' | 'variables'>,
): NoticeText {
  const { subject, paragraphs } = TEMPLATES[message.locale][message.purpose];
  // One pass: a variable whose text looks like another variable stays as it is.
  const fill = (text: string): string =>
    text.replace(/\{(\w+)\}/g, (_, name: string) =>
      oneLine(message.variables[name as keyof NoticeVariables]),
    );
  return { subject: fill(subject), text: `${paragraphs.map(fill).join('\n\n')}\n` };
}

/** A line end in a variable could begin a header or forge a paragraph. */
function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\u2028\u2029]+/gu, ' ').trim();
}

/** Longest value of a variable in an SMS, in characters (Aliyun's limit for variables is 35). */
const SMS_VARIABLE_LENGTH = 35;

/**
 * The variables of an SMS. Its words are registered with the carrier under the template code; these
 * are the texts to register:
 *
 * - zh-CN renewal 「您的${plan}将于${date}通过${rail}扣款${amount}，目前尚未扣款。如不续费，可在扣款前关闭：${cancel}」
 * - zh-CN retry 「您的${plan}上次扣款未成功，未扣走款项。将于${date}通过${rail}再次扣款${amount}。如不续费可关闭：${cancel}」
 * - en renewal "${amount} will be collected for ${plan} on ${date} through ${rail}. To stop:
 * ${cancel}"
 * - en retry "Your last payment for ${plan} did not go through. ${amount} will be tried again on
 * ${date} through ${rail}. To stop: ${cancel}"
 */
export function smsVariables(variables: NoticeVariables): Readonly<Record<string, string>> {
  const cut = (text: string): string => oneLine(text).slice(0, SMS_VARIABLE_LENGTH);
  return {
    plan: cut(variables.planName),
    amount: cut(variables.amount),
    date: cut(variables.collectDate),
    rail: cut(variables.railName),
    cancel: cut(variables.howToCancel),
  };
}
