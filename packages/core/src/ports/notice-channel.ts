import type { ContactChannel } from '../customer/contact.ts';
import type { Locale } from '../customer/customer.ts';
import type { MessageVariables, NoticePurpose } from '../notice/notice.ts';
import type { DeliveryProof } from '../notice/rules.ts';

/** A message as its channel gets it: rendered, with the variables for channels of fixed texts. */
export type NoticeMessage = {
  /** Our number of the notice: providers that de-duplicate do so by it. */
  readonly noticeId: string;
  readonly address: string;
  readonly locale: Locale;
  readonly purpose: Exclude<NoticePurpose, 'rail'>;
  /** By which a channel of registered texts (SMS, official account) finds its own. */
  readonly templateKey: string;
  readonly variables: MessageVariables;
  readonly subject: string;
  /** Plain text; paragraphs are parted by an empty line. */
  readonly text: string;
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
  /** Absent where the provider's report names only its own number of the message. */
  readonly noticeId?: string;
  readonly providerReference: string;
  readonly outcome: DeliveryOutcome;
};

/** A way to reach a customer. */
export type NoticeChannel = {
  readonly id: ContactChannel;
  /**
   * How a delivery is proved. `report`: the provider tells us later. `query`: we ask it. `reply`:
   * taking the message is delivering it, as with a robot that posts it into a group. `read`: the
   * message lies with us, and the customer's opening it is the proof.
   */
  readonly proof: DeliveryProof;
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
    /** Path and query: where some providers put their signature. */
    readonly target: string;
  }) => readonly DeliveryReport[] | undefined;
  /** What the provider wants to read when its report was taken; absent: nothing. */
  readonly reportAnswer?: string;
  /**
   * Present where the provider first asks, by a GET, whether this address is ours: the text to
   * answer, or undefined when the question is not the provider's.
   */
  readonly answerCheck?: (target: string) => string | undefined;
  readonly close: () => Promise<void>;
};
