import {
  type ARREARS_CAUSES,
  type ArrearsFinding,
  type CauseSentences,
  explainCause,
  type Locale,
  REMEDIES,
} from '@daikou/core';
import { Type } from 'typebox';
import { DateSchema, InstantSchema, toDateWire, toInstantWire } from '../calendar/dates.ts';
import { exampleId, idSchema } from '../ids/id.ts';
import { AmountSchema, toAmountWire } from '../money/amount.ts';
import { choiceOf, orNull } from '../result/choice.ts';

/** What each cause means, for whoever reads the document. */
export const CAUSE_MEANINGS = {
  forgot: 'Nobody paid a bill that could have been paid.',
  insufficient_balance: 'The account held too little.',
  method_or_account_data: 'The method, the mandate or the address no longer works.',
  rail_or_system_fault: 'The rail failed, or our bill or notices did.',
  price_or_policy_change: 'The merchant asks more for the same.',
  growth: 'More seats, usage or features.',
  contract_change: 'A minimum, an agreed price or an early end.',
  dispute: 'The customer contests it, or took the money back.',
} as const satisfies Record<(typeof ARREARS_CAUSES)[number], string>;

const EvidenceSchema = Type.Object(
  {
    kind: Type.String({ description: 'attempt, notice, mandate, invoice, incident, …' }),
    ref: Type.String({ description: 'The id of the row, or what else it is known by.' }),
    at: orNull(InstantSchema),
    key: Type.String({ description: 'What it says, as a word; the sentence says it in full.' }),
    sentence: Type.String(),
  },
  { additionalProperties: false },
);

const CounterfactualSchema = Type.Object(
  {
    result: choiceOf({
      prevented: 'It would have prevented the arrears.',
      not_prevented: 'It would not have.',
      unknown: 'The facts can be read both ways.',
    }),
    reason: Type.String(),
    sentence: Type.String(),
  },
  { additionalProperties: false },
);

/** Why an invoice is overdue. */
export const CauseSchema = Type.Object(
  {
    invoice_id: idSchema('inv'),
    moment: choiceOf({
      overdue: 'While it is overdue, by what is on file now.',
      ended: 'When its arrears ended.',
    }),
    rule_set: Type.Integer({ description: 'The number of the rules that found it.' }),
    due_date: DateSchema,
    owed: AmountSchema,
    found_at: InstantSchema,
    primary: choiceOf(CAUSE_MEANINGS),
    sentence: Type.String(),
    causes: Type.Array(
      Type.Object(
        {
          cause: choiceOf(CAUSE_MEANINGS),
          basis_points: Type.Integer({ minimum: 1, maximum: 10_000 }),
          evidence: Type.Array(EvidenceSchema),
        },
        { additionalProperties: false },
      ),
      { description: 'The stronger first; their basis points are 10,000 in all.' },
    ),
    counterfactuals: Type.Object(
      {
        auto_debit: CounterfactualSchema,
        reminder: CounterfactualSchema,
        plan_change: CounterfactualSchema,
        other_method: CounterfactualSchema,
      },
      { additionalProperties: false },
    ),
    fix: Type.Object(
      {
        kind: choiceOf(CAUSE_MEANINGS),
        action: Type.String({ description: 'send_pay_link, begin_mandate, retry_after_payday, …' }),
        owner: choiceOf({
          customer: 'The customer.',
          support: 'Support.',
          finance: 'Finance.',
          operations: 'Operations.',
        }),
        sentence: Type.String(),
      },
      { additionalProperties: false },
    ),
  },
  {
    title: 'ArrearsCause',
    additionalProperties: false,
    description: 'Why an invoice is overdue, by rules that are written down.',
    examples: [
      {
        invoice_id: exampleId('inv'),
        moment: 'overdue',
        rule_set: 1,
        due_date: '2026-03-10',
        owed: { amount: 9_300, currency: 'CNY' },
        found_at: '2026-03-11T01:00:00.000Z',
        primary: 'insufficient_balance',
        sentence: 'Overdue because: not enough money in the account 100%',
        causes: [
          {
            cause: 'insufficient_balance',
            basis_points: 10_000,
            evidence: [
              {
                kind: 'attempt',
                ref: exampleId('att'),
                at: '2026-03-09T23:30:00.000Z',
                key: 'refused',
                sentence: '2026-03-10: refused, not enough money (NOTENOUGH)',
              },
            ],
          },
        ],
        counterfactuals: {
          auto_debit: {
            result: 'not_prevented',
            reason: 'is_collected_already',
            sentence: 'Direct debit would not have prevented it: it is debited already',
          },
          reminder: {
            result: 'unknown',
            reason: 'money_came_late',
            sentence: 'A reminder cannot be told: when money comes is not known',
          },
          plan_change: {
            result: 'not_prevented',
            reason: 'not_the_plan',
            sentence: 'Another plan would not have prevented it: the plan is not the matter',
          },
          other_method: {
            result: 'unknown',
            reason: 'no_other_method',
            sentence: 'Another payment method cannot be told: no other method is on file',
          },
        },
        fix: {
          kind: 'insufficient_balance',
          action: 'retry_after_payday',
          owner: 'finance',
          sentence: 'Next: Debit again when money is there (finance)',
        },
      },
    ],
  },
);

export type CauseWire = Type.Static<typeof CauseSchema>;

/** The finding for the wire, its sentences in `locale`. */
export function toCauseWire(
  found: ArrearsFinding,
  names: { readonly locale: Locale; readonly zone: string },
): CauseWire {
  const { finding } = found;
  const said = explainCause(finding, names);
  return {
    invoice_id: found.invoiceId,
    moment: found.moment,
    rule_set: found.ruleSet,
    due_date: toDateWire(found.dueDate),
    owed: toAmountWire(found.owed),
    found_at: toInstantWire(found.at),
    primary: finding.primary,
    sentence: said.line,
    causes: finding.causes.map(({ cause, share, evidence }, index) => ({
      cause,
      basis_points: Number(share),
      evidence: evidence.map(({ kind, ref, at, key }, place) => ({
        kind,
        ref,
        at: at === undefined ? null : toInstantWire(at),
        key,
        sentence: said.evidence[index]?.[place] ?? '',
      })),
    })),
    counterfactuals: {
      auto_debit: counterfactualOf(found, said, 'autoDebit'),
      reminder: counterfactualOf(found, said, 'reminder'),
      plan_change: counterfactualOf(found, said, 'planChange'),
      other_method: counterfactualOf(found, said, 'otherMethod'),
    },
    fix: { ...finding.fix, sentence: said.fix },
  };
}

function counterfactualOf(
  { finding }: ArrearsFinding,
  said: CauseSentences,
  remedy: (typeof REMEDIES)[number],
): CauseWire['counterfactuals']['reminder'] {
  const { result, reason } = finding.counterfactuals[remedy];
  return { result, reason, sentence: said.counterfactuals[REMEDIES.indexOf(remedy)] ?? '' };
}
