import type { Money } from '../money/money.ts';

/**
 * How a payer comes to agree. `wallet_page`: a page in the wallet’s own browser. `browser_page`:
 * a page of any browser. `app`, `mini_program`: parameters that the seller's app or mini program
 * hands to the wallet. `pay_and_sign`: the payer pays a first order and agrees in one go.
 * `message_code`: the payer's data go to the rail, which sends a code to the payer's phone.
 * `paper`: a signed form that the merchant keeps as evidence.
 */
export type SigningFlow =
  | 'wallet_page'
  | 'browser_page'
  | 'app'
  | 'mini_program'
  | 'pay_and_sign'
  | 'message_code'
  | 'paper';

/**
 * Data of the payer's account on the way to a rail. They pass through memory only: never stored,
 * logged, or part of an error. What may be kept of them is an {@link AccountLabel}.
 */
export type PayerAccount =
  | {
      readonly kind: 'card';
      readonly number: string;
      readonly holderName: string;
      /** The holder's identity document; for a Chinese card the 18 characters of the ID card. */
      readonly identityNumber: string;
      readonly phone: string;
    }
  | {
      readonly kind: 'bank_account';
      readonly iban: string;
      readonly bic?: string;
      readonly holderName: string;
      /** The date under the payer's signature. */
      readonly signedOn: Temporal.PlainDate;
    };

/** What may be shown and stored of the account behind a mandate. */
export type AccountLabel = {
  readonly kind: 'card' | 'bank_account';
  /** The issuer or bank, as its directory names it; absent when the directory does not know it. */
  readonly issuer?: string;
  /** A card's first six digits; absent for accounts. */
  readonly bin?: string;
  readonly lastFour: string;
  readonly cardType?: 'debit' | 'credit' | 'prepaid' | 'quasi_credit';
  /** A card's last valid day, where the payer or the rail told it. */
  readonly expiresOn?: Temporal.PlainDate;
};

/** The first order of `pay_and_sign`: paid by the payer's own hand, beside the signing. */
export type FirstPayment = {
  readonly orderNumber: string;
  readonly amount: Money;
  readonly description: string;
  /** The payer at the rail where the wallet's page needs it (openid). */
  readonly payerReference?: string;
};
