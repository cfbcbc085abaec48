import type { AttemptOutcome } from '../debit/attempt.ts';
import type { RailCapabilities } from '../debit/capabilities.ts';
import type { RailId } from '../mandate/mandate.ts';
import type { MandateReport } from '../mandate/report.ts';
import type { FirstPayment, PayerAccount, SigningFlow } from '../mandate/signing.ts';
import type { Money } from '../money/money.ts';
import type { RailBillLine, SettlementLine } from '../reconciliation/rail-bill.ts';
import type { RefundOutcome } from '../refund/refund.ts';

export type SigningRequest = {
  /** One of the rail's `signingFlows`; absent: the first of them. */
  readonly flow?: SigningFlow;
  /** Wanted by `message_code` and `paper`. Never stored. */
  readonly account?: PayerAccount;
  /** Wanted by `pay_and_sign`. */
  readonly firstPayment?: FirstPayment;
  readonly contractCode: string;
  readonly displayAccount: string;
  readonly singleCap: Money;
  /** The first date that the rail is told, where it keeps a planned date. */
  readonly firstPlannedDate?: Temporal.PlainDate;
  /** Unique per request and growing: the rail orders requests by it. */
  readonly requestSerial: string;
  readonly clientIp: string;
};

/**
 * Of `pay_and_sign`: the payment goes on and the contract does not (WeChat: 已签约 and others). The
 * payer who pays has signed nothing; ask for the mandate, then sign it by another flow.
 */
export type ContractRefused = { readonly code: string; readonly message: string };

export type SigningStarted =
  /** The payer opens this address and agrees there. */
  | {
      readonly kind: 'open_url';
      readonly url: string;
      readonly contractRefused?: ContractRefused;
    }
  /** The seller's app or mini program hands these to the wallet, as the rail's document says. */
  | {
      readonly kind: 'launch';
      readonly flow: SigningFlow;
      readonly parameters: Readonly<Record<string, string>>;
      readonly contractRefused?: ContractRefused;
    }
  /** A code went to the payer's phone; `confirmSigning` takes it. */
  | { readonly kind: 'code_sent' }
  /** Signed at once, as the evidence is with the merchant. */
  | { readonly kind: 'signed'; readonly report: MandateReport }
  | { readonly kind: 'refused'; readonly code: string; readonly message: string }
  | { readonly kind: 'unknown'; readonly detail: string };

/** The answer of the payer to a code on the phone. */
export type SigningConfirmation = Pick<SigningRequest, 'contractCode' | 'account'> & {
  readonly code: string;
};

export type MandateHandle = {
  readonly contractCode: string;
  readonly railReference?: string;
};

export type DebitRequest = {
  readonly orderNumber: string;
  readonly railReference: string;
  /**
   * Our number of the mandate. Rails that let a merchant's own text travel with an order carry it
   * to their bill: after a restore it says whose money an order is that the books do not know.
   */
  readonly contractCode?: string;
  readonly amount: Money;
  /** What the payer reads on the bill of the wallet, at most 40 characters, no emoji. */
  readonly description: string;
  /** The date that the payer was told; rails that take files collect on it or after it. */
  readonly collectDate?: Temporal.PlainDate;
  /** Its place in a series, for rails that want to know; absent: a recurring one. */
  readonly sequence?: 'first' | 'recurring' | 'final' | 'one_off';
};

/** A request to return money of one paid order. The same refund number twice returns it once. */
export type RefundRequest = {
  readonly refundNumber: string;
  readonly orderNumber: string;
  /** The rail's number of the payment. */
  readonly paymentReference: string;
  /** The whole payment, which rails want beside the part to return. */
  readonly paid: Money;
  readonly paidAt: Temporal.Instant;
  readonly amount: Money;
  /** What the payer reads, at most 40 characters, no emoji. */
  readonly reason: string;
  /** The mandate at the rail, for rails that pay a refund to the account behind it. */
  readonly railReference?: string;
};

/** The names of a refund: what a query needs. */
export type RefundHandle = Pick<
  RefundRequest,
  'refundNumber' | 'orderNumber' | 'paymentReference' | 'amount' | 'paid'
>;

/** An order that the payer pays by hand on a page of the rail. */
export type PayLinkRequest = {
  readonly orderNumber: string;
  readonly amount: Money;
  readonly description: string;
  readonly expiresAt: Temporal.Instant;
  readonly clientIp: string;
};

export type PayLinkStarted =
  /** `url` is opened by the payer's browser, or shown as a code to scan. */
  | { readonly kind: 'open_url'; readonly url: string }
  | { readonly kind: 'refused'; readonly code: string; readonly message: string }
  | { readonly kind: 'unknown'; readonly detail: string };

/** What the rail said to another planned date. */
export type PlannedDateOutcome =
  | { readonly kind: 'moved'; readonly plannedDate: Temporal.PlainDate }
  | { readonly kind: 'refused'; readonly code: string; readonly message: string }
  | { readonly kind: 'unknown'; readonly detail: string };

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
  /** The path and query that it came to. An adapter may tell its rail an address with a meaning. */
  readonly target?: string;
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
    }
  | {
      readonly kind: 'refund';
      readonly refundNumber: string;
      /** The order of which the rail says it is a refund, where it names one. */
      readonly orderNumber?: string;
      readonly outcome: RefundOutcome;
    }
  /** The payer's bank took back money of a success (SEPA return or refund). */
  | {
      readonly kind: 'return';
      readonly orderNumber: string;
      /** The bank's number of the return: the same one again changes nothing. */
      readonly railReference: string;
      readonly amount: Money;
      readonly code: string;
      readonly message: string;
      readonly at: Temporal.Instant;
      /** The payer says that there is no mandate (MD01): nothing more may be collected by it. */
      readonly mandateGone: boolean;
    };

/** A message of a rail that cannot be used, and why; its content is never part of the sentence. */
export type NewsProblem = { readonly name: string; readonly sentence: string };

/** News that a rail left for us to fetch, in its own order. */
export type NewsReading =
  | {
      readonly kind: 'ready';
      readonly events: readonly RailEvent[];
      /** Hand it back at the next fetch; what was read is not told again. */
      readonly cursor: string;
      readonly more: boolean;
      /** What could not be read and was set aside; it stays where it is for a person. */
      readonly problems?: readonly NewsProblem[];
    }
  | { readonly kind: 'unknown'; readonly detail: string };

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
      /**
       * Gives back what holds a large file. Call it when the lines are read or not wanted; absent:
       * nothing is held.
       */
      readonly release?: () => Promise<void>;
    }
  /** The rail has no bill of that date: no trade at all (told apart from not ready yet). */
  | { readonly kind: 'empty' }
  | { readonly kind: 'not_ready'; readonly message: string }
  | { readonly kind: 'unknown'; readonly detail: string };

/** A rail's account statement of one date, as a stream. */
export type SettlementDownload =
  | {
      readonly kind: 'ready';
      /** SHA-256 of the downloaded bytes, hex. */
      readonly contentHash: string;
      readonly lines: AsyncIterable<SettlementLine>;
      /** As of a bill. */
      readonly release?: () => Promise<void>;
    }
  | Exclude<BillDownload, { readonly kind: 'ready' }>;

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
  /** Present exactly when `message_code` is one of the signing flows. */
  readonly confirmSigning?: (confirmation: SigningConfirmation) => Promise<MandateReport>;
  /** Present where the rail takes files: one call for many requests, an outcome for each. */
  readonly submitMany?: (requests: readonly DebitRequest[]) => Promise<readonly AttemptOutcome[]>;
  /** Present exactly when `capabilities.refunds` is. */
  readonly refund?: (request: RefundRequest) => Promise<RefundOutcome>;
  /** What became of a refund number. Present exactly when `refund` is. Never moves money. */
  readonly askRefund?: (refund: RefundHandle) => Promise<RefundOutcome>;
  /** Present exactly when `capabilities.plannedDate` is. Rails move it later only. */
  readonly movePlannedDate?: (request: {
    readonly railReference: string;
    readonly plannedDate: Temporal.PlainDate;
    readonly reason: string;
  }) => Promise<PlannedDateOutcome>;
  /** Present where a payer can pay one order by hand; `ask` and `close` serve its number too. */
  readonly beginPayment?: (request: PayLinkRequest) => Promise<PayLinkStarted>;
  /** The rail's account statement; present where it has one apart from the bill. */
  readonly fetchSettlement?: (businessDate: Temporal.PlainDate) => Promise<SettlementDownload>;
  /** Present where the rail leaves news to be fetched instead of calling back. */
  readonly fetchNews?: (cursor: string | undefined) => Promise<NewsReading>;
};
