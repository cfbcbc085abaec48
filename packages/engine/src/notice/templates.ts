import {
  checkWording,
  type Locale,
  MESSAGE_TEMPLATES,
  type MessageTemplate,
  messageRefusal,
  type OwnTemplate,
  ok,
  type Refusal,
  type RenderedText,
  type Result,
  refuse,
  type TemplateKey,
  type TemplateText,
} from '@daikou/core';
import { type Job, nowOf, rulesOf } from '../job.ts';

export type Wording = TemplateText & { readonly key: string; readonly locale: Locale };

/** A message that Daikou sends: its variables, and the words that would be sent now. */
export type ListedTemplate = {
  readonly key: TemplateKey;
  readonly variables: readonly string[];
  readonly required: readonly string[];
  readonly ours: MessageTemplate;
  /** The merchant's wordings, every version, oldest first. */
  readonly own: readonly OwnTemplate[];
};

/** How a wording reads with sample values, or why it cannot be published. */
export function previewTemplate(job: Job, wording: Wording): Result<RenderedText, Refusal> {
  const checked = checkWording(wording, rulesOf(job).mustContain);
  return checked.ok ? ok(checked.value.rendered) : checked;
}

/** Every message with our words and the merchant's own. */
export async function listTemplates(job: Job): Promise<readonly ListedTemplate[]> {
  const own = await job.engine.store.transact(job.merchant.id, (tx) => tx.listOwnTemplates());
  return Object.entries<MessageTemplate>(MESSAGE_TEMPLATES).map(([key, ours]) => ({
    key: key as TemplateKey,
    variables: Object.keys(ours.samples['zh-CN']),
    required: ours.required,
    ours,
    own: own.filter((one) => one.key === key),
  }));
}

/** Publishes a wording as the next version; messages that are sent from now on use it. */
export async function publishTemplate(
  job: Job,
  wording: Wording,
  by: string,
): Promise<Result<OwnTemplate, Refusal>> {
  const checked = checkWording(wording, rulesOf(job).mustContain);
  if (!checked.ok) return checked;
  const { key } = checked.value;
  const { locale, subject, paragraphs } = wording;
  return job.engine.store.transact(job.merchant.id, async (tx) => {
    const newest = (await tx.loadOwnTemplates()).find(
      (one) => one.key === key && one.locale === locale,
    );
    const template: OwnTemplate = {
      merchantId: job.merchant.id,
      key,
      locale,
      version: (newest?.version ?? 0) + 1,
      subject,
      paragraphs,
      publishedBy: by,
      publishedAt: nowOf(job.engine, job.merchant),
    };
    const added = await tx.addOwnTemplate(template);
    return added ? ok(template) : refuse(messageRefusal('template_version_taken'));
  });
}
