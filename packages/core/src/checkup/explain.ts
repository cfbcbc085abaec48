import { isBefore } from '../calendar/business-time.ts';
import type { Locale } from '../customer/customer.ts';
import type { CheckupFinding } from './checkup.ts';

/**
 * One line about what the checks before a debit had found when it left, or have found now where it
 * did not leave; undefined when nothing was open. What a person accepted names the person.
 */
export function explainFindings(
  findings: readonly CheckupFinding[],
  about: { readonly locale: Locale; readonly leftAt?: Temporal.Instant },
): string | undefined {
  const isZh = about.locale === 'zh-CN';
  const open = findings.filter((finding) => wasOpen(finding, about.leftAt));
  if (open.length === 0) return undefined;
  const told = open.map((finding) => {
    const { acceptedBy, sentenceEn, sentenceZh } = finding;
    if (isZh)
      return acceptedBy === undefined ? sentenceZh : `${sentenceZh}（${acceptedBy} 已确认）`;
    return acceptedBy === undefined ? sentenceEn : `${sentenceEn} (accepted by ${acceptedBy})`;
  });
  return isZh ? `扣费前体检：${told.join('')}` : `Checks before the debit: ${told.join(' ')}`;
}

/** What was cured before the debit left was in nobody's way. */
function wasOpen(finding: CheckupFinding, leftAt: Temporal.Instant | undefined): boolean {
  const { endedAt, foundAt, state } = finding;
  if (leftAt === undefined) return state !== 'cured';
  if (isBefore(leftAt, foundAt)) return false;
  return state !== 'cured' || (endedAt !== undefined && !isBefore(endedAt, leftAt));
}
