import type { AttemptOutcome } from '../debit/attempt.ts';
import type { RailCapabilities } from '../debit/capabilities.ts';
import type { RailId } from '../mandate/mandate.ts';
import type { MandateReport } from '../mandate/report.ts';
import type { Money } from '../money/money.ts';
import type { RailBillLine } from '../reconciliation/rail-bill.ts';

export type SigningRequest = {
  readonly contractCode: string;
  readonly displayAccount: string;
  readonly singleCap: Money;
  /** The first date that the rail is told, where it keeps a planned date. */
  readonly firstPlannedDate?: Temporal.PlainDate;
  /** Unique per request and growing: the rail orders requests by it. */
  readonly requestSerial: string;
  readonly clientIp: string;
};

export type SigningStarted =
  /** The payer opens this address and agrees there. */
  | { readonly kind: 'open_url'; readonly url: string }
  | { readonly kind: 'refused'; readonly code: string; readonly message: string }
  | { readonly kind: 'unknown'; readonly detail: string };

export type MandateHandle = {
  readonly contractCode: string;
  readonly railReference?: string;
};

export type DebitRequest = {
  readonly orderNumber: string;
  readonly railReference: string;
  readonly amount: Money;
  /** What the payer reads on the bill of the wallet, at most 40 characters, no emoji. */
  readonly description: string;
};

export type AnnouncementOutcome =
  | { readonly kind: 'done' }
  | {
      readonly kind: 'refused';
      readonly code: string;
      readonly message: string;
      readonly mandateGone: boolean;
    }
  | { readonly kind: 'unknown'; readonly detail: string };

/** A callback as it arrived: raw bytes, verified before anything is parsed. */
export type RawCallback = {
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: Uint8Array;
  /** The wall clock, for the freshness of signed timestamps. */
  readonly receivedAt: Temporal.Instant;
};

export type RailEvent =
  | { readonly kind: 'mandate'; readonly report: MandateReport }
  | {
      readonly kind: 'attempt';
      readonly orderNumber: string;
      readonly outcome: AttemptOutcome;
      /** The contract that the rail names, where it names one; compared with ours. */
      readonly railReference?: string;
    };

export type CallbackReading =
  /** Verified; every event of the message. The answer that the rail wants once all are saved. */
  | {
      readonly kind: 'verified';
      readonly events: readonly RailEvent[];
      readonly answer: CallbackAnswer;
    }
  /** Forged, stale, malformed or oversized: nothing changes; answered with a non-2xx status. */
  | { readonly kind: 'refused'; readonly reason: CallbackRefusal; readonly answer: CallbackAnswer };

export type CallbackRefusal =
  | 'bad_signature'
  | 'stale'
  | 'malformed'
  | 'too_large'
  | 'not_for_us'
  | 'unsupported';

export type CallbackAnswer = {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
};

/** Rows of a bill as a stream: the file is never held in memory as objects. */
export type BillDownload =
  | {
      readonly kind: 'ready';
      /** SHA-256 of the downloaded bytes, hex. */
      readonly contentHash: string;
      readonly lines: AsyncIterable<RailBillLine>;
    }
  /** The rail has no bill of that date: no trade at all (told apart from not ready yet). */
  | { readonly kind: 'empty' }
  | { readonly kind: 'not_ready'; readonly message: string }
  | { readonly kind: 'unknown'; readonly detail: string };

/** A payment rail. One folder each; all run the same adapter suite. */
export type Rail = {
  readonly id: RailId;
  readonly capabilities: RailCapabilities;
  readonly beginSigning: (request: SigningRequest) => Promise<SigningStarted>;
  readonly queryMandate: (mandate: MandateHandle) => Promise<MandateReport>;
  readonly endMandate: (mandate: MandateHandle, remark: string) => Promise<MandateReport>;
  /** Present exactly when `capabilities.announcement` is. The same call twice is harmless. */
  readonly announce?: (request: {
    readonly railReference: string;
    readonly amount: Money;
  }) => Promise<AnnouncementOutcome>;
  /** Sends one order number. The same number twice takes money at most once. */
  readonly submit: (request: DebitRequest) => Promise<AttemptOutcome>;
  /** What became of an order number. Never takes money. */
  readonly ask: (orderNumber: string) => Promise<AttemptOutcome>;
  /** Closes an unpaid number for ever: `closed`, or what it turned out to be. */
  readonly close: (orderNumber: string) => Promise<AttemptOutcome>;
  readonly readCallback: (raw: RawCallback) => CallbackReading;
  readonly fetchBill: (businessDate: Temporal.PlainDate) => Promise<BillDownload>;
};
