import type { ContactChannel, Locale } from '../customer/customer.ts';

/** The fixed variables of a debit notice. Text is made from them by the channel's template. */
export type NoticeVariables = {
  readonly merchantName: string;
  readonly planName: string;
  readonly amount: string;
  readonly collectDate: string;
  readonly railName: string;
  readonly howToCancel: string;
};

export type NoticeMessage = {
  /** Our number of the notice: providers that de-duplicate do so by it. */
  readonly noticeId: string;
  readonly address: string;
  readonly locale: Locale;
  readonly purpose: 'renewal' | 'retry';
  readonly variables: NoticeVariables;
};

export type SendOutcome =
  /** The provider took it (SMTP 250, SMS Code OK). Not yet delivered. */
  | { readonly kind: 'sent'; readonly providerReference: string }
  | { readonly kind: 'refused'; readonly code: string; readonly message: string }
  | { readonly kind: 'unknown'; readonly detail: string };

export type DeliveryOutcome =
  | { readonly kind: 'delivered'; readonly at: Temporal.Instant }
  | { readonly kind: 'failed'; readonly code: string; readonly at: Temporal.Instant }
  | { readonly kind: 'waiting' }
  | { readonly kind: 'unknown'; readonly detail: string };

export type DeliveryReport = {
  readonly noticeId: string;
  readonly providerReference: string;
  readonly outcome: DeliveryOutcome;
};

/** A way to reach a customer. Delivery is proved by a report or by asking. */
export type NoticeChannel = {
  readonly id: ContactChannel;
  readonly send: (message: NoticeMessage) => Promise<SendOutcome>;
  /** Present where the provider can be asked. `sentOn` is the business date of sending. */
  readonly queryDelivery?: (sent: {
    readonly noticeId: string;
    readonly address: string;
    readonly providerReference: string;
    readonly sentOn: Temporal.PlainDate;
  }) => Promise<DeliveryOutcome>;
  /** Present where the provider reports: reads a verified report; undefined when it is refused. */
  readonly readReport?: (raw: {
    readonly headers: Readonly<Record<string, string | undefined>>;
    readonly body: Uint8Array;
  }) => readonly DeliveryReport[] | undefined;
  readonly close: () => Promise<void>;
};
