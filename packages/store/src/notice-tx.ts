import type { Changes, NoticeTx } from '@daikou/core';
import type { Database } from './array-write.ts';
import * as contacts from './notice/contacts.ts';
import * as following from './notice/following.ts';
import * as templates from './notice/own-templates.ts';

/** What messages, contacts and templates read and write: one line for each statement function. */
export function noticeCalls(db: Database): NoticeTx {
  return {
    loadContacts: (ids) => contacts.loadContacts(db, ids),
    claimNoticesToFollow: (claim) => following.claimNoticesToFollow(db, claim),
    findFollowed: (ids) => following.findFollowed(db, ids),
    findNoticesByReference: (references) => following.findNoticesByReference(db, references),
    loadCustomersWithWishes: (ids) => contacts.loadCustomersWithWishes(db, ids),
    findScheduledDates: (debits) => following.findScheduledDates(db, debits),
    listNotices: (page) => following.listNotices(db, page),
    loadOwnTemplates: () => templates.loadOwnTemplates(db),
    listOwnTemplates: () => templates.listOwnTemplates(db),
    addOwnTemplate: (template) => templates.addOwnTemplate(db, template),
  };
}

export async function saveContactsOf(db: Database, { contacts: rows }: Changes): Promise<void> {
  if (rows !== undefined && rows.length > 0) await contacts.saveContacts(db, rows);
}
