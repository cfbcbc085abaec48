import { createHash } from 'node:crypto';
import {
  type CustomerId,
  isTemplateKey,
  MESSAGE_TEMPLATES,
  type Notice,
  type OwnTemplate,
  ok,
  type Refusal,
  type RenderedText,
  type Result,
  refuse,
  renderWith,
  type TemplateText,
} from '@daikou/core';
import type { Job } from '../job.ts';
import { notFound } from '../not-found.ts';
import { hashOf } from './compose.ts';

/** Messages of one customer in one proof; a narrower range shows the others. */
export const PROOF_MOST = 5_000;

/** One line of the proof: a message, the words that were sent, and the link to the line before. */
export type ProofLine = {
  readonly notice: Notice;
  /** Absent where nothing was sent, or its template is no longer known. */
  readonly words: RenderedText | undefined;
  /** Whether these words have the hash that was kept when they were sent. */
  readonly wordsMatch: boolean | undefined;
  /** SHA-256 (hex) over the link before and this line: a line that is taken out shows. */
  readonly link: string;
};

/**
 * What a customer was told and how it is proved, oldest first; `from` ≤ made < `until`. `shown` is
 * how a line is written down, without secrets: the links are made over exactly that.
 */
export async function noticeProof(
  job: Job,
  about: {
    readonly customerId: CustomerId;
    readonly from?: Temporal.Instant;
    readonly until?: Temporal.Instant;
  },
  shown: (line: Omit<ProofLine, 'link'>) => unknown,
): Promise<Result<readonly ProofLine[], Refusal>> {
  const read = await job.engine.store.transact(job.merchant.id, async (tx) => {
    const [customer] = await tx.loadCustomers([about.customerId]);
    if (customer === undefined) return undefined;
    const notices = await tx.listNotices({ ...about, limit: PROOF_MOST });
    return { notices, own: await tx.listOwnTemplates() };
  });
  if (read === undefined) return refuse(notFound('customer'));
  let link = '';
  return ok(
    read.notices.map((notice) => {
      const words = wordsSent(notice, read.own);
      const wordsMatch = words === undefined ? undefined : hashOf(words) === notice.textHash;
      const line = { notice, words, wordsMatch };
      link = createHash('sha256')
        .update(`${link}\n${JSON.stringify(shown(line))}`)
        .digest('hex');
      return { ...line, link };
    }),
  );
}

/** The words of a message as its template version and variables give them. */
export function wordsSent(notice: Notice, own: readonly OwnTemplate[]): RenderedText | undefined {
  const { variables, locale, templateKey: key, templateVersion: version } = notice;
  if (variables === undefined || key === undefined || version === undefined) return undefined;
  const text = textOf({ key, locale, version }, own);
  return text === undefined ? undefined : renderWith(text, variables);
}

function textOf(
  wanted: { readonly key: string; readonly locale: Notice['locale']; readonly version: string },
  own: readonly OwnTemplate[],
): TemplateText | undefined {
  const { key, locale, version } = wanted;
  if (!isTemplateKey(key)) return undefined;
  const ours = MESSAGE_TEMPLATES[key];
  if (version === `daikou/${ours.version}`) return ours.texts[locale];
  return own.find(
    (one) => one.key === key && one.locale === locale && version === `own/${one.version}`,
  );
}
