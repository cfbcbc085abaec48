import { addSeconds } from '../calendar/business-time.ts';
import { bucketOf, type CustomerId, type MandateId, type MerchantId } from '../ids/ids.ts';
import type { IdSource } from '../ids/source.ts';
import type { EventType, NewEvent } from '../result/event.ts';
import { ok, type Result, refuse } from '../result/result.ts';
import type { Mandate, MandateEnder } from './mandate.ts';
import { MANDATE_MOVES } from './moves.ts';
import { type MandateRefusal, mandateRefusal } from './refusals.ts';
import type { MandateReport } from './report.ts';

/** Who wants a mandate ended. `drift`: the sweep found it signed at the rail and ended here. */
export type EndAsker = 'customer' | 'merchant' | 'drift';

/** The proof of an end that was asked for from our side; kept for good. */
export type MandateEnd = {
  readonly mandateId: MandateId;
  readonly merchantId: MerchantId;
  readonly customerId: CustomerId;
  readonly askedBy: EndAsker;
  /** Why, in the words of who asked; the rail may show them to the payer. */
  readonly remark: string;
  readonly askedAt: Temporal.Instant;
  /** Calls to the rail that came to an answer or failed. */
  readonly tries: number;
  /** When the rail is asked next; absent once it has confirmed. The due row is the queue. */
  readonly nextTryAt?: Temporal.Instant;
  /** What the rail said last. */
  readonly answer?: string;
  readonly answeredAt?: Temporal.Instant;
};

export type EndDecision = {
  readonly mandate: Mandate;
  readonly end: MandateEnd;
  readonly events: readonly NewEvent[];
};

/** Characters of a remark, at most: the shortest field of the rails holds them. */
export const REMARK_MAX_LENGTH = 64;

/**
 * Seconds after each try until the next. It never stops: a customer who asked to leave must be out
 * at the rail too, however long the rail is down.
 */
const END_DELAYS_SECONDS: readonly number[] = [60, 5 * 60, 30 * 60, 2 * 60 * 60, 6 * 60 * 60];
const END_DELAY_MAX_SECONDS = 24 * 60 * 60;

type Context = { readonly now: Temporal.Instant; readonly ids: IdSource };

/**
 * Begins to end an active mandate: from the commit of this on no debit leaves by it. Asking again
 * for one that is ending or has ended changes nothing and is no error.
 */
export function decideEnd(
  mandate: Mandate,
  wish: { readonly by: EndAsker; readonly remark: string },
  context: Context,
): Result<EndDecision | undefined, MandateRefusal> {
  const remark = wish.remark.trim();
  if (remark === '' || remark.length > REMARK_MAX_LENGTH) {
    return refuse({ ...mandateRefusal('mandate_remark'), field: 'remark' });
  }
  switch (mandate.state) {
    case 'ending':
    case 'revoke_failed':
    case 'ended':
      return ok(undefined);
    case 'draft':
    case 'signing':
    case 'sign_failed':
      return refuse(mandateRefusal('mandate_not_signed'));
    case 'active':
      return ok({
        mandate: {
          ...mandate,
          state: 'ending',
          endedBy: wish.by === 'customer' ? 'customer' : 'merchant',
        },
        end: newEnd(mandate, { by: wish.by, remark }, context),
        events: [mandateEvent(mandate, { type: 'mandate.ending', by: wish.by }, context)],
      });
  }
}

/** The row that asks a rail to end a mandate and keeps what it says. */
export function newEnd(
  mandate: Mandate,
  wish: { readonly by: EndAsker; readonly remark: string },
  context: Context,
): MandateEnd {
  return {
    mandateId: mandate.id,
    merchantId: mandate.merchantId,
    customerId: mandate.customerId,
    askedBy: wish.by,
    remark: wish.remark,
    askedAt: context.now,
    tries: 0,
    nextTryAt: context.now,
  };
}

/** The row before a call: the next try is committed first, so that a crash is made good. */
export function beforeEndTry(end: MandateEnd, now: Temporal.Instant): MandateEnd {
  const delay = END_DELAYS_SECONDS[end.tries] ?? END_DELAY_MAX_SECONDS;
  return { ...end, tries: end.tries + 1, nextTryAt: addSeconds(now, delay) };
}

/**
 * The rail's word about a mandate that is to end. `superseded`: the customer has signed again, and
 * the rail knows the new mandate by the same number, so it was not asked to end anything.
 */
export type EndAnswer =
  | MandateReport
  | { readonly kind: 'superseded'; readonly contractCode: string; readonly by: MandateId };

/**
 * What the rail's answer to our wish means. A contract that the rail does not know is one that it
 * cannot debit, so it counts as ended; so does one whose number is another mandate's by now, as
 * nothing is collected by the old one any more. Anything else that is not an end leaves the mandate
 * visibly `revoke_failed`, to be tried again.
 */
export function decideEndAnswer(
  mandate: Mandate,
  about: { readonly end: MandateEnd; readonly report: EndAnswer },
  context: Context,
): EndDecision {
  const { report } = about;
  const isOver =
    report.kind === 'ended' || report.kind === 'not_found' || report.kind === 'superseded';
  const answered = {
    ...about.end,
    answer: describe(report),
    answeredAt: context.now,
  };
  if (!isOver) {
    const isNew = mandate.state === 'ending';
    const failed: Mandate = isNew ? { ...mandate, state: 'revoke_failed' } : mandate;
    const event = mandateEvent(mandate, { type: 'mandate.revoke_failed' }, context);
    return { mandate: failed, end: answered, events: isNew ? [event] : [] };
  }
  const { nextTryAt: _done, ...end } = answered;
  if (!MANDATE_MOVES[mandate.state].includes('ended')) return { mandate, end, events: [] };
  const at = report.kind === 'ended' ? report.at : context.now;
  const by: MandateEnder = mandate.endedBy ?? 'merchant';
  return {
    mandate: { ...mandate, state: 'ended', endedAt: at, endedBy: by, lastRailEventAt: at },
    end,
    events: [mandateEvent(mandate, { type: 'mandate.ended', by }, context)],
  };
}

/** Kept as evidence: the kind of the answer and its time, nothing of the payer. */
function describe(report: EndAnswer): string {
  switch (report.kind) {
    case 'ended':
      return `ended by ${report.endedBy} at ${report.at}`;
    case 'active':
      return `still signed, since ${report.at}`;
    case 'signing':
    case 'not_found':
      return report.kind;
    case 'superseded':
      return `signed again as ${report.by}, the rail was not asked`;
    case 'unknown':
      return `unknown: ${report.detail}`.slice(0, 200);
  }
}

export function mandateEvent(
  mandate: Mandate,
  what: { readonly type: EventType; readonly by?: string; readonly kind?: string },
  context: Context,
): NewEvent {
  return {
    id: context.ids('evt', bucketOf(mandate.id)),
    merchantId: mandate.merchantId,
    customerId: mandate.customerId,
    type: what.type,
    subjectId: mandate.id,
    at: context.now,
    data: {
      rail: mandate.rail,
      ...(what.by === undefined ? {} : { by: what.by }),
      ...(what.kind === undefined ? {} : { kind: what.kind }),
    },
  };
}
