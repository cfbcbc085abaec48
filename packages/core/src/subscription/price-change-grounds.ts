import type { PricedVersion } from '../catalog/catalog.ts';
import type { PriceChangeId, PriceVersionId } from '../ids/ids.ts';
import type { PriceStep } from './price-change.ts';
import { computePriceEffect } from './price-change-effect.ts';
import { type PriceChangeRefusal, priceChangeRefusal } from './price-change-refusals.ts';
import type { Subscription } from './subscription.ts';

/** How an answer reached the merchant. */
export type AnswerChannel = 'portal' | 'mail' | 'sms' | 'phone' | 'letter' | 'in_person';

/** Why other prices may hold for a subscription; kept with the change, for good. */
export type PriceGrounds =
  /** No item costs more than before. */
  | { readonly type: 'not_higher' }
  /** The customer agreed: to a price change, or on a signed order. */
  | {
      readonly type: 'consent';
      readonly priceChangeId?: PriceChangeId;
      readonly at: Temporal.Instant;
      readonly channel: AnswerChannel;
      /** SHA-256, hexadecimal, of what proves it. */
      readonly evidenceHash: string;
    }
  /** A business that was told in time and said nothing, where its contract counts that as yes. */
  | {
      readonly type: 'silence_of_business';
      readonly priceChangeId: PriceChangeId;
      readonly noticedAt: Temporal.Instant;
    };

const SHA_256 = /^[0-9a-f]{64}$/;

/** Whether `text` can be the SHA-256 of something, in hexadecimal digits. */
export function isEvidenceHash(text: string): boolean {
  return SHA_256.test(text);
}

/**
 * The gate that every `prices` change passes: a subscription gets a version that costs more only
 * with the consent of its customer, so that a rise without consent never reaches a debit. Returns
 * the refusal, or undefined when the change may be made.
 */
export function refusalOfGrounds(
  subscription: Pick<Subscription, 'items'>,
  change: { readonly versions: readonly PriceStep[]; readonly grounds?: PriceGrounds },
  context: {
    readonly prices: ReadonlyMap<PriceVersionId, PricedVersion>;
    /** The first day of the new prices. */
    readonly on: Temporal.PlainDate;
  },
): PriceChangeRefusal | undefined {
  const effect = computePriceEffect(subscription, change.versions, context);
  if (effect?.direction !== 'rise') return undefined;
  switch (change.grounds?.type) {
    case 'consent':
      return isEvidenceHash(change.grounds.evidenceHash)
        ? undefined
        : priceChangeRefusal('evidence_not_valid', 'grounds');
    case 'silence_of_business':
      return undefined;
    default:
      return priceChangeRefusal('rise_without_consent', 'grounds');
  }
}
