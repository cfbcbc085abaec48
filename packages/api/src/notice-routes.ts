import { ChangeContactSchema, NoticePreferencesSchema, ReachSchema } from './notice/contact.ts';
import { NoticeSchema } from './notice/notice.ts';
import {
  CustomerNoticesQuerySchema,
  InboxListSchema,
  InboxMessageSchema,
  NoticeListSchema,
  NoticeProofSchema,
  ProofQuerySchema,
} from './notice/proof.ts';
import {
  NewTemplateSchema,
  OwnTemplateSchema,
  RenderedSchema,
  TemplateListSchema,
  WordingSchema,
} from './notice/template.ts';
import { PAGE_ERRORS, type Route } from './route.ts';

const OF_CUSTOMERS: readonly Route[] = [
  {
    path: '/v1/customers/{id}/contacts',
    method: 'get',
    name: 'getContacts',
    tag: 'Notices',
    summary: 'Reads how a customer is reached, masked, and in which order.',
    id: 'cus',
    answer: ReachSchema,
  },
  {
    path: '/v1/customers/{id}/contacts',
    method: 'post',
    name: 'changeContact',
    tag: 'Notices',
    summary: 'Adds or corrects a contact; what could not be delivered goes again.',
    id: 'cus',
    body: ChangeContactSchema,
    answer: ReachSchema,
  },
  {
    path: '/v1/customers/{id}/notice-preferences',
    method: 'post',
    name: 'changeNoticePreferences',
    tag: 'Notices',
    summary: 'Takes a customer’s wishes about notices, whole; never below the law.',
    id: 'cus',
    body: NoticePreferencesSchema,
    answer: ReachSchema,
  },
  {
    path: '/v1/customers/{id}/notices',
    method: 'get',
    name: 'listCustomerNotices',
    tag: 'Notices',
    summary: 'Lists every message to a customer, oldest first.',
    id: 'cus',
    query: CustomerNoticesQuerySchema,
    answer: NoticeListSchema,
    errors: PAGE_ERRORS,
  },
  {
    path: '/v1/customers/{id}/inbox',
    method: 'get',
    name: 'listInbox',
    tag: 'Notices',
    summary: 'Lists the messages in a customer’s inbox, oldest first.',
    id: 'cus',
    query: CustomerNoticesQuerySchema,
    answer: InboxListSchema,
    errors: PAGE_ERRORS,
  },
  {
    path: '/v1/customers/{id}/notice-proof',
    method: 'get',
    name: 'getNoticeProof',
    tag: 'Notices',
    summary:
      'Proves what a customer was told: words, channel, receipt, and a chain over the lines.',
    id: 'cus',
    query: ProofQuerySchema,
    answer: NoticeProofSchema,
    csv: true,
  },
];

const OF_NOTICES: readonly Route[] = [
  {
    path: '/v1/notices/{id}',
    method: 'get',
    name: 'getNotice',
    tag: 'Notices',
    summary: 'Reads one message.',
    id: 'not',
    answer: NoticeSchema,
  },
  {
    path: '/v1/notices/{id}/resend',
    method: 'post',
    name: 'resendNotice',
    tag: 'Notices',
    summary: 'Sends a message again that failed or was not proved; answers the new one.',
    id: 'not',
    answer: NoticeSchema,
  },
  {
    path: '/v1/notices/{id}/read',
    method: 'post',
    name: 'readNotice',
    tag: 'Notices',
    summary: 'Says that the customer opened a message in its inbox: it is delivered.',
    id: 'not',
    answer: InboxMessageSchema,
  },
];

const OF_TEMPLATES: readonly Route[] = [
  {
    path: '/v1/notice-templates',
    method: 'get',
    name: 'listNoticeTemplates',
    tag: 'Notices',
    summary: 'Lists every message with its variables, our words and the merchant’s own.',
    answer: TemplateListSchema,
  },
  {
    path: '/v1/notice-templates',
    method: 'post',
    name: 'publishNoticeTemplate',
    tag: 'Notices',
    summary: 'Publishes a wording as the next version of a message.',
    body: NewTemplateSchema,
    answer: OwnTemplateSchema,
  },
  {
    path: '/v1/notice-templates/preview',
    method: 'post',
    name: 'previewNoticeTemplate',
    tag: 'Notices',
    summary: 'Shows how a wording reads with sample values, or why it cannot be published.',
    body: WordingSchema,
    answer: RenderedSchema,
  },
];

/** What customers are told, how they are reached, and how it is proved. */
export const NOTICE_ROUTES: readonly Route[] = [...OF_CUSTOMERS, ...OF_NOTICES, ...OF_TEMPLATES];
