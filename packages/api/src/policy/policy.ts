import type { JsonObject, Policy, PolicyKind } from '@daikou/core';
import { Type } from 'typebox';
import { InstantSchema, toInstantWire } from '../calendar/dates.ts';
import { exampleId, idSchema } from '../ids/id.ts';
import { choiceOf, orNull } from '../result/choice.ts';
import { exampleOf } from '../result/example.ts';

const KINDS = {
  notice_rules: 'Days, channels and proofs of the notices before a debit (扣费前通知).',
  campaign: 'The steps of dunning (催缴).',
  arrears: 'When service is warned, suspended and restored (欠费与停服).',
  late_fee: 'What is added to what is overdue (滞纳金).',
  termination_fee: 'What leaving a contract early costs (违约金).',
  checkup: 'What is looked at before a debit (扣费前体检).',
} as const satisfies Record<PolicyKind, string>;

const BODY = Type.Unsafe<JsonObject>(
  Type.Object({}, { additionalProperties: true, description: 'See docs/reference/policies.md.' }),
);

/** A version of what a merchant decided, on the wire. */
export const PolicySchema = Type.Object(
  {
    id: idSchema('pol'),
    kind: choiceOf<PolicyKind>(KINDS),
    code: Type.String(),
    version: Type.Integer({ minimum: 1 }),
    body: BODY,
    published_by: Type.String(),
    published_at: InstantSchema,
  },
  {
    title: 'Policy',
    additionalProperties: false,
    description: 'A version of a policy. Versions are never edited; the newest of a code holds.',
    examples: [
      {
        id: exampleId('pol'),
        kind: 'arrears',
        code: 'default',
        version: 1,
        body: {},
        published_by: 'Anna',
        published_at: '2026-03-12T02:00:00.000Z',
      },
    ],
  },
);

export type PolicyWire = Type.Static<typeof PolicySchema>;

/** A policy in its wire form. */
export function toPolicyWire(policy: Policy): PolicyWire {
  const { id, kind, code, version, body, publishedBy, publishedAt } = policy;
  const published = { published_by: publishedBy, published_at: toInstantWire(publishedAt) };
  return { id, kind, code, version, body, ...published };
}

/** What `POST /v1/policies` takes. */
export const NewPolicySchema = Type.Object(
  {
    kind: choiceOf<PolicyKind>(KINDS),
    code: Type.String({ minLength: 1, maxLength: 63 }),
    body: BODY,
    by: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 100,
        description: 'Who it is; the label of the API key when left out.',
      }),
    ),
  },
  {
    title: 'NewPolicy',
    additionalProperties: false,
    examples: [{ kind: 'arrears', code: 'default', body: {} }],
  },
);

export type NewPolicyBody = Type.Static<typeof NewPolicySchema>;

/** The answer to a publication, or to its dry run. */
export const PolicyPublishedSchema = Type.Object(
  {
    dry_run: Type.Boolean(),
    unchanged: Type.Boolean({ description: 'The newest version says the same: none was added.' }),
    policy: PolicySchema,
    preview: orNull(BODY),
  },
  {
    title: 'PolicyPublished',
    additionalProperties: false,
    examples: [
      { dry_run: false, unchanged: false, policy: exampleOf(PolicySchema), preview: null },
    ],
  },
);

export const PolicyQuerySchema = Type.Object(
  { kind: Type.Optional(choiceOf<PolicyKind>(KINDS)) },
  { additionalProperties: false },
);

export const PolicyListSchema = Type.Object(
  { data: Type.Array(PolicySchema) },
  {
    title: 'PolicyList',
    additionalProperties: false,
    examples: [{ data: [exampleOf(PolicySchema)] }],
  },
);
