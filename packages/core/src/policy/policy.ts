import type { MerchantId, PolicyId } from '../ids/ids.ts';
import type { Refusal } from '../result/result.ts';

/** What a merchant can decide by a document of its own. One concept owns each kind and reads it. */
export const POLICY_KINDS = [
  'notice_rules',
  'campaign',
  'arrears',
  'late_fee',
  'termination_fee',
  'checkup',
] as const;
export type PolicyKind = (typeof POLICY_KINDS)[number];

/** What JSON can say. A policy's amounts and rates are text or whole numbers, never fractions. */
export type JsonValue =
  | string
  | number
  | boolean
  | null
  | readonly JsonValue[]
  | { readonly [field: string]: JsonValue };
export type JsonObject = { readonly [field: string]: JsonValue };

/**
 * One version of a decision. Versions are never edited: what applied to an invoice can be shown as
 * it was. The newest version of a code holds from its publication on.
 */
export type Policy = {
  readonly id: PolicyId;
  readonly merchantId: MerchantId;
  readonly kind: PolicyKind;
  /** Short name within its kind: `default`, `enterprise`. */
  readonly code: string;
  /** 1, 2, 3 … within kind and code. */
  readonly version: number;
  readonly body: JsonObject;
  readonly publishedBy: string;
  readonly publishedAt: Temporal.Instant;
};

/** Why a policy's document is not taken. The kinds add codes of their own. */
export type PolicyRefusal = Refusal;

const CODE = /^[a-z0-9][a-z0-9_-]{0,62}$/;

/** A refusal where the code cannot name a policy: letters, digits, `-` and `_`, at most 63. */
export function refusalOfPolicyCode(code: string): PolicyRefusal | undefined {
  if (CODE.test(code)) return undefined;
  return {
    code: 'policy_code_not_valid',
    sentence: 'The code does not name a policy.',
    next: 'Use 1 to 63 lower-case letters, digits, “-” and “_”, beginning with a letter or digit.',
    field: 'code',
  };
}
