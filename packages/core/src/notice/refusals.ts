import type { Refusal } from '../result/result.ts';

export type MessageRefusalCode =
  | 'address_not_valid'
  | 'rank_not_valid'
  | 'last_channel'
  | 'order_not_valid'
  | 'extra_days_not_valid'
  | 'zone_not_valid'
  | 'quiet_hours_not_whole'
  | 'template_key_unknown'
  | 'template_variable_unknown'
  | 'template_variable_missing'
  | 'template_markup'
  | 'template_control_character'
  | 'template_too_long'
  | 'template_empty'
  | 'template_version_taken'
  | 'wrong_address_stays'
  | 'contact_not_sealable'
  | 'notice_not_resendable'
  | 'notice_no_way'
  | 'notice_not_in_inbox';
export type MessageRefusal = Refusal<MessageRefusalCode>;

type Words = {
  readonly sentence: string;
  readonly next: string;
  readonly field?: string;
};

const REFUSALS: Readonly<Record<MessageRefusalCode, Words>> = {
  address_not_valid: {
    sentence: 'This cannot be an address of its channel.',
    next: 'Send a mail address, a phone in the form +8613…, an open id, or an https address.',
    field: 'address',
  },
  rank_not_valid: {
    sentence: 'A rank is a whole number from 0 to 99.',
    next: 'Lower ranks are tried first.',
    field: 'rank',
  },
  last_channel: {
    sentence: 'This is the last way to reach the customer, who must be told before every debit.',
    next: 'Add another contact first.',
    field: 'channel',
  },
  order_not_valid: {
    sentence: 'The order names a channel twice, or one that there is not.',
    next: 'Name each channel once.',
    field: 'order',
  },
  extra_days_not_valid: {
    sentence: 'Extra days of notice are a whole number from 0 to 3.',
    next: 'Days are added to those of the rules; there can be no fewer.',
    field: 'extra_days',
  },
  zone_not_valid: {
    sentence: 'There is no time zone of this name.',
    next: 'Send a name such as Asia/Shanghai.',
    field: 'zone',
  },
  quiet_hours_not_whole: {
    sentence: 'Quiet hours have a beginning and an end.',
    next: 'Send quiet_from and quiet_until, or neither.',
    field: 'quiet_from',
  },
  template_key_unknown: {
    sentence: 'There is no message of this key.',
    next: 'GET /v1/notice-templates lists the keys.',
    field: 'key',
  },
  template_variable_unknown: {
    sentence: 'The text uses a variable that this message does not have.',
    next: 'Use the variables that GET /v1/notice-templates lists for the key.',
    field: 'paragraphs',
  },
  template_variable_missing: {
    sentence: 'The text leaves out a variable that this message must name.',
    next: 'A notice before a debit names its amount, its date and how to stop it.',
    field: 'paragraphs',
  },
  template_markup: {
    sentence: 'The text contains markup or braces that are no variable; messages are plain text.',
    next: 'Leave out <…> and use {variable} only.',
    field: 'paragraphs',
  },
  template_control_character: {
    sentence: 'The text contains a control character or a line end inside a paragraph.',
    next: 'Make each paragraph one line.',
    field: 'paragraphs',
  },
  template_too_long: {
    sentence: 'The text is too long for a channel: a subject 200 characters, all 4,096 bytes.',
    next: 'Shorten it; a Chinese character is three bytes.',
    field: 'paragraphs',
  },
  template_empty: {
    sentence: 'The subject or a paragraph is empty.',
    next: 'Write a subject and at least one paragraph.',
    field: 'paragraphs',
  },
  template_version_taken: {
    sentence: 'Somebody else published this template at the same moment.',
    next: 'Look at the newest version and publish again.',
  },
  contact_not_sealable: {
    sentence: 'The address of a robot or webhook is a secret, and there is no key to seal it with.',
    next: 'Give `webhooks.vaultKey` in config.json, or run Daikou with its data folder.',
    field: 'address',
  },
  wrong_address_stays: {
    sentence: 'There is no other address to take the place of the one that is called wrong.',
    next: 'Send the right address with it, or switch the contact off.',
    field: 'wrong',
  },
  notice_not_resendable: {
    sentence: 'The message was delivered, waits to be sent, or what it is about has ended.',
    next: 'Only what failed or is not proved goes again; correct a contact for a new warning.',
  },
  notice_no_way: {
    sentence: 'There is no usable contact of the customer.',
    next: 'Add or correct a contact first.',
  },
  notice_not_in_inbox: {
    sentence: 'The message does not lie in the inbox that we keep.',
    next: 'Only inbox messages are marked as read.',
  },
};

export function messageRefusal(code: MessageRefusalCode): MessageRefusal {
  return { code, ...REFUSALS[code] };
}
