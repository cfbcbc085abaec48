export {
  ArrearsListSchema,
  ArrearsQuerySchema,
  ArrearsSchema,
  type ArrearsWire,
  CustomerArrearsSchema,
  type CustomerArrearsWire,
  toArrearsListWire,
  toArrearsStepsWire,
  toArrearsWire,
} from './arrears/arrears.ts';
export {
  type LateFeeFound,
  LateFeeSchema,
  LateFeeWaiverSchema,
  type LateFeeWaiverWire,
  type LateFeeWire,
  toLateFeeWaiverWire,
  toLateFeeWire,
} from './arrears/late-fee.ts';
export {
  type ApproveWaiverBody,
  ApproveWaiverSchema,
  type DecideLateFeeBody,
  DecideLateFeeSchema,
  LateFeeQuerySchema,
  LateFeeWaivedSchema,
  type StopLateFeeBody,
  StopLateFeeSchema,
  type WaiveLateFeeBody,
  WaiveLateFeeSchema,
} from './arrears/late-fee-requests.ts';
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
  CouponSchema,
  type CouponWire,
  PlanSchema,
  type PlanWire,
  PriceKindSchema,
  PriceModelSchema,
  type PriceModelWire,
  PriceSchema,
  PriceVersionSchema,
  type PriceVersionWire,
  type PriceWire,
  ProductSchema,
  type ProductWire,
  toCouponWire,
  toPlanWire,
  toPriceModelWire,
  toPriceVersionWire,
  toPriceWire,
  toProductWire,
} from './catalog/catalog.ts';
export {
  CatalogueSchema,
  VersionedPriceSchema,
  type VersionedPriceWire,
} from './catalog/catalogue.ts';
export { PublishedSchema, type PublishedWire } from './catalog/published.ts';
export { CauseSchema, type CauseWire, toCauseWire } from './cause/cause.ts';
export { PlanFitSchema, type PlanFitWire, toPlanFitWire } from './cause/plan-fit.ts';
export {
  CauseReportQuerySchema,
  CauseReportSchema,
  type CauseReportWire,
  toCauseReportWire,
} from './cause/report.ts';
export { type CardExpiryBody, CardExpirySchema } from './checkup/card-expiry.ts';
export {
  type AcceptFindingBody,
  AcceptFindingSchema,
  CheckupFindingSchema,
  type CheckupFindingWire,
  CheckupListSchema,
  CheckupQuerySchema,
  CheckupSchema,
  type CheckupWire,
  toCheckupFindingWire,
  toCheckupWire,
} from './checkup/checkup.ts';
export { SelfAuditSchema, type SelfAuditWire, toSelfAuditWire } from './checkup/self-audit.ts';
export {
  CustomerListSchema,
  type CustomerQuery,
  CustomerQuerySchema,
  CustomerSchema,
  type CustomerWire,
  LocaleSchema,
  toCustomerWire,
} from './customer/customer.ts';
export { maskAddress, maskMail, maskPhone } from './customer/masking.ts';
export {
  type ChangeCustomerBody,
  ChangeCustomerSchema,
  ChildrenQuerySchema,
  MadeCustomerSchema,
  type MadeCustomerWire,
  type MoveChildBody,
  MoveChildSchema,
  type NewChildrenBody,
  NewChildrenSchema,
  type NewCustomerBody,
  NewCustomerSchema,
  type TransferBody,
  TransferSchema,
} from './customer/organisation.ts';
export { AttemptSchema, type AttemptWire, toAttemptWire } from './debit/attempt.ts';
export {
  AttemptListSchema,
  type AttemptQuery,
  AttemptQuerySchema,
  type ReleaseDebitBody,
  ReleaseDebitSchema,
  type ResolveAttemptBody,
  ResolveAttemptSchema,
} from './debit/by-person.ts';
export {
  DebitListSchema,
  type DebitQuery,
  DebitQuerySchema,
  DebitSchema,
  DebitStateSchema,
  type DebitWire,
  toDebitWire,
} from './debit/debit.ts';
export {
  DebitPlanQuerySchema,
  DebitPlanSchema,
  type DebitPlanWire,
  toDebitPlanWire,
} from './debit/plan.ts';
export {
  DunningCaseListSchema,
  DunningCaseQuerySchema,
  DunningCaseSchema,
  type DunningCaseWire,
  PlanMadeSchema,
  PlanPartSchema,
  type PlanPartWire,
  toDunningCaseWire,
  toPlanPartWire,
} from './dunning/dunning.ts';
export {
  ArrearsCollectedSchema,
  type CollectArrearsBody,
  CollectArrearsSchema,
  type EndCaseBody,
  EndCaseSchema,
  type NewPlanBody,
  NewPlanSchema,
  type NewPromiseBody,
  NewPromiseSchema,
  type PauseCaseBody,
  PauseCaseSchema,
  type ResumeCaseBody,
  ResumeCaseSchema,
} from './dunning/requests.ts';
export {
  BalanceAlertSchema,
  type BalanceAlertWire,
  type NewBalanceAlertBody,
  NewBalanceAlertSchema,
  type RemoveBalanceAlertBody,
  RemoveBalanceAlertSchema,
  toBalanceAlertWire,
} from './entitlement/balance-alert.ts';
export {
  EntitlementSchema,
  EntitlementsQuerySchema,
  EntitlementsSchema,
  type EntitlementWire,
  toEntitlementWire,
} from './entitlement/entitlement.ts';
export { toExportLine } from './entitlement/export.ts';
export {
  type NewOverrideBody,
  NewOverrideSchema,
  OverrideListSchema,
  OverrideQuerySchema,
  OverrideSchema,
  type OverrideWire,
  toOverrideWire,
  type WithdrawOverrideBody,
  WithdrawOverrideSchema,
} from './entitlement/override.ts';
export * from './entitlement/top-up.ts';
export { exampleId, idSchema } from './ids/id.ts';
export {
  AllocationQuerySchema,
  AllocationSchema,
  type AllocationWire,
  toAllocationWire,
} from './invoice/allocation.ts';
export {
  ComparisonQuerySchema,
  ComparisonSchema,
  type ComparisonWire,
} from './invoice/comparison.ts';
export {
  CreditGrantSchema,
  type CreditGrantWire,
  CreditNoteSchema,
  type CreditNoteWire,
  GrantUseSchema,
  type GrantUseWire,
  toCreditGrantWire,
  toCreditNoteWire,
  toGrantUseWire,
} from './invoice/credit.ts';
export {
  CreditedSchema,
  type CreditedWire,
  ReissuedSchema,
  type ReissuedWire,
} from './invoice/credit-outcomes.ts';
export {
  type CreditBody,
  CreditBodySchema,
  CreditDispositionSchema,
  CreditReasonSchema,
} from './invoice/credit-request.ts';
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
export { LineWhySchema, type LineWhyWire, toLineWhyWire } from './invoice/line-why.ts';
export {
  AddedPackSchema,
  type AddedPackWire,
  ChangeOutcomeSchema,
  type ChangeOutcomeWire,
  ComingInvoiceSchema,
  type ComingInvoiceWire,
  PreviewedSchema,
  type PreviewedWire,
  StartedSchema,
  type StartedWire,
  toComingInvoiceWire,
  toWaitingLineWire,
  WaitingLineSchema,
  type WaitingLineWire,
} from './invoice/outcomes.ts';
export {
  type EndMandateBody,
  EndMandateSchema,
  MandateDriftListSchema,
  MandateDriftQuerySchema,
  MandateDriftSchema,
  type MandateDriftWire,
  MandateEndSchema,
  type MandateEndWire,
  toMandateDriftWire,
  toMandateEndWire,
} from './mandate/end.ts';
export {
  MandateListSchema,
  type MandateQuery,
  MandateQuerySchema,
  MandateSchema,
  MandateStateSchema,
  type MandateWire,
  toMandateWire,
} from './mandate/mandate.ts';
export {
  type ConfirmMandateBody,
  ConfirmMandateSchema,
  type MandateOrderBody,
  MandateOrderSchema,
  type NewMandateBody,
  NewMandateSchema,
  SigningBegunSchema,
  type SigningBegunWire,
  toSigningBegunWire,
} from './mandate/signing.ts';
export { SweepBrakeSchema, type SweepBrakeWire, toSweepBrakeWire } from './mandate/sweep-brake.ts';
export { AmountSchema, type AmountWire, toAmountWire, toIntegerWire } from './money/amount.ts';
export { DecimalSchema, toDecimalWire } from './money/decimal.ts';
export {
  type ChangeContactBody,
  ChangeContactSchema,
  ContactSchema,
  type ContactWire,
  fromNoticePreferencesBody,
  type NoticePreferencesBody,
  NoticePreferencesSchema,
  ReachSchema,
  toContactWire,
  toNoticePreferencesWire,
} from './notice/contact.ts';
export { NoticeSchema, type NoticeWire, toNoticeWire } from './notice/notice.ts';
export {
  CustomerNoticesQuerySchema,
  InboxListSchema,
  InboxMessageSchema,
  NoticeListSchema,
  NoticeProofSchema,
  ProofLineSchema,
  ProofQuerySchema,
  toInboxWire,
  toProofWire,
} from './notice/proof.ts';
export {
  type NewTemplateBody,
  NewTemplateSchema,
  OwnTemplateSchema,
  type OwnTemplateWire,
  RenderedSchema,
  TemplateListSchema,
  toOwnTemplateWire,
  toRenderedWire,
  toWordsWire,
  type WordingBody,
  WordingSchema,
} from './notice/template.ts';
export { buildOpenApi, COMPONENT_SCHEMAS, type Json, type JsonObject } from './openapi.ts';
export {
  type NewPayLinkBody,
  NewPayLinkSchema,
  PayLinkListSchema,
  PayLinkQuerySchema,
  PayLinkSchema,
  type PayLinkWire,
  toPayLinkWire,
} from './payment/pay-link.ts';
export {
  BankLineListSchema,
  BankLineQuerySchema,
  BankLineSchema,
  type BankLineWire,
  type ClaimSuggestionWire,
  HandPaymentListSchema,
  HandPaymentQuerySchema,
  HandPaymentSchema,
  type HandPaymentWire,
  LineSuggestionsSchema,
  toBankLineWire,
  toClaimSuggestionWire,
  toHandPaymentWire,
} from './payment/payment.ts';
export {
  type ClaimLineBody,
  ClaimLineSchema,
  HandPaymentRecordedSchema,
  type HandPaymentRecordedWire,
  type NewHandPaymentBody,
  NewHandPaymentSchema,
  type ReverseHandPaymentBody,
  ReverseHandPaymentSchema,
  StatementIntakeSchema,
  type StatementQuery,
  StatementQuerySchema,
} from './payment/requests.ts';
export {
  type NewPolicyBody,
  NewPolicySchema,
  PolicyListSchema,
  PolicyPublishedSchema,
  PolicyQuerySchema,
  PolicySchema,
  type PolicyWire,
  toPolicyWire,
} from './policy/policy.ts';
export {
  type AssignBreakBody,
  AssignBreakSchema,
  type BreakQuery,
  BreakQuerySchema,
  type BreakWire,
  type ResolveBreakBody,
  ResolveBreakSchema,
  toBreakWire,
} from './reconciliation/break.ts';
export {
  type CloseDayBody,
  CloseDaySchema,
  type ReconciliationDayQuery,
  ReconciliationDayQuerySchema,
  type ReconciliationDayWire,
  type ReopenDayBody,
  ReopenDaySchema,
  toReconciliationDayWire,
} from './reconciliation/day.ts';
export {
  QuarantineSchema,
  type QuarantineWire,
  toQuarantineWire,
} from './reconciliation/quarantine.ts';
export {
  MoneyExceptionListSchema,
  MoneyExceptionQuerySchema,
  MoneyExceptionSchema,
  type MoneyExceptionWire,
  RefundListSchema,
  RefundQuerySchema,
  RefundSchema,
  type RefundWire,
  toMoneyExceptionWire,
  toRefundWire,
} from './refund/refund.ts';
export {
  type ApproveRefundBody,
  ApproveRefundSchema,
  type AssignExceptionBody,
  AssignExceptionSchema,
  type DecideRefundBody,
  DecideRefundSchema,
  ExceptionResolvedSchema,
  type ExceptionResolvedWire,
  type NewRefundBody,
  NewRefundSchema,
  RefundsRequestedSchema,
  type RefundsRequestedWire,
  type ResolveExceptionBody,
  ResolveExceptionSchema,
  type ResolveRefundBody,
  ResolveRefundSchema,
} from './refund/requests.ts';
export { readBody } from './result/body.ts';
export { type DryRunQuery, DryRunQuerySchema } from './result/dry-run.ts';
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
  toRefusalProblem,
} from './result/problem.ts';
export {
  AlignSchema,
  type ChangeSubscriptionBody,
  ChangeSubscriptionSchema,
  type ContractBody,
  type NewCouponBody,
  NewCouponSchema,
  type NewGrantBody,
  NewGrantSchema,
  type NewItemBody,
  type PreviewBody,
  PreviewSchema,
  RedeemSchema,
  type StartSubscriptionBody,
  StartSubscriptionSchema,
  UnparkSchema,
} from './subscription/commands.ts';
export {
  AlignmentSchema,
  type AlignmentWire,
  type ImpactTotalsWire,
  RedemptionSchema,
  type RedemptionWire,
  SubscriptionChangeSchema,
  type SubscriptionChangeWire,
  toRedemptionWire,
  toSubscriptionChangeWire,
  UnparkedSchema,
  type UnparkedWire,
} from './subscription/outcomes.ts';
export {
  type ConsentEvidenceBody,
  ConsentQuerySchema,
  ConsentSchema,
  type ConsentWire,
  findPriceChangeFault,
  type NewPriceChangeBody,
  NewPriceChangeSchema,
  type PriceAnswerBody,
  PriceAnswerSchema,
  PriceChangeQuerySchema,
  PriceChangeSchema,
  type PriceChangeWire,
  type PriceNoticeBody,
  PriceNoticeSchema,
  toConsentWire,
  toPriceChangeWire,
} from './subscription/price-change.ts';
export {
  CollectionMethodSchema,
  ContractSchema,
  type ContractWire,
  SubscriptionItemSchema,
  type SubscriptionItemWire,
  SubscriptionListSchema,
  type SubscriptionQuery,
  SubscriptionQuerySchema,
  SubscriptionSchema,
  type SubscriptionWire,
  toSubscriptionWire,
} from './subscription/subscription.ts';
export {
  type FinishTaskBody,
  FinishTaskSchema,
  TaskListSchema,
  TaskQuerySchema,
  TaskSchema,
  type TaskWire,
  toTaskWire,
} from './task/task.ts';
export {
  MeterSchema,
  type MeterWire,
  type NewMeterBody,
  NewMeterSchema,
  toMeterWire,
} from './usage/meter.ts';
export {
  type NewResourcePackBody,
  NewResourcePackSchema,
  ResourcePackSchema,
  type ResourcePackWire,
  toResourcePackWire,
} from './usage/resource-pack.ts';
export {
  type NewThresholdBody,
  NewThresholdSchema,
  ThresholdQuerySchema,
  ThresholdSchema,
  type ThresholdWire,
  toThresholdWire,
} from './usage/threshold.ts';
export {
  CustomerUsageSchema,
  type CustomerUsageWire,
  SubscriptionUsageSchema,
  type SubscriptionUsageWire,
  toAmountOrNull,
  toUnitsWire,
  UsageEventSchema,
  UsageIntakeSchema,
  UsageQuerySchema,
  type UsageQueryWire,
} from './usage/usage.ts';
export {
  toWebhookDeliveryWire,
  WebhookDeliveryListSchema,
  WebhookDeliveryQuerySchema,
  WebhookDeliverySchema,
  type WebhookDeliveryWire,
} from './webhook/delivery.ts';
export {
  type EndWebhookEndpointBody,
  EndWebhookEndpointSchema,
  type NewWebhookEndpointBody,
  NewWebhookEndpointSchema,
  type ReplayWebhookBody,
  ReplayWebhookSchema,
  type RotateWebhookSecretBody,
  RotateWebhookSecretSchema,
  toWebhookEndpointWire,
  WebhookEndpointSchema,
  type WebhookEndpointWire,
  WebhookSecretSchema,
} from './webhook/endpoint.ts';
export {
  EventListSchema,
  EventQuerySchema,
  EventSchema,
  type EventWire,
  toEventWire,
  toWebhookTestWire,
} from './webhook/event.ts';
