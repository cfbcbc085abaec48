import type { InvoiceLine, InvoiceState } from '../invoice/invoice.ts';
import type { DebitNotice } from '../notice/notice.ts';
import type { AttemptState } from './attempt.ts';

/** What a sentence about a debit is made of; the amount is written out already. */
export type Story = {
  readonly amount: string;
  /** When money moved, or is to move. */
  readonly on: Temporal.PlainDate;
  readonly rail: string;
  readonly merchant: string;
  readonly plan: string;
};

/** The words of one language. Every text that an explanation can have is one of these. */
export type ExplainWords = {
  readonly succeeded: (story: Story) => string;
  /** Paid, and taken once more: `surplus` is owed back. */
  readonly takenAgain: (story: Story, surplus: string) => string;
  readonly inFlight: (story: Story) => string;
  /** Money of one number has arrived while another may still take some. */
  readonly takenWhileOpen: (story: Story) => string;
  readonly scheduled: (story: Story) => string;
  readonly failed: (story: Story) => string;
  readonly canceled: (story: Story) => string;
  /** Money arrived and nothing was owed any more. */
  readonly takenForNothing: (story: Story) => string;
  /** An invoice that no debit collects: the customer pays it by hand. */
  readonly byHand: (story: Story, state: InvoiceState) => string;
  readonly agreedPrice: string;
  readonly lineName: (line: Pick<InvoiceLine, 'nameZh' | 'nameEn'>) => string;
  readonly invoice: (number: string, period: string) => string;
  readonly total: (total: string, tax: string) => string;
  readonly notSigned: string;
  readonly signed: (
    contractCode: string,
    where: { readonly rail: string; readonly on: Temporal.PlainDate },
  ) => string;
  readonly notice: (notice: {
    readonly channel: DebitNotice['channel'];
    readonly amount: string;
    readonly collectDate: Temporal.PlainDate;
    readonly hasFailed: boolean;
    readonly deliveredOn: Temporal.PlainDate | undefined;
  }) => string;
  readonly attempt: (attempt: {
    readonly ordinal: number;
    readonly on: Temporal.PlainDate;
    readonly state: AttemptState;
    /** The rail's code of a refusal; empty when there is none. */
    readonly code: string;
    readonly orderNumber: string;
    readonly railReference: string | undefined;
  }) => string;
};
