import type { Contact, ContactChannel } from '../customer/contact.ts';
import type { Customer } from '../customer/customer.ts';
import type { CustomerId, DebitId, NoticeId } from '../ids/ids.ts';
import type { Notice } from '../notice/notice.ts';
import type { OwnTemplate } from '../notice/templates/publish.ts';
import type { Claim, Page } from './claims.ts';

/** Contacts to write beside the others, in the same commit. */
export type NoticeChanges = { readonly contacts?: readonly Contact[] };

/** What messages, contacts and templates read and write. */
export type NoticeTx = {
  readonly loadContacts: (customers: readonly CustomerId[]) => Promise<readonly Contact[]>;
  /** Messages whose channel failed, or proved nothing in its time; locked, earliest first. */
  readonly claimNoticesToFollow: (claim: Claim) => Promise<readonly Notice[]>;
  /** Those of these messages that another one follows. */
  readonly findFollowed: (ids: readonly NoticeId[]) => Promise<ReadonlySet<NoticeId>>;
  /** Messages that were sent under these numbers of their providers and are not proved yet. */
  readonly findNoticesByReference: (references: readonly string[]) => Promise<readonly Notice[]>;
  /** Those of these customers who have wishes about their notices. */
  readonly loadCustomersWithWishes: (
    customers: readonly CustomerId[],
  ) => Promise<readonly Customer[]>;
  /** The dates of those debits that are still to be collected. */
  readonly findScheduledDates: (
    debits: readonly DebitId[],
  ) => Promise<ReadonlyMap<DebitId, Temporal.PlainDate>>;
  /** Messages of a customer, oldest first; `from` ≤ made < `until`. */
  readonly listNotices: (
    page: Page & {
      readonly customerId: CustomerId;
      readonly channel?: ContactChannel;
      readonly from?: Temporal.Instant;
      readonly until?: Temporal.Instant;
      /** Only what left. */
      readonly sent?: boolean;
    },
  ) => Promise<readonly Notice[]>;
  /** The newest wording of each key and language. */
  readonly loadOwnTemplates: () => Promise<readonly OwnTemplate[]>;
  /** Every version, oldest first. */
  readonly listOwnTemplates: () => Promise<readonly OwnTemplate[]>;
  /** Adds a version; false where somebody else has published it in the meantime. */
  readonly addOwnTemplate: (template: OwnTemplate) => Promise<boolean>;
};
