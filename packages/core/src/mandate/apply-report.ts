import { isBefore } from '../calendar/business-time.ts';
import { bucketOf } from '../ids/ids.ts';
import type { IdSource } from '../ids/source.ts';
import type { EventType, NewEvent } from '../result/event.ts';
import { unreachable } from '../result/invariant.ts';
import { assertMove } from '../result/moves.ts';
import type { Mandate } from './mandate.ts';
import { MANDATE_MOVES } from './moves.ts';
import type { MandateReport } from './report.ts';

export type MandateDecision = {
  readonly mandate: Mandate;
  readonly events: readonly NewEvent[];
};

/**
 * What a rail's word about a mandate changes; undefined when it changes nothing. Callbacks come
 * twice and out of order, so the rail's own time decides: an end is never undone by an older or
 * repeated signing, and the payer's reference is the one of the signed message, never our own. An
 * end counts whatever its time, as a contract is signed once: stopping too early takes no money.
 */
export function decideMandateReport(
  mandate: Mandate,
  report: MandateReport,
  context: Context,
): MandateDecision | undefined {
  switch (report.kind) {
    case 'active':
      if (mandate.state !== 'signing') return undefined;
      if (mandate.lastRailEventAt !== undefined && isBefore(report.at, mandate.lastRailEventAt)) {
        return undefined;
      }
      return move(mandate, context, {
        type: 'mandate.active',
        state: 'active',
        railReference: report.railReference,
        ...(report.payerReference === undefined ? {} : { payerReference: report.payerReference }),
        ...(report.account === undefined ? {} : { account: report.account }),
        signedAt: report.at,
        lastRailEventAt: report.at,
      });
    case 'ended':
      if (!canEnd(mandate)) return undefined;
      return move(mandate, context, {
        type: 'mandate.ended',
        state: 'ended',
        ...(report.railReference === undefined ? {} : { railReference: report.railReference }),
        endedAt: report.at,
        // Where we asked for it, the rail names the merchant: who asked us says more.
        endedBy: mandate.endedBy ?? report.endedBy,
        lastRailEventAt: report.at,
      });
    case 'signing':
    case 'not_found':
    case 'unknown':
      // Not signed yet, or nothing definite: the mandate waits, it never becomes active by silence.
      return undefined;
    default:
      return unreachable(report);
  }
}

function canEnd(mandate: Mandate): boolean {
  return MANDATE_MOVES[mandate.state].includes('ended');
}

/** The mandate after its signing was handed to the payer. */
export function decideSigningStarted(mandate: Mandate, context: Context): MandateDecision {
  return move(mandate, context, {
    type: 'mandate.signing',
    state: 'signing',
  });
}

/** The mandate after the rail refused to begin its signing. */
export function decideSigningRefused(mandate: Mandate, context: Context): MandateDecision {
  return move(mandate, context, {
    type: 'mandate.sign_failed',
    state: 'sign_failed',
  });
}

type Context = { readonly now: Temporal.Instant; readonly ids: IdSource };

function move(
  mandate: Mandate,
  context: Context,
  change: { readonly type: EventType } & Partial<Mandate> & Pick<Mandate, 'state'>,
): MandateDecision {
  const { type, ...changes } = change;
  assertMove(MANDATE_MOVES, mandate.state, changes.state);
  const event: NewEvent = {
    id: context.ids('evt', bucketOf(mandate.id)),
    merchantId: mandate.merchantId,
    customerId: mandate.customerId,
    type,
    subjectId: mandate.id,
    at: context.now,
    data: { rail: mandate.rail },
  };
  return { mandate: { ...mandate, ...changes }, events: [event] };
}
