import { addSeconds } from '../calendar/business-time.ts';

const HOUR = 60 * 60;

/**
 * Hours after sending in which a carrier still tries to deliver, though the channel's patience is
 * over and the next one had its turn: a phone that was off has the message when it is on again.
 */
export const DELIVERY_HOURS = 72;

/** Days for which providers keep what became of a message (Aliyun's QuerySendDetails: 30). */
export const PROVIDER_KEEPS_DAYS = 30;

/**
 * Which messages a provider is asked about at `now`: those that were sent after `keptSince` and
 * either still wait for the next channel's turn or were sent after `triedSince`. A late receipt
 * that the provider sends by itself counts nevertheless.
 */
export function askedAbout(now: Temporal.Instant): {
  readonly triedSince: Temporal.Instant;
  readonly keptSince: Temporal.Instant;
} {
  return {
    triedSince: addSeconds(now, -DELIVERY_HOURS * HOUR),
    keptSince: addSeconds(now, -PROVIDER_KEEPS_DAYS * 24 * HOUR),
  };
}
