import { addSeconds, isBefore } from '../calendar/business-time.ts';
import type { Mandate } from '../mandate/mandate.ts';
import type { DebitNotice } from '../notice/notice.ts';
import type { RailCapabilities } from './capabilities.ts';

/**
 * Whether the rail takes a debit at this instant without its own announcement, because the mandate
 * was signed just now (WeChat Pay: within 12 hours, unless an announcement was made in them;
 * rails.md §1.7). It says nothing about our own notice, which is always wanted (DESIGN §9).
 */
export function isExemptFromAnnouncement(
  about: { readonly mandate: Mandate; readonly notices: readonly DebitNotice[] },
  rule: NonNullable<RailCapabilities['announcement']>,
  at: Temporal.Instant,
): boolean {
  const { signedAt } = about.mandate;
  const seconds = rule.exemptAfterSigningSeconds;
  if (signedAt === undefined || seconds === undefined) return false;
  if (!isBefore(at, addSeconds(signedAt, seconds))) return false;
  return !about.notices.some(
    (notice) =>
      notice.purpose === 'rail' &&
      notice.state === 'delivered' &&
      !isBefore(notice.deliveredAt ?? notice.createdAt, signedAt),
  );
}
