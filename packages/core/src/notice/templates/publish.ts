import type { Locale } from '../../customer/customer.ts';
import type { MerchantId } from '../../ids/ids.ts';
import { ok, type Result, refuse } from '../../result/result.ts';
import type { MessageVariables } from '../notice.ts';
import { type MessageRefusal, type MessageRefusalCode, messageRefusal } from '../refusals.ts';
import { isTemplateKey, MESSAGE_TEMPLATES, type TemplateKey } from './index.ts';
import {
  type MessageTemplate,
  type RenderedText,
  renderTemplate,
  type TemplateText,
  variablesIn,
} from './template.ts';

/** A merchant's own wording of a message, in versions that are never edited. */
export type OwnTemplate = TemplateText & {
  readonly merchantId: MerchantId;
  readonly key: TemplateKey;
  readonly locale: Locale;
  /** 1, 2, 3 … within key and language. */
  readonly version: number;
  readonly publishedBy: string;
  readonly publishedAt: Temporal.Instant;
};

/** Characters of a subject; mail programs show fewer. */
const SUBJECT_MOST = 200;
/** Bytes of UTF-8 that a WeCom robot takes in a markdown message. */
const TEXT_MOST_BYTES = 4_096;
const PARAGRAPHS_MOST = 20;

/**
 * Whether a wording can be published for a message, and how it reads with the sample values.
 * Refuses unknown and missing variables, markup, control characters and what a channel would cut.
 */
export function checkWording(
  wording: { readonly key: string; readonly locale: Locale } & TemplateText,
  mustContain: readonly string[],
): Result<{ readonly key: TemplateKey; readonly rendered: RenderedText }, MessageRefusal> {
  const { key, locale } = wording;
  if (!isTemplateKey(key)) return refuse(messageRefusal('template_key_unknown'));
  const template: MessageTemplate = MESSAGE_TEMPLATES[key];
  const refused = refusalOf(wording, template, isLegal(key) ? mustContain : []);
  if (refused !== undefined) return refuse(refused);
  const rendered = renderTemplate(wording, template.samples[locale]);
  const isLong =
    wording.subject.length > SUBJECT_MOST ||
    utf8Length(rendered.subject) + utf8Length(rendered.text) > TEXT_MOST_BYTES;
  return isLong ? refuse(messageRefusal('template_too_long')) : ok({ key, rendered });
}

/** Messages that gate a debit: what the law wants in them is not the merchant's to leave out. */
function isLegal(key: TemplateKey): boolean {
  return key === 'renewal' || key === 'retry';
}

function refusalOf(
  wording: TemplateText,
  template: MessageTemplate,
  mustContain: readonly string[],
): MessageRefusal | undefined {
  const lines = [wording.subject, ...wording.paragraphs];
  const found = (code: MessageRefusalCode) => messageRefusal(code);
  if (wording.paragraphs.length === 0 || lines.some((line) => line.trim() === '')) {
    return found('template_empty');
  }
  if (wording.paragraphs.length > PARAGRAPHS_MOST) return found('template_too_long');
  if (lines.some((line) => CONTROL.test(line))) return found('template_control_character');
  if (lines.some((line) => MARKUP.test(line.replace(VARIABLE, '')))) {
    return found('template_markup');
  }
  const known = Object.keys(template.samples['zh-CN']);
  const used = variablesIn(wording);
  const unknown = used.find((name) => !known.includes(name));
  if (unknown !== undefined) {
    const refusal = found('template_variable_unknown');
    return { ...refusal, sentence: `This message has no variable {${unknown}}.` };
  }
  const missing = [...template.required, ...mustContain].find((name) => !used.includes(name));
  if (missing === undefined) return undefined;
  const refusal = found('template_variable_missing');
  return { ...refusal, sentence: `The text leaves out {${missing}}, which it must name.` };
}

const CONTROL = /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/u;
const VARIABLE = /\{\w+\}/g;
/** A tag, an entity, or a brace that is no variable. */
const MARKUP = /<[a-z!/?]|&#?\w+;|[{}]|javascript:/i;

/** Bytes of a text in UTF-8. */
export function utf8Length(text: string): number {
  let bytes = 0;
  for (const character of text) {
    const point = character.codePointAt(0) ?? 0;
    if (point < 0x80) bytes += 1;
    else if (point < 0x800) bytes += 2;
    else bytes += point < 0x10000 ? 3 : 4;
  }
  return bytes;
}

/** The words to send: the merchant's newest wording, else ours. */
export function templateFor(
  key: TemplateKey,
  locale: Locale,
  own: readonly OwnTemplate[],
): { readonly version: string; readonly text: TemplateText } {
  const mine = own.find((one) => one.key === key && one.locale === locale);
  if (mine !== undefined) return { version: `own/${mine.version}`, text: mine };
  const { version, texts } = MESSAGE_TEMPLATES[key];
  return { version: `daikou/${version}`, text: texts[locale] };
}

/**
 * Fills a wording, taking what is missing among the values as empty: a wording published before a
 * message got another variable is still sent.
 */
export function renderWith(text: TemplateText, variables: MessageVariables): RenderedText {
  const complete = Object.fromEntries(
    variablesIn(text).map((name) => [name, variables[name] ?? '']),
  );
  return renderTemplate(text, complete);
}
