import {
  type Break,
  type BreakAction,
  type BreakClass,
  type BreakEnd,
  type BreakState,
  type BreakTemplate,
  type PersonalEnd,
  proposePosting,
  type Resolution,
  type RootCause,
} from '@daikou/core';
import { type Static, Type } from 'typebox';
import { DateSchema, InstantSchema, toDateWire, toInstantWire } from '../calendar/dates.ts';
import { exampleId, idSchema } from '../ids/id.ts';
import { AmountSchema, toAmountWire, toIntegerWire } from '../money/amount.ts';
import { choiceOf, orNull } from '../result/choice.ts';
import { listSchema, PAGE_PARAMETERS } from '../result/list.ts';

const CLASSES = {
  surplus: '长款: the rail has money that our books lack.',
  shortage: '短款: our books have money that the rail lacks.',
  amount_mismatch: '金额不符: both have it, in other amounts.',
  state_mismatch: '状态不符: both have it, in another state or far from its date.',
  cut_off: '跨日: the same money on a day beside ours; ended by itself.',
  duplicate: '重复: the rail names it more than once.',
  unknown_order: '未知: a number that is none of ours.',
  fee_mismatch: '手续费不符: the fee is not the one of the contract.',
  settlement_mismatch: '结算不符: the account statement differs from the bill, or no payout came.',
  currency_mismatch: '币种不符: another currency.',
} as const satisfies Record<BreakClass, string>;

const ACTIONS = {
  query_rail: 'Ask the rail what became of the order.',
  complete_order: 'Book the money where it belongs.',
  refund: 'Return it to the payer.',
  wait_next_bill: 'Wait for the bills of the next days.',
  reverse_credit: 'Take back the credit that lacks its money.',
  adjust: 'Correct our books with a journal.',
  claim_fee: 'Claim the difference from the rail.',
  ask_rail: 'Open a case with the rail.',
  write_off: 'Write it off, by two people.',
  none: 'Nothing.',
} as const satisfies Record<BreakAction, string>;

const CAUSES = {
  not_known: 'Not known.',
  number_not_ours: 'The number is none of ours.',
  success_not_learned: 'We hold the order as unpaid.',
  refund_not_learned: 'We hold the refund as not paid.',
  not_in_the_bill: 'No bill names it.',
  amount_differs: 'The amounts differ.',
  currency_differs: 'The currencies differ.',
  dated_on_another_day: 'The dates differ.',
  listed_twice: 'Several lines name it.',
  fee_differs_from_contract: 'The fee is not the one of the contract.',
  statement_differs_from_bill: 'The sums of statement and bill differ.',
  held_or_released_by_rail: 'The rail held, released, added or took money.',
  payout_not_arrived: 'No bank line shows the payout in time.',
  came_after_the_end: 'The money came after a person had ended its shortage.',
  issued_again_after_the_end: 'The rail issued the bill again without what a person had ended.',
} as const satisfies Record<RootCause, string>;

const STATES = {
  pooled: '存疑: it waits for the bills of the next two days.',
  open: 'It counts as a difference, and its amount is parked in suspense.',
  resolved: 'Ended by evidence.',
} as const satisfies Record<BreakState, string>;

const PERSONAL_ENDS = {
  booked: 'Another journal booked the money where it belongs; what was parked is taken back.',
  reversed: 'The credit that lacked its money was taken back.',
  write_off: 'It becomes a gain or a loss. Two people.',
  claim_fee: 'The rail owes the difference.',
  accepted: 'Nothing is to be posted.',
} as const satisfies Record<PersonalEnd, string>;

const ENDS = {
  ...PERSONAL_ENDS,
  matched_later: 'A bill of a day beside it, or a bank line, named the money.',
  superseded: 'The rail issued the file again without the difference.',
} as const satisfies Record<Resolution, string>;

const EVIDENCE = {
  bill_line: 'A line of a bill, as bill#line.',
  bill: 'A bill.',
  journal: 'A journal in our books.',
  payment: 'A payment in our books.',
  approval: 'Who approved it.',
  note: 'A note in words.',
} as const satisfies Record<BreakEnd['evidence']['kind'], string>;

const TEMPLATES = {
  parked: 'The clearing account follows the rail, against suspense.',
  unparked: 'What was parked is taken back.',
  writtenOff: 'What is parked becomes a gain or a loss.',
  feeClaimed: 'The rail owes what it kept beyond the contract.',
} as const satisfies Record<BreakTemplate, string>;

const EvidenceSchema = Type.Object(
  {
    kind: choiceOf<BreakEnd['evidence']['kind']>(EVIDENCE),
    reference: Type.String({ minLength: 1, maxLength: 200 }),
  },
  { additionalProperties: false },
);

/** A difference that reconciliation found, on the wire (差错). */
export const BreakSchema = Type.Object(
  {
    id: idSchema('brk'),
    bill_id: orNull(idSchema('bil')),
    rail: Type.String(),
    business_date: DateSchema,
    class: choiceOf<BreakClass>(CLASSES),
    order_number: Type.String({ description: 'The order, or what of a statement it is about.' }),
    refund_number: orNull(Type.String()),
    line_number: orNull(Type.Integer({ description: 'The line of the bill.' })),
    attempt_id: orNull(idSchema('att')),
    rail_amount: orNull(AmountSchema),
    our_amount: orNull(AmountSchema),
    difference: orNull(AmountSchema),
    owner: Type.String(),
    suggested_action: choiceOf<BreakAction>(ACTIONS),
    root_cause: choiceOf<RootCause>(CAUSES),
    state: choiceOf<BreakState>(STATES),
    opened_at: InstantSchema,
    proposed_posting: orNull(
      Type.Object(
        {
          template: choiceOf<BreakTemplate>(TEMPLATES),
          entries: Type.Array(
            Type.Object(
              {
                account: Type.String(),
                amount: Type.Integer({ description: 'Debit above zero, credit below.' }),
              },
              { additionalProperties: false },
            ),
          ),
        },
        { additionalProperties: false },
      ),
    ),
    note: orNull(Type.String()),
    end: orNull(
      Type.Object(
        {
          at: InstantSchema,
          by: Type.String(),
          how: choiceOf<Resolution>(ENDS),
          evidence: EvidenceSchema,
        },
        { additionalProperties: false },
      ),
    ),
  },
  {
    title: 'Break',
    additionalProperties: false,
    description: 'A difference between a rail’s files and our books (差错). Only evidence ends it.',
    examples: [
      {
        id: exampleId('brk'),
        bill_id: exampleId('bil'),
        rail: 'example_rail',
        business_date: '2026-03-10',
        class: 'shortage',
        order_number: 'D0K2M3N4P5Q6R7S8T9U0V1W2X3N1',
        refund_number: null,
        line_number: null,
        attempt_id: exampleId('att'),
        rail_amount: null,
        our_amount: { amount: 2_985, currency: 'CNY' },
        difference: { amount: -2_985, currency: 'CNY' },
        owner: 'finance',
        suggested_action: 'query_rail',
        root_cause: 'not_in_the_bill',
        state: 'open',
        opened_at: '2026-03-11T02:00:00.000Z',
        proposed_posting: {
          template: 'writtenOff',
          entries: [
            { account: '1221', amount: -2_985 },
            { account: '6711', amount: 2_985 },
          ],
        },
        note: null,
        end: null,
      },
    ],
  },
);

export type BreakWire = Static<typeof BreakSchema>;

export const BreakListSchema = listSchema('BreakList', BreakSchema);

export function toBreakWire(found: Break): BreakWire {
  const { end, difference, railAmount, ourAmount } = found;
  const posting = proposePosting(found);
  const amountOrNull = (amount: Break['difference']) =>
    amount === undefined ? null : toAmountWire(amount);
  return {
    id: found.id,
    bill_id: found.billId ?? null,
    rail: found.rail,
    business_date: toDateWire(found.businessDate),
    class: found.class,
    order_number: found.orderNumber,
    refund_number: found.refundNumber ?? null,
    line_number: found.lineNumber ?? null,
    attempt_id: found.attemptId ?? null,
    rail_amount: amountOrNull(railAmount),
    our_amount: amountOrNull(ourAmount),
    difference: amountOrNull(difference),
    owner: found.owner,
    suggested_action: found.suggestedAction,
    root_cause: found.rootCause,
    state: found.state,
    opened_at: toInstantWire(found.openedAt),
    proposed_posting:
      posting === undefined
        ? null
        : {
            template: posting.template,
            entries: posting.entries.map(({ account, minor }) => ({
              account,
              amount: toIntegerWire(minor),
            })),
          },
    note: found.note ?? null,
    end:
      end === undefined
        ? null
        : { at: toInstantWire(end.at), by: end.by, how: end.how, evidence: { ...end.evidence } },
  };
}

/** What `GET /v1/reconciliation/breaks` may be asked. */
export const BreakQuerySchema = Type.Object(
  {
    ...PAGE_PARAMETERS,
    rail: Type.Optional(Type.String({ minLength: 1, maxLength: 40 })),
    business_date: Type.Optional(DateSchema),
    state: Type.Optional(choiceOf<BreakState>(STATES)),
    class: Type.Optional(choiceOf<BreakClass>(CLASSES)),
    owner: Type.Optional(Type.String({ minLength: 1, maxLength: 100 })),
  },
  { additionalProperties: false },
);

export type BreakQuery = Static<typeof BreakQuerySchema>;

export const ResolveBreakSchema = Type.Object(
  {
    how: choiceOf<PersonalEnd>(PERSONAL_ENDS),
    by: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 100,
        description: 'Who; the label of the key when left out.',
      }),
    ),
    evidence: Type.Optional(EvidenceSchema),
    approved_by: Type.Optional(
      Type.String({ minLength: 1, maxLength: 100, description: 'Somebody else, of a write-off.' }),
    ),
    note: Type.Optional(Type.String({ maxLength: 500 })),
  },
  {
    title: 'ResolveBreak',
    additionalProperties: false,
    examples: [
      { how: 'booked', by: 'Anna', evidence: { kind: 'payment', reference: exampleId('pay') } },
    ],
  },
);

export type ResolveBreakBody = Static<typeof ResolveBreakSchema>;

export const AssignBreakSchema = Type.Object(
  {
    owner: Type.String({ minLength: 1, maxLength: 100, description: 'A role or a person.' }),
    note: Type.Optional(Type.String({ maxLength: 500 })),
  },
  { title: 'AssignBreak', additionalProperties: false, examples: [{ owner: 'Anna' }] },
);

export type AssignBreakBody = Static<typeof AssignBreakSchema>;
