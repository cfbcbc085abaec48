import { type MessageVariables, oneLine } from '@daikou/core';

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
export function smsVariables(variables: MessageVariables): Readonly<Record<string, string>> {
  const cut = (text: string): string => oneLine(text).slice(0, SMS_VARIABLE_LENGTH);
  // The registered signature stands before the text and names the merchant.
  const { merchantName: _signature, ...rest } = variables;
  return Object.fromEntries(
    Object.entries(rest).map(([name, value]) => [SHORT_NAMES[name] ?? name, cut(value)]),
  );
}

/** The names in the texts registered for debit notices; other messages keep their own names. */
const SHORT_NAMES: Readonly<Record<string, string>> = {
  planName: 'plan',
  collectDate: 'date',
  railName: 'rail',
  howToCancel: 'cancel',
};
