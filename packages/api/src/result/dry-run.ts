import { Type } from 'typebox';

/** What every path takes that can say beforehand what it would do. */
export const DryRunQuerySchema = Type.Object(
  {
    dry_run: Type.Optional(
      Type.Boolean({
        default: false,
        description: 'Answers what would happen, and changes nothing.',
      }),
    ),
  },
  { additionalProperties: false },
);

export type DryRunQuery = Type.Static<typeof DryRunQuerySchema>;
