import type { MerchantId } from '../ids/ids.ts';

/** The company that collects: the tenant. */
export type Merchant = {
  readonly id: MerchantId;
  /** Short name in URLs and on the command line; unique on the installation. */
  readonly code: string;
  readonly name: string;
  /** Business dates are in this zone. */
  readonly zone: string;
  /** Test merchants have a clock of their own, and their rows may be edited by hand. */
  readonly mode: 'test' | 'live';
  /** The test clock, frozen at this instant; absent: the wall clock. Only in test mode. */
  readonly testClock?: Temporal.Instant;
  /** Marks a merchant whose data `daikou demo --fresh` may erase. */
  readonly demo: boolean;
};
