import {
  type Checkup,
  type CheckupFinding,
  type CheckupVerdict,
  callOf,
  type FindingAction,
  type FindingCode,
  type FindingOwner,
  type FindingSeverity,
  type FindingState,
} from '@daikou/core';
import { Type } from 'typebox';
import { DateSchema, InstantSchema, toDateWire, toInstantWire } from '../calendar/dates.ts';
import { exampleId, idSchema } from '../ids/id.ts';
import { choiceOf, orNull } from '../result/choice.ts';
import { listSchema, PAGE_PARAMETERS } from '../result/list.ts';

const VERDICTS = {
  ok: 'Nothing stands in the way of the debit.',
  findings: 'Something was found; the debit goes on.',
  blocked: 'Something holds the debit until it is mended or accepted.',
} as const satisfies Record<CheckupVerdict, string>;

const CODES = {
  method_dead: 'No mandate in force, or its card is over before the debit.',
  method_refused: 'The rail refused the last debit because of the account.',
  method_expiring: 'The card is over soon after the debit.',
  cap_below_amount: 'The amount is above the mandate’s cap for one debit.',
  mandate_drift: 'The mandate and the rail’s word about it differ.',
  amount_unlike_contract: 'A line is not at the agreed price or is beyond the contract.',
  amount_unlike_history: 'The amount is far above what was paid before.',
  duplicate_subscription: 'The same user pays for the same thing twice.',
  unused_service: 'Metered, billed, and not used for whole periods.',
  notice_unreachable: 'The payer cannot be told of the debit.',
  price_change_pending: 'A price change has no answer yet.',
  trial_converting: 'The first real debit after a trial.',
  approver_missing: 'Nobody of the organisation is recorded as having approved.',
} as const satisfies Record<FindingCode, string>;

const SEVERITIES = {
  info: 'Good to know.',
  warn: 'Somebody should act.',
  blocks: 'The debit is held meanwhile.',
} as const satisfies Record<FindingSeverity, string>;

const OWNERS = {
  payer: 'The payer.',
  admin: 'The payer’s administrator.',
  support: 'The merchant’s customer service.',
  finance: 'The merchant’s finance.',
} as const satisfies Record<FindingOwner, string>;

const ACTIONS = {
  sign_again: 'Sign a mandate.',
  raise_cap: 'Sign a mandate with a higher cap.',
  change_method: 'Put another method first.',
  change_contact: 'Add or correct a contact.',
  answer_price_change: 'Agree or object to the new price.',
  end_subscription: 'End the subscription.',
  confirm_amount: 'Accept the finding.',
  look_at_drift: 'Look at what the rail says.',
} as const satisfies Record<FindingAction, string>;

const STATES = {
  open: 'Found, and not mended yet.',
  cured: 'A later look did not find it any more.',
  accepted: 'A person takes it as it is.',
} as const satisfies Record<FindingState, string>;

const FINDING_EXAMPLE = {
  id: exampleId('cfd'),
  invoice_id: exampleId('inv'),
  code: 'cap_below_amount',
  about: exampleId('man'),
  severity: 'blocks',
  owner: 'payer',
  sentence_zh: '2026-03-10 应扣 ¥29.85，超过协议单笔上限 ¥20.00。',
  sentence_en: '¥29.85 falls due on 2026-03-10, above the cap of ¥20.00 for one debit.',
  action: { name: 'raise_cap', method: 'POST', path: '/v1/mandates' },
  evidence: [exampleId('man')],
  state: 'open',
  accepted_by: null,
  remark: null,
  found_at: '2026-03-02T00:05:00.000Z',
  told_at: '2026-03-02T00:05:00.000Z',
  ended_at: null,
};

/** One thing that a look before a debit found, on the wire (检查项). */
export const CheckupFindingSchema = Type.Object(
  {
    id: idSchema('cfd'),
    invoice_id: idSchema('inv'),
    code: choiceOf<FindingCode>(CODES),
    about: Type.String({ description: 'The id of what it is about.' }),
    severity: choiceOf<FindingSeverity>(SEVERITIES),
    owner: choiceOf<FindingOwner>(OWNERS),
    sentence_zh: Type.String(),
    sentence_en: Type.String(),
    action: Type.Object(
      {
        name: choiceOf<FindingAction>(ACTIONS),
        method: Type.String(),
        path: Type.String({ description: 'What its button calls.' }),
      },
      { additionalProperties: false },
    ),
    evidence: Type.Array(Type.String(), { description: 'The ids of the rows that prove it.' }),
    state: choiceOf<FindingState>(STATES),
    accepted_by: orNull(Type.String()),
    remark: orNull(Type.String()),
    found_at: InstantSchema,
    told_at: orNull(InstantSchema),
    ended_at: orNull(InstantSchema),
  },
  {
    title: 'CheckupFinding',
    additionalProperties: false,
    description: 'One thing that a look before a debit found.',
    examples: [FINDING_EXAMPLE],
  },
);

export type CheckupFindingWire = Type.Static<typeof CheckupFindingSchema>;

/** A finding in its wire form, with where its button leads. */
export function toCheckupFindingWire(finding: CheckupFinding): CheckupFindingWire {
  const { customerId } = finding;
  const call = callOf(finding, { findingId: finding.id, customerId });
  return {
    id: finding.id,
    invoice_id: finding.invoiceId,
    code: finding.code,
    about: finding.about,
    severity: finding.severity,
    owner: finding.owner,
    sentence_zh: finding.sentenceZh,
    sentence_en: finding.sentenceEn,
    action: { name: finding.action, ...call },
    evidence: [...finding.evidence],
    state: finding.state,
    accepted_by: finding.acceptedBy ?? null,
    remark: finding.remark ?? null,
    found_at: toInstantWire(finding.foundAt),
    told_at: finding.toldAt === undefined ? null : toInstantWire(finding.toldAt),
    ended_at: finding.endedAt === undefined ? null : toInstantWire(finding.endedAt),
  };
}

/** The check of an invoice before its debit, on the wire (扣费前体检). */
export const CheckupSchema = Type.Object(
  {
    id: idSchema('chk'),
    invoice_id: idSchema('inv'),
    customer_id: idSchema('cus'),
    verdict: orNull(choiceOf<CheckupVerdict>(VERDICTS)),
    debit_date: DateSchema,
    rule_version: Type.Integer({ description: 'Of the policy `checkup`; 0 are the defaults.' }),
    looked_at: orNull(InstantSchema),
    look_at: orNull(InstantSchema),
    findings: Type.Array(CheckupFindingSchema),
  },
  {
    title: 'Checkup',
    additionalProperties: false,
    description: 'The check of an invoice before its debit; no verdict until the first look.',
    examples: [
      {
        id: exampleId('chk'),
        invoice_id: exampleId('inv'),
        customer_id: exampleId('cus'),
        verdict: 'blocked',
        debit_date: '2026-03-10',
        rule_version: 0,
        looked_at: '2026-03-02T00:05:00.000Z',
        look_at: '2026-03-09T01:00:00.000Z',
        findings: [FINDING_EXAMPLE],
      },
    ],
  },
);

export type CheckupWire = Type.Static<typeof CheckupSchema>;

/** A checkup in its wire form. */
export function toCheckupWire(read: {
  readonly checkup: Checkup;
  readonly findings: readonly CheckupFinding[];
}): CheckupWire {
  const { checkup, findings } = read;
  return {
    id: checkup.id,
    invoice_id: checkup.invoiceId,
    customer_id: checkup.customerId,
    verdict: checkup.verdict ?? null,
    debit_date: toDateWire(checkup.debitDate),
    rule_version: checkup.ruleVersion,
    looked_at: checkup.lookedAt === undefined ? null : toInstantWire(checkup.lookedAt),
    look_at: checkup.lookAt === undefined ? null : toInstantWire(checkup.lookAt),
    findings: findings.map(toCheckupFindingWire),
  };
}

export const CheckupListSchema = listSchema('CheckupList', CheckupSchema);

/** What `GET /v1/checkups` may be asked. */
export const CheckupQuerySchema = Type.Object(
  {
    ...PAGE_PARAMETERS,
    verdict: Type.Optional(choiceOf<CheckupVerdict>(VERDICTS)),
    date: Type.Optional(
      Type.String({ format: 'date', description: 'The day of the debit, YYYY-MM-DD.' }),
    ),
  },
  { additionalProperties: false },
);

/** What `POST /v1/checkup-findings/{id}/accept` takes. */
export const AcceptFindingSchema = Type.Object(
  {
    by: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 80,
        description: 'Who it is; the label of the API key when left out.',
      }),
    ),
    remark: Type.Optional(Type.String({ minLength: 1, maxLength: 500 })),
  },
  {
    title: 'AcceptFinding',
    additionalProperties: false,
    examples: [{ by: 'Anna', remark: 'The customer ordered ten more seats.' }],
  },
);

export type AcceptFindingBody = Type.Static<typeof AcceptFindingSchema>;
