export {
  DateSchema,
  InstantSchema,
  IntervalSchema,
  type IntervalWire,
  PeriodSchema,
  type PeriodWire,
  toDateWire,
  toInstantWire,
  toIntervalWire,
  toPeriodWire,
} from './calendar/dates.ts';
export {
  CustomerListSchema,
  type CustomerQuery,
  CustomerQuerySchema,
  CustomerSchema,
  type CustomerWire,
  LocaleSchema,
  toCustomerWire,
} from './customer/customer.ts';
export { maskMail, maskPhone } from './customer/masking.ts';
export { AttemptSchema, type AttemptWire, toAttemptWire } from './debit/attempt.ts';
export {
  DebitListSchema,
  type DebitQuery,
  DebitQuerySchema,
  DebitSchema,
  DebitStateSchema,
  type DebitWire,
  toDebitWire,
} from './debit/debit.ts';
export { exampleId, idSchema } from './ids/id.ts';
export {
  InvoiceLineSchema,
  type InvoiceLineWire,
  InvoiceListSchema,
  type InvoiceQuery,
  InvoiceQuerySchema,
  InvoiceSchema,
  InvoiceStateSchema,
  type InvoiceWire,
  toInvoiceWire,
} from './invoice/invoice.ts';
export {
  MandateListSchema,
  type MandateQuery,
  MandateQuerySchema,
  MandateSchema,
  MandateStateSchema,
  type MandateWire,
  toMandateWire,
} from './mandate/mandate.ts';
export { AmountSchema, type AmountWire, toAmountWire, toIntegerWire } from './money/amount.ts';
export { NoticeSchema, type NoticeWire, toNoticeWire } from './notice/notice.ts';
export { buildOpenApi, COMPONENT_SCHEMAS, type Json, type JsonObject } from './openapi.ts';
export {
  type Bilingual,
  ERROR_CODES,
  ERRORS,
  type ErrorCode,
  type ErrorEntry,
  isErrorCode,
} from './result/errors.ts';
export {
  type ListWire,
  listSchema,
  PAGE_LIMIT_DEFAULT,
  PAGE_LIMIT_MAX,
  REFERENCE_MAX_LENGTH,
  toListWire,
} from './result/list.ts';
export {
  PROBLEM_MEDIA_TYPE,
  ProblemSchema,
  type ProblemWire,
  toProblem,
} from './result/problem.ts';
export {
  CollectionMethodSchema,
  PriceKindSchema,
  SubscriptionItemSchema,
  type SubscriptionItemWire,
  SubscriptionListSchema,
  type SubscriptionQuery,
  SubscriptionQuerySchema,
  SubscriptionSchema,
  type SubscriptionWire,
  toSubscriptionWire,
} from './subscription/subscription.ts';
