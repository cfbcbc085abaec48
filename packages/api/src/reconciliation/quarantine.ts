import type { Quarantine, QuarantineFinding, ReleaseObstacle } from '@daikou/core';
import { type Static, Type } from 'typebox';
import { InstantSchema, toInstantWire } from '../calendar/dates.ts';
import { AmountSchema, toAmountWire } from '../money/amount.ts';
import { choiceOf, orNull } from '../result/choice.ts';

const KINDS = {
  mandate_signed: 'A contract that was signed since the backup.',
  mandate_ended: 'A contract that ended since the backup.',
  attempt: 'Another order number of a debit that the backup knows.',
  debit: 'A paid order that the backup does not know; its money became balance.',
  order_unknown: 'A paid order that names nobody: a person settles it.',
  refund: 'A refund of a payment that the backup knows: booked again.',
  refund_unknown: 'A refund that the books do not have: a person settles it.',
} as const satisfies Record<QuarantineFinding['kind'], string>;

const OBSTACLES = {
  not_learned: 'Not every question to the rails is answered.',
  rail_missing: 'A rail is not connected.',
  bill_missing: 'The bill of a date has not come.',
  number_open: 'What became of a number is not known.',
  for_person: 'A person has to settle a number.',
  doctor: 'The books break a rule.',
} as const satisfies Record<ReleaseObstacle['kind'], string>;

/** Whether the merchant is held after a restore, what was learned and what is in the way. */
export const QuarantineSchema = Type.Object(
  {
    state: choiceOf<'none' | 'open'>({
      none: 'Debits and refunds leave as usual.',
      open: 'Nothing is sent until what happened since the backup is learned.',
    }),
    backup_made_at: orNull(InstantSchema),
    restored_at: orNull(InstantSchema),
    asked_at: orNull(InstantSchema),
    learned_at: orNull(InstantSchema),
    obstacles: Type.Array(
      Type.Object(
        {
          kind: choiceOf<ReleaseObstacle['kind']>(OBSTACLES),
          about: Type.String({ description: 'Which date, number or rail; may be empty.' }),
        },
        { additionalProperties: false },
      ),
    ),
    findings: Type.Array(
      Type.Object(
        {
          kind: choiceOf<QuarantineFinding['kind']>(KINDS),
          rail: Type.String(),
          number: Type.String(),
          outcome: Type.String(),
          amount: orNull(AmountSchema),
          needs_person: Type.Boolean(),
          found_at: InstantSchema,
          resolved_by: orNull(Type.String()),
          note: orNull(Type.String()),
        },
        { additionalProperties: false },
      ),
    ),
  },
  {
    title: 'Quarantine',
    additionalProperties: false,
    description: 'Whether the merchant is held after a restore, and what is in the way.',
    examples: [
      {
        state: 'open',
        backup_made_at: '2026-03-10T02:00:00.000Z',
        restored_at: '2026-03-11T02:00:00.000Z',
        asked_at: '2026-03-11T02:05:00.000Z',
        learned_at: null,
        obstacles: [{ kind: 'bill_missing', about: 'example_rail 2026-03-11' }],
        findings: [],
      },
    ],
  },
);

export type QuarantineWire = Static<typeof QuarantineSchema>;

export function toQuarantineWire(
  status:
    | {
        readonly quarantine: Quarantine;
        readonly findings: readonly QuarantineFinding[];
        readonly obstacles: readonly ReleaseObstacle[];
      }
    | undefined,
): QuarantineWire {
  const quarantine = status?.quarantine;
  const at = (instant: Temporal.Instant | undefined) =>
    instant === undefined ? null : toInstantWire(instant);
  return {
    state: quarantine === undefined ? 'none' : 'open',
    backup_made_at: at(quarantine?.backupMadeAt),
    restored_at: at(quarantine?.restoredAt),
    asked_at: at(quarantine?.askedAt),
    learned_at: at(quarantine?.learnedAt),
    obstacles: (status?.obstacles ?? []).map(({ kind, about }) => ({ kind, about })),
    findings: (status?.findings ?? []).map((one) => ({
      kind: one.kind,
      rail: one.rail,
      number: one.number,
      outcome: one.outcome,
      amount: one.amount === undefined ? null : toAmountWire(one.amount),
      needs_person: one.needsPerson,
      found_at: toInstantWire(one.foundAt),
      resolved_by: one.resolved?.by ?? null,
      note: one.resolved?.note ?? null,
    })),
  };
}
