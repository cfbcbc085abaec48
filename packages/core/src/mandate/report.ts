import type { MandateEnder } from './mandate.ts';
import type { AccountLabel } from './signing.ts';

/** What the rail says of a mandate, by callback or query. */
export type MandateReport =
  | {
      readonly kind: 'active';
      readonly contractCode: string;
      readonly railReference: string;
      readonly payerReference?: string;
      readonly account?: AccountLabel;
      readonly at: Temporal.Instant;
    }
  | {
      readonly kind: 'ended';
      readonly contractCode: string;
      readonly railReference?: string;
      readonly endedBy: MandateEnder;
      readonly at: Temporal.Instant;
    }
  | { readonly kind: 'signing'; readonly contractCode: string }
  | { readonly kind: 'not_found'; readonly contractCode: string }
  | { readonly kind: 'unknown'; readonly detail: string };
