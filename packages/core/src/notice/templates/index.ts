import { CHECKUP_TEMPLATES } from './checkup.ts';
import { DEBIT_TEMPLATES } from './debit.ts';
import { DUNNING_TEMPLATES } from './dunning.ts';
import { BALANCE_TEMPLATES, SERVICE_TEMPLATES } from './service.ts';
import type { MessageTemplate } from './template.ts';

/** Every message that Daikou sends, by its key: one file for each topic, one line here. */
export const MESSAGE_TEMPLATES = {
  ...BALANCE_TEMPLATES,
  ...CHECKUP_TEMPLATES,
  ...DEBIT_TEMPLATES,
  ...DUNNING_TEMPLATES,
  ...SERVICE_TEMPLATES,
} as const satisfies Readonly<Record<string, MessageTemplate>>;

export type TemplateKey = keyof typeof MESSAGE_TEMPLATES;

/** Whether `key` is the key of a message that Daikou sends. */
export function isTemplateKey(key: string): key is TemplateKey {
  return Object.hasOwn(MESSAGE_TEMPLATES, key);
}
