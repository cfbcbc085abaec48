import { bucketOf, type CustomerId, type Id, type MandateId, type MerchantId } from '../ids/ids.ts';
import type { IdSource } from '../ids/source.ts';
import type { NewEvent } from '../result/event.ts';
import { decideMandateReport } from './apply-report.ts';
import { type MandateEnd, mandateEvent, newEnd } from './end.ts';
import type { Mandate } from './mandate.ts';
import type { MandateReport } from './report.ts';

export type DriftId = Id<'drf'>;

/**
 * `ended_here_signed_there`: we end it at the rail. `active_here_ended_there`: it ends here, with
 * who ended it. `signed_without_subscription`: nothing is collected by it; a person decides, as
 * ending it would make the customer sign again.
 */
export type DriftKind =
  | 'ended_here_signed_there'
  | 'active_here_ended_there'
  | 'signed_without_subscription';

/** A difference between our mandate and the rail's word about it. */
export type MandateDrift = {
  readonly id: DriftId;
  readonly merchantId: MerchantId;
  readonly customerId: CustomerId;
  readonly mandateId: MandateId;
  readonly kind: DriftKind;
  readonly action: 'end_at_rail' | 'ended_here' | 'ask_person';
  readonly state: 'open' | 'resolved';
  /** What was compared, for people; nothing of the payer. */
  readonly evidence: string;
  readonly foundAt: Temporal.Instant;
  readonly resolvedAt?: Temporal.Instant;
};

export type DriftDecision = {
  readonly drift: MandateDrift;
  readonly mandate?: Mandate;
  readonly end?: MandateEnd;
  readonly events: readonly NewEvent[];
};

/**
 * Hours after its signing in which a mandate that a rail does not find is left alone: a question
 * may be answered by a copy of the rail's books that has not heard of it yet.
 */
export const FRESH_MANDATE_HOURS = 1;

/** Days that a signed mandate may have no subscription before a person is told. */
export const IDLE_MANDATE_DAYS = 30;

/**
 * What the sweep does about one mandate, given the rail's word and the subscription that it serves;
 * undefined where both agree. A rail that cannot answer says nothing, so nothing is found. What a
 * customer signed again is left alone: the same card may get the same number once more (UnionPay).
 */
export function decideDrift(
  mandate: Mandate,
  seen: {
    readonly report: MandateReport;
    readonly hasSubscription: boolean;
    /** Another mandate of ours, which is active, has the rail's number that the report names. */
    readonly isUsedAgain?: boolean;
  },
  context: { readonly now: Temporal.Instant; readonly ids: IdSource },
): DriftDecision | undefined {
  const { report } = seen;
  if (mandate.state === 'ended' && report.kind === 'active') {
    if (seen.isUsedAgain === true) return undefined;
    const wish = { by: 'drift', remark: '本方已解约，同步解约' } as const;
    const evidence = `ended here ${mandate.endedAt ?? ''}, signed there since ${report.at}`;
    const drift = newDrift(mandate, { kind: 'ended_here_signed_there', evidence }, context);
    return {
      drift,
      end: newEnd(mandate, wish, context),
      events: [driftEvent(mandate, drift, context)],
    };
  }
  if (mandate.state !== 'active') return undefined;
  if (report.kind === 'not_found' && isFresh(mandate, context.now)) return undefined;
  if (report.kind === 'ended' || report.kind === 'not_found') {
    const ended =
      report.kind === 'ended'
        ? report
        : {
            kind: 'ended' as const,
            contractCode: mandate.contractCode,
            endedBy: 'unknown' as const,
            at: context.now,
          };
    const decision = decideMandateReport(mandate, ended, context);
    if (decision === undefined) return undefined;
    const evidence = `active here, ${report.kind} there, by ${ended.endedBy} at ${ended.at}`;
    const found = newDrift(mandate, { kind: 'active_here_ended_there', evidence }, context);
    const drift: MandateDrift = { ...found, state: 'resolved', resolvedAt: context.now };
    const events = [driftEvent(mandate, drift, context), ...decision.events];
    return { drift, mandate: decision.mandate, events };
  }
  if (report.kind === 'active' && !seen.hasSubscription && isIdle(mandate, context.now)) {
    const evidence = `signed ${mandate.signedAt ?? ''}, no subscription is collected by debit`;
    const drift = newDrift(mandate, { kind: 'signed_without_subscription', evidence }, context);
    return { drift, events: [driftEvent(mandate, drift, context)] };
  }
  return undefined;
}

function isFresh({ signedAt }: Mandate, now: Temporal.Instant): boolean {
  if (signedAt === undefined) return false;
  return Temporal.Instant.compare(now, signedAt.add({ hours: FRESH_MANDATE_HOURS })) < 0;
}

function isIdle(mandate: Mandate, now: Temporal.Instant): boolean {
  if (mandate.signedAt === undefined) return false;
  const until = mandate.signedAt.add({ hours: 24 * IDLE_MANDATE_DAYS });
  return Temporal.Instant.compare(until, now) <= 0;
}

const ACTIONS: Record<DriftKind, MandateDrift['action']> = {
  ended_here_signed_there: 'end_at_rail',
  active_here_ended_there: 'ended_here',
  signed_without_subscription: 'ask_person',
};

function newDrift(
  mandate: Mandate,
  found: { readonly kind: DriftKind; readonly evidence: string },
  context: { readonly now: Temporal.Instant; readonly ids: IdSource },
): MandateDrift {
  return {
    id: context.ids('drf', bucketOf(mandate.id)),
    merchantId: mandate.merchantId,
    customerId: mandate.customerId,
    mandateId: mandate.id,
    kind: found.kind,
    action: ACTIONS[found.kind],
    state: 'open',
    evidence: found.evidence,
    foundAt: context.now,
  };
}

function driftEvent(
  mandate: Mandate,
  drift: MandateDrift,
  context: { readonly now: Temporal.Instant; readonly ids: IdSource },
): NewEvent {
  return mandateEvent(mandate, { type: 'mandate.drifted', kind: drift.kind }, context);
}
