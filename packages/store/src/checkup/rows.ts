import {
  bucketOf,
  type Checkup,
  type CheckupFinding,
  fromUuid,
  type Id,
  type IdPrefix,
  invariant,
  kindOfId,
  type SelfAuditPlan,
  toUuid,
} from '@daikou/core';
import type { NewRow } from '../array-write.ts';
import { asIs, fromDate, fromInstant, given, orNull, toDate, toInstant } from '../columns.ts';
import { list, type Shape } from '../json-shape.ts';
import type { Tables } from '../schema.generated.ts';

/** An id of any kind, with its prefix. */
const anyId: Shape<Id> = { to: (value) => value, from: toAnyId };
const ids: Shape<readonly Id[]> = list(anyId);

function toAnyId(json: unknown): Id {
  invariant(typeof json === 'string' && kindOfId(json) !== undefined, 'an id has its kind');
  return json as Id<IdPrefix>;
}

export function toCheckupRow(checkup: Checkup): NewRow<'checkups'> {
  return {
    bucket: bucketOf(checkup.id),
    merchant_id: toUuid(checkup.merchantId),
    id: toUuid(checkup.id),
    customer_id: toUuid(checkup.customerId),
    invoice_id: toUuid(checkup.invoiceId),
    verdict: orNull(checkup.verdict, asIs),
    debit_date: toDate(checkup.debitDate),
    rule_version: checkup.ruleVersion,
    looked_at: orNull(checkup.lookedAt, toInstant),
    look_at: orNull(checkup.lookAt, toInstant),
    created_at: toInstant(checkup.createdAt),
  };
}

export function fromCheckupRow(row: Tables['checkups']): Checkup {
  return {
    id: fromUuid('chk', row.id),
    merchantId: fromUuid('mer', row.merchant_id),
    customerId: fromUuid('cus', row.customer_id),
    invoiceId: fromUuid('inv', row.invoice_id),
    ...given('verdict', row.verdict, (text) => text as NonNullable<Checkup['verdict']>),
    debitDate: fromDate(row.debit_date),
    ruleVersion: row.rule_version,
    ...given('lookedAt', row.looked_at, fromInstant),
    ...given('lookAt', row.look_at, fromInstant),
    createdAt: fromInstant(row.created_at),
  };
}

export function toFindingRow(finding: CheckupFinding): NewRow<'checkup_findings'> {
  return {
    bucket: bucketOf(finding.id),
    merchant_id: toUuid(finding.merchantId),
    id: toUuid(finding.id),
    customer_id: toUuid(finding.customerId),
    checkup_id: toUuid(finding.checkupId),
    invoice_id: toUuid(finding.invoiceId),
    code: finding.code,
    about: finding.about,
    severity: finding.severity,
    owner: finding.owner,
    sentence_zh: finding.sentenceZh,
    sentence_en: finding.sentenceEn,
    action: finding.action,
    evidence: ids.to(finding.evidence),
    state: finding.state,
    found_at: toInstant(finding.foundAt),
    ended_at: orNull(finding.endedAt, toInstant),
    accepted_by: orNull(finding.acceptedBy, asIs),
    remark: orNull(finding.remark, asIs),
    told_at: orNull(finding.toldAt, toInstant),
  };
}

export function fromFindingRow(row: Tables['checkup_findings']): CheckupFinding {
  return {
    id: fromUuid('cfd', row.id),
    merchantId: fromUuid('mer', row.merchant_id),
    customerId: fromUuid('cus', row.customer_id),
    checkupId: fromUuid('chk', row.checkup_id),
    invoiceId: fromUuid('inv', row.invoice_id),
    code: row.code as CheckupFinding['code'],
    about: toAnyId(row.about),
    severity: row.severity as CheckupFinding['severity'],
    owner: row.owner as CheckupFinding['owner'],
    sentenceZh: row.sentence_zh,
    sentenceEn: row.sentence_en,
    action: row.action as CheckupFinding['action'],
    evidence: ids.from(row.evidence),
    state: row.state as CheckupFinding['state'],
    foundAt: fromInstant(row.found_at),
    ...given('endedAt', row.ended_at, fromInstant),
    ...given('acceptedBy', row.accepted_by, asIs),
    ...given('remark', row.remark, asIs),
    ...given('toldAt', row.told_at, fromInstant),
  };
}

export function toSelfAuditRow(plan: SelfAuditPlan): NewRow<'self_audits'> {
  return {
    bucket: bucketOf(plan.customerId),
    merchant_id: toUuid(plan.merchantId),
    customer_id: toUuid(plan.customerId),
    next_at: orNull(plan.nextAt, toInstant),
    month: orNull(plan.month, toDate),
  };
}

export function fromSelfAuditRow(row: Tables['self_audits']): SelfAuditPlan {
  return {
    merchantId: fromUuid('mer', row.merchant_id),
    customerId: fromUuid('cus', row.customer_id),
    ...given('nextAt', row.next_at, fromInstant),
    ...given('month', row.month, fromDate),
  };
}
