import { formatMoney } from '../money/text.ts';
import type { Notice } from '../notice/notice.ts';
import { planMessage } from '../notice/plan.ts';
import type { LookContext } from './check-debit.ts';
import type { CheckupFinding } from './checkup.ts';
import type { CheckupFacts, Collection } from './facts.ts';

/** One message to the payer with everything that it can mend before the debit. */
export function planCheckupMessage(
  findings: readonly CheckupFinding[],
  about: { readonly facts: CheckupFacts; readonly collection: Collection },
  context: LookContext,
): Notice {
  const { customer, invoice } = about.facts;
  const isZh = customer.locale === 'zh-CN';
  const sentences = findings.map(({ sentenceZh, sentenceEn }) => (isZh ? sentenceZh : sentenceEn));
  return planMessage(
    {
      purpose: 'checkup',
      templateKey: 'checkup',
      variables: {
        merchantName: context.merchantName,
        amount: formatMoney(about.collection.amount),
        collectDate: about.collection.on.toString(),
        findings: numbered(sentences),
      },
      subjectId: invoice.id,
      dueAt: context.now,
    },
    { customer },
    context,
  );
}

/** "(1) … (2) …" in one line; a single one needs no number. */
export function numbered(sentences: readonly string[]): string {
  const [only] = sentences;
  if (sentences.length === 1 && only !== undefined) return only;
  return sentences.map((sentence, index) => `(${index + 1}) ${sentence}`).join(' ');
}
