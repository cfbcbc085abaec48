import type { SweepBrake } from '@daikou/core';
import { Type } from 'typebox';
import { InstantSchema, toInstantWire } from '../calendar/dates.ts';

/** A comparison with a rail that was not believed, on the wire. */
export const SweepBrakeSchema = Type.Object(
  {
    rail: Type.String(),
    compared: Type.Integer({
      minimum: 1,
      description: 'Mandates it was asked about.',
    }),
    not_found: Type.Integer({ minimum: 1, description: 'Those that it does not find.' }),
    found_at: InstantSchema,
  },
  {
    title: 'SweepBrake',
    additionalProperties: false,
    description:
      'A rail does not find so many mandates that none was ended: a wrong merchant number, plan ' +
      'or key looks so. A person confirms it, or a later comparison finds them again.',
    examples: [
      {
        rail: 'example_rail',
        compared: 1_200,
        not_found: 1_200,
        found_at: '2026-03-06T01:00:00.000Z',
      },
    ],
  },
);

export type SweepBrakeWire = Type.Static<typeof SweepBrakeSchema>;

/** A brake in its wire form. */
export function toSweepBrakeWire(brake: SweepBrake): SweepBrakeWire {
  const { rail, compared, notFound, foundAt } = brake;
  return { rail, compared, not_found: notFound, found_at: toInstantWire(foundAt) };
}
