import {
  type ArrearsHistory,
  type AttemptFact,
  type ChangeFact,
  type ComparableLine,
  type ConsentFact,
  compareInvoices,
  type DebitFact,
  type IdPrefix,
  type MandateFact,
  makeId,
  money,
  type NoticeFact,
  type RailIncident,
  type RefusalClass,
  type ReturnFact,
  ratio,
} from '../../packages/core/src/index.ts';
import type { Rng } from '../simulation/dice.ts';

// A small world of one customer, one bill and one due day. It knows why money does not come,
// because it decides it: how much the account holds on which day, whether anybody thinks of the
// bill, which hours the rail is down. What it gives away are facts, as the product stores them. It
// reads no rule of the classifier.

const ZONE = 'Asia/Shanghai';
const HOUR = 3_600;
const DAY = 24;

/** Hours that count from midnight of the due day. */
export type Hours = number;

/** One thing that is billed, before and now, in fen per unit. */
export type BilledThing = {
  readonly code: string;
  readonly kind: ComparableLine['kind'];
  /** Absent: it was not, or is no longer, on the bill. */
  readonly was?: { readonly quantity: number; readonly price: number; readonly discount?: number };
  readonly is?: {
    readonly quantity: number;
    readonly price: number;
    readonly discount?: number;
    readonly rule?: ComparableLine['rule'];
  };
};

export type World = {
  readonly rng: Rng;
  readonly collection: 'auto_debit' | 'by_hand';
  /** The due day, in days after 2026-01-01. */
  readonly dueDay: number;
  /** When somebody looks, in hours after the due day's midnight. */
  lookAt: Hours;
  things: BilledThing[];
  /** False: the bill before is not known. */
  hasLast: boolean;
  /** What the account, or the budget of whoever pays by hand, holds at an hour; fen. */
  holds: (at: Hours) => number;
  /** The most of one debit, fen. */
  cap: number;
  /** Refused by the payer's bank from this hour on, whatever it holds. */
  deadAccount?: { readonly from: Hours; readonly class: RefusalClass; readonly code: string };
  mandateEnds?: { readonly at: Hours; readonly by: 'customer' | 'rail' | 'expired' };
  /** Mail and phone of the customer are wrong. */
  badAddress: boolean;
  /** Our messages do not leave, or the bill is made late, by hours. */
  ourNoticesFail: boolean;
  issuedLate: Hours;
  /** Pays a bill by hand that it can pay: not before this hour. */
  thinksOfItAt: Hours;
  /** The rail is down between these hours, for so many customers. */
  outages: { readonly from: Hours; readonly until: Hours; readonly customers: number }[];
  /** The payer has its bank take the money back at this hour. */
  takesBack?: { readonly at: Hours; readonly code: string; readonly mandateGone: boolean };
  /** Contests it in a ticket at this hour. */
  contests?: Hours;
  consents: { readonly toldAt?: Hours; readonly factor: number }[];
  changes: { readonly type: ChangeFact['type']; readonly at: Hours }[];
  habit: ArrearsHistory['habit'];
  /** Once in a while the gateway fails for this customer alone. */
  hiccups: number;
  /** Hours by which the notice arrives late. */
  noticeDelay: Hours;
  /** No delivery report comes, though the message did. */
  reportLost: boolean;
};

/** A second try comes after a day, a third after three more, and so on, while it can help. */
const TRIES: readonly Hours[] = [7.5, 31.5, 103.5];

/** The bill's amount in fen. */
export function billed(things: readonly BilledThing[], when: 'was' | 'is'): number {
  return things.reduce((sum, thing) => sum + amountOf(thing[when]), 0);
}

function amountOf(
  side:
    | { readonly quantity: number; readonly price: number; readonly discount?: number }
    | undefined,
): number {
  return side === undefined ? 0 : side.quantity * side.price - (side.discount ?? 0);
}

/**
 * What is on file of this world when somebody looks; undefined when the money came after all, so
 * that there are no arrears to explain.
 */
export function lookAt(world: World): ArrearsHistory | undefined {
  const make = idsOf(world);
  const owed = billed(world.things, 'is');
  if (owed <= 0) return undefined;
  const facts = {
    attempts: [] as AttemptFact[],
    debits: [] as DebitFact[],
    mandates: [] as MandateFact[],
    returns: [] as ReturnFact[],
  };
  const notices = tell(world, make);
  const isPaid =
    world.collection === 'auto_debit'
      ? collect(world, { make, owed, facts, notices })
      : payByHand(world, { owed, notices });
  if (isPaid) return undefined;
  const last = world.hasLast ? billed(world.things, 'was') : 0;
  return {
    invoice: {
      id: make('inv'),
      dueDate: dayOf(world),
      issueAt: instant(world, -5 * DAY + 9),
      issuedAt: instant(world, -5 * DAY + 9 + world.issuedLate),
      collection: world.collection,
      createdAt: instant(world, -8 * DAY + world.issuedLate),
    },
    owed: money(BigInt(owed), 'CNY'),
    zone: ZONE,
    now: instant(world, world.lookAt),
    customer: { id: make('cus'), createdAt: instant(world, -400 * DAY) },
    ...(last > 0 ? { last: { id: make('inv'), total: money(BigInt(last), 'CNY') } } : {}),
    parts: last > 0 ? compareInvoices(linesOf(world, 'was'), linesOf(world, 'is')) : [],
    ...facts,
    notices,
    incidents: incidentsOf(world),
    consents: world.consents.map((consent) => consentFact(world, consent, make)),
    changes: world.changes.map(({ type, at }) => ({
      id: make('chg'),
      type,
      effectiveOn: dayOf(world, at),
      at: instant(world, at),
    })),
    ...(world.contests === undefined || world.contests > world.lookAt
      ? {}
      : {
          disputed: { ref: `ticket-${world.rng.int(10_000)}`, at: instant(world, world.contests) },
        }),
    habit: world.habit,
  };
}

type Make = <P extends IdPrefix>(prefix: P) => ReturnType<typeof makeId<P>>;

function idsOf(world: World): Make {
  let count = 0;
  return (prefix) => {
    count += 1;
    const epochMilliseconds = 1_767_200_000_000 + count;
    return makeId(prefix, { epochMilliseconds, random: world.rng.bytes(10), bucket: 7 });
  };
}

function dayOf({ dueDay }: World, at: Hours = 0): Temporal.PlainDate {
  return Temporal.PlainDate.from('2026-01-01').add({ days: dueDay + Math.floor(at / DAY) });
}

function instant(world: World, at: Hours): Temporal.Instant {
  const midnight = dayOf(world).toZonedDateTime(ZONE).toInstant();
  return midnight.add({ seconds: Math.round(at * HOUR) });
}

/** The messages of the bill: when each was sent and what became of it, as far as a look sees. */
function tell(world: World, make: Make): NoticeFact[] {
  const first = -5 * DAY + 9 + world.issuedLate;
  const times = world.collection === 'auto_debit' ? [first] : [first, DAY + 10];
  return times
    .filter((at) => at < world.lookAt)
    .map((at, index): NoticeFact => {
      const base = {
        id: make('not'),
        purpose: index === 0 ? ('renewal' as const) : ('overdue' as const),
        dueAt: instant(world, at),
      };
      if (world.ourNoticesFail) {
        const failureCode = world.rng.pick(['no_channel', '503', 'isv.OUT_OF_SERVICE']);
        return { ...base, state: 'failed', failureCode };
      }
      const sentAt = instant(world, at + 0.1);
      if (world.badAddress) {
        const failureCode = world.rng.pick(['no_address', '5.1.1', 'MOBILE_NOT_EXIST']);
        const isSent = failureCode !== 'no_address';
        return { ...base, state: 'failed', failureCode, ...(isSent ? { sentAt } : {}) };
      }
      if (world.reportLost) return { ...base, state: 'sent', sentAt };
      const arrives = at + 0.2 + world.noticeDelay;
      if (arrives > world.lookAt) return { ...base, state: 'sent', sentAt };
      return { ...base, state: 'delivered', sentAt, deliveredAt: instant(world, arrives) };
    });
}

/** Debits and their attempts until one succeeds or nothing can help; true when money stayed. */
function collect(
  world: World,
  about: {
    readonly make: Make;
    readonly owed: number;
    readonly facts: {
      readonly attempts: AttemptFact[];
      readonly debits: DebitFact[];
      readonly mandates: MandateFact[];
      readonly returns: ReturnFact[];
    };
    readonly notices: readonly NoticeFact[];
  },
): boolean {
  const { make, owed, facts, notices } = about;
  const { mandateEnds, lookAt: look } = world;
  const hasEnded = mandateEnds !== undefined && mandateEnds.at <= look;
  facts.mandates.push({
    id: make('man'),
    rail: 'wechat',
    state: hasEnded ? 'ended' : 'active',
    singleCap: money(BigInt(world.cap), 'CNY'),
    createdAt: instant(world, -300 * DAY),
    signedAt: instant(world, -300 * DAY + 1),
    ...(hasEnded ? { endedAt: instant(world, mandateEnds.at), endedBy: mandateEnds.by } : {}),
  });
  const debit = {
    id: make('dbt'),
    rail: 'wechat',
    amount: money(BigInt(owed), 'CNY'),
    collectAt: instant(world, 7.5),
  };
  // No debit is made without a mandate; none leaves above its cap or before its notice arrived.
  if (mandateEnds !== undefined && mandateEnds.at < -5 * DAY) return false;
  const block =
    owed > world.cap
      ? 'mandate_cap_exceeded'
      : notices.every(({ state }) => state === 'failed')
        ? 'notice_failed'
        : undefined;
  if (block !== undefined) {
    facts.debits.push({ ...debit, state: 'scheduled', blockedBy: block });
    return false;
  }
  const state = tryToCollect(world, { make, owed, attempts: facts.attempts });
  facts.debits.push({ ...debit, state });
  if (state !== 'succeeded') return false;
  const { takesBack } = world;
  if (takesBack === undefined) return world.contests === undefined;
  if (takesBack.at > look) return true;
  facts.returns.push({
    id: make('rtn'),
    code: takesBack.code,
    amount: debit.amount,
    returnedAt: instant(world, takesBack.at),
    mandateGone: takesBack.mandateGone,
  });
  return false;
}

function tryToCollect(
  world: World,
  about: { readonly make: Make; readonly owed: number; readonly attempts: AttemptFact[] },
): DebitFact['state'] {
  const { make, owed, attempts } = about;
  const start = Math.max(0, Math.ceil((world.issuedLate - 2 * DAY) / DAY)) * DAY;
  for (const at of TRIES.map((hours) => start + hours)) {
    if (at >= world.lookAt) return 'scheduled';
    const outcome = answerOf(world, at, owed);
    const base = { id: make('att'), rail: 'wechat', submittedAt: instant(world, at) };
    if (outcome === 'silence') {
      // A rail that is silent is asked until the evening; then it says that nothing came of it.
      const isKnown = world.lookAt > at + 14;
      attempts.push(
        isKnown
          ? { ...base, state: 'closed', endedAt: instant(world, at + 14) }
          : { ...base, state: 'unknown' },
      );
      if (!isKnown) return 'in_flight';
      continue;
    }
    const endedAt = instant(world, at + 0.01);
    if (outcome === 'paid') {
      attempts.push({ ...base, state: 'succeeded', endedAt });
      return 'succeeded';
    }
    attempts.push({ ...base, state: 'refused', endedAt, refusal: { ...outcome, message: '' } });
    if (outcome.class === 'account' || outcome.class === 'mandate' || outcome.class === 'risk') {
      return 'failed';
    }
  }
  return 'failed';
}

type Answer = 'paid' | 'silence' | { readonly class: RefusalClass; readonly code: string };

function answerOf(world: World, at: Hours, owed: number): Answer {
  const { rng, deadAccount, mandateEnds } = world;
  if (world.outages.some(({ from, until }) => at >= from && at < until)) {
    return rng.chance(300) ? 'silence' : { class: 'technical', code: 'SYSTEMERROR' };
  }
  if (world.hiccups > 0 && rng.chance(500)) {
    world.hiccups -= 1;
    return {
      class: 'technical',
      code: rng.pick(['SYSTEMERROR', 'BANKERROR', 'FREQUENCY_LIMITED']),
    };
  }
  if (mandateEnds !== undefined && mandateEnds.at <= at) {
    return { class: 'mandate', code: 'CONTRACT_NOT_EXIST' };
  }
  if (deadAccount !== undefined && deadAccount.from <= at) {
    return { class: deadAccount.class, code: deadAccount.code };
  }
  return world.holds(at) < owed ? { class: 'funds', code: 'NOTENOUGH' } : 'paid';
}

/** Whoever pays by hand pays at the first hour at which bill, money and thought are there. */
function payByHand(
  world: World,
  about: { readonly owed: number; readonly notices: readonly NoticeFact[] },
): boolean {
  if (world.contests !== undefined && world.contests <= world.lookAt) return false;
  const hasBill = about.notices.some(({ state }) => state === 'delivered' || state === 'sent');
  if (!hasBill) return false;
  for (let at = -4 * DAY; at < world.lookAt; at += 12) {
    if (at >= world.thinksOfItAt && world.holds(at) >= about.owed) return true;
  }
  return false;
}

function incidentsOf(world: World): RailIncident[] {
  return world.outages
    .filter(({ from, customers }) => from < world.lookAt && customers >= 3)
    .map(({ from, until, customers }) => ({
      rail: 'wechat',
      from: instant(world, from),
      until: instant(world, until),
      customers,
    }));
}

function consentFact(
  world: World,
  { toldAt, factor }: World['consents'][number],
  make: Make,
): ConsentFact {
  return {
    priceChangeId: make('pch'),
    subscriptionId: make('sub'),
    before: money(10_000n, 'CNY'),
    after: money(BigInt(Math.round(10_000 * factor)), 'CNY'),
    answer: 'silent',
    outcome: 'applied',
    createdAt: instant(world, -45 * DAY),
    ...(toldAt === undefined ? {} : { noticedAt: instant(world, toldAt) }),
  };
}

function linesOf(world: World, when: 'was' | 'is') {
  const lines = world.things.flatMap((thing): ComparableLine[] => {
    const side = thing[when];
    if (side === undefined) return [];
    const { quantity, price, discount = 0 } = side;
    return [
      {
        priceCode: thing.code,
        kind: thing.kind,
        rule: ('rule' in side ? side.rule : undefined) ?? 'list_price',
        quantity: ratio(BigInt(quantity)),
        unitAmount: ratio(BigInt(price), 100n),
        serviceDays: 30,
        periodDays: 30,
        subtotal: money(BigInt(quantity * price), 'CNY'),
        discount: money(BigInt(discount), 'CNY'),
        amount: money(BigInt(quantity * price - discount), 'CNY'),
        taxBasisPoints: 600n,
        nameZh: thing.code,
        nameEn: thing.code,
      },
    ];
  });
  return { total: money(BigInt(billed(world.things, when)), 'CNY'), lines };
}
