import type { Locale } from '../../customer/customer.ts';
import { invariant } from '../../result/invariant.ts';
import type { MessageVariables } from '../notice.ts';

/** A text with `{variable}` in place of what changes; each paragraph is one line. */
export type TemplateText = { readonly subject: string; readonly paragraphs: readonly string[] };

/**
 * One message in each language. Every money message answers: did money move, how much, what happens
 * next and when, what can I do. The variables are the only parts that change.
 */
export type MessageTemplate = {
  /** Raised with every change of a text, so that evidence names the words that were sent. */
  readonly version: number;
  /** Every variable that a wording may use, each with a sample for previews. */
  readonly samples: Readonly<Record<Locale, MessageVariables>>;
  /** The variables without which no wording is published. */
  readonly required: readonly string[];
  readonly texts: Readonly<Record<Locale, TemplateText>>;
};

/** Subject and text, plain: readable everywhere and kept as evidence. */
export type RenderedText = { readonly subject: string; readonly text: string };

const PLACEHOLDER = /\{(\w+)\}/g;

/**
 * Subject and text with the variables filled in, one pass: a value that looks like another variable
 * stays as it is. Line ends inside a value become spaces. A variable without a value is our bug.
 */
export function renderTemplate(template: TemplateText, variables: MessageVariables): RenderedText {
  const fill = (text: string): string =>
    text.replace(PLACEHOLDER, (_, name: string) => {
      invariant(Object.hasOwn(variables, name), `the variable ${name} of a message has a value`);
      return oneLine(variables[name] ?? '');
    });
  return {
    subject: fill(template.subject),
    // A paragraph of one variable that has nothing to say here is left out.
    text: `${template.paragraphs
      .map(fill)
      .filter((one) => one !== '')
      .join('\n\n')}\n`,
  };
}

/** The names of the placeholders in a wording, each once, in the order of their first use. */
export function variablesIn(template: TemplateText): readonly string[] {
  const all = [template.subject, ...template.paragraphs].join('\n');
  return [...new Set([...all.matchAll(PLACEHOLDER)].map((match) => match[1] ?? ''))];
}

/** A line end in a variable could begin a header or forge a paragraph. */
export function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\u2028\u2029]+/gu, ' ').trim();
}
