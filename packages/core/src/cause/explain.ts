import { businessDate } from '../calendar/business-time.ts';
import type { Locale } from '../customer/customer.ts';
import { formatRatio, fromBasisPoints, multiplyRatio, ratio } from '../money/ratio.ts';
import { type CauseFinding, type Evidence, REMEDIES } from './cause.ts';
import { ENGLISH_CAUSES } from './explain-en.ts';
import type { CauseWords } from './explain-words.ts';
import { CHINESE_CAUSES } from './explain-zh.ts';

/** What a finding says to people. */
export type CauseSentences = {
  /** One line: the primary cause and the others with their shares. */
  readonly line: string;
  /** One list for each cause, in the order of the causes. */
  readonly evidence: readonly (readonly string[])[];
  readonly counterfactuals: readonly string[];
  readonly fix: string;
};

const WORDS: Readonly<Record<Locale, CauseWords>> = { 'zh-CN': CHINESE_CAUSES, en: ENGLISH_CAUSES };

/** The finding in words of `locale`; days are those of the merchant's zone. */
export function explainCause(
  finding: CauseFinding,
  names: { readonly locale: Locale; readonly zone: string },
): CauseSentences {
  const words = WORDS[names.locale];
  const [first, ...others] = finding.causes.map(({ cause, share }) =>
    words.share(words.causes[cause], percentOf(share)),
  );
  const { action, owner } = finding.fix;
  return {
    line: words.line(first ?? '', others.join(words.between)),
    evidence: finding.causes.map(({ evidence }) =>
      evidence.map((one) => sentenceOf(one, words, names.zone)),
    ),
    counterfactuals: REMEDIES.map((remedy) => {
      const { result, reason } = finding.counterfactuals[remedy];
      const { remedies, results, reasons } = words;
      return words.counterfactual(remedies[remedy], results[result], reasons[reason]);
    }),
    fix: words.fix(words.fixes[action], words.owners[owner]),
  };
}

/** What a cause is called in `locale`. */
export function nameCause(cause: CauseFinding['primary'], locale: Locale): string {
  return WORDS[locale].causes[cause];
}

/** Basis points as people read them: 7,500 is 75%. */
export function percentOf(basisPoints: bigint): string {
  return `${formatRatio(multiplyRatio(fromBasisPoints(basisPoints), ratio(100n)))}%`;
}

function sentenceOf({ key, at, ref, facts }: Evidence, words: CauseWords, zone: string): string {
  const on = facts['on'] ?? (at === undefined ? '' : businessDate(at, zone).toString());
  return words.evidence[key]({ ref, ...facts, on });
}
