import type { ArrearsCauseKind, ArrearsHistory } from '../../packages/core/src/index.ts';
import { Rng } from '../simulation/dice.ts';
import { type BilledThing, billed, lookAt, type World } from './arrears-world.ts';

// Labelled histories of overdue bills: a script says what happened in the world, the world says
// what is on file of it. Scripts and world were written before the rules that they measure, and
// know nothing of them.

/** One history with what truly caused it, the stronger cause first. */
export type LabelledHistory = {
  readonly seed: number;
  readonly script: string;
  readonly causes: readonly ArrearsCauseKind[];
  readonly history: ArrearsHistory;
};

const DAY = 24;

/** The history of a seed: the same on every run and machine. Every fifth is a mixture. */
export function labelledHistory(seed: number): LabelledHistory {
  const scripts = seed % 5 === 4 ? MIXTURES : SINGLES;
  for (let again = 0; again < 60; again += 1) {
    const rng = new Rng(`arrears/${seed}/${again}`);
    const script = rng.pick(scripts);
    const world = ordinary(rng.fork('world'));
    const causes = script.happen(world, rng.fork('script'));
    addNoise(world, rng.fork('noise'));
    const history = lookAt(world);
    if (history !== undefined) return { seed, script: script.name, causes, history };
  }
  throw new Error(`seed ${seed} makes no arrears in sixty worlds`);
}

/** The histories of the seeds `from` to `until`, both included. */
export function labelledHistories(from: number, until: number): readonly LabelledHistory[] {
  return Array.from({ length: until - from + 1 }, (_, index) => labelledHistory(from + index));
}

/** A customer with whom nothing is wrong: it would pay this bill. */
function ordinary(rng: Rng): World {
  const seats = rng.between(3, 40);
  const seatPrice = rng.pick([2_000, 2_985, 4_900, 9_900]);
  const units = rng.between(100, 4_000);
  const drift = rng.between(97, 103);
  const things: BilledThing[] = [
    same('base', 'flat', { quantity: 1, price: rng.pick([9_900, 29_900, 99_900]) }),
    same('seat', 'seat', { quantity: seats, price: seatPrice }),
    {
      code: 'calls',
      kind: 'metered',
      was: { quantity: units, price: 8 },
      is: { quantity: Math.round(units * drift * 0.01), price: 8 },
    },
  ];
  const usual = billed(things, 'was');
  const budget = Math.round(usual * rng.between(104, 112) * 0.01);
  return {
    rng: rng.fork('facts'),
    collection: rng.chance(650) ? 'auto_debit' : 'by_hand',
    dueDay: rng.between(20, 300),
    lookAt: rng.pick([1, 2, 3, 5, 8, 14]) * DAY + rng.between(0, 20),
    things,
    hasLast: true,
    holds: () => budget,
    cap: usual * rng.between(3, 6),
    badAddress: false,
    ourNoticesFail: false,
    issuedLate: 0,
    thinksOfItAt: -3 * DAY,
    outages: [],
    consents: [],
    changes: [],
    habit: { invoices: rng.between(3, 6), fundsRefused: 0, paidLate: 0 },
    hiccups: 0,
    noticeDelay: 0,
    reportLost: false,
  };
}

function same(
  code: string,
  kind: BilledThing['kind'],
  side: { readonly quantity: number; readonly price: number },
): BilledThing {
  return { code, kind, was: side, is: side };
}

/** What a script does to a world; it returns what then causes the arrears. */
type Script = {
  readonly name: string;
  readonly happen: (world: World, rng: Rng) => readonly ArrearsCauseKind[];
};

function byMandate(world: World): void {
  Object.assign(world, { collection: 'auto_debit' });
}

function byHand(world: World): void {
  Object.assign(world, { collection: 'by_hand' });
}

function changeThing(
  world: World,
  code: string,
  is: Partial<NonNullable<BilledThing['is']>>,
): void {
  world.things = world.things.map((thing) =>
    thing.code === code && thing.is !== undefined
      ? { ...thing, is: { ...thing.is, ...is } }
      : thing,
  );
}

function quantityOf(world: World, code: string): number {
  return world.things.find((thing) => thing.code === code)?.is?.quantity ?? 0;
}

function priceOf(world: World, code: string): number {
  return world.things.find((thing) => thing.code === code)?.is?.price ?? 0;
}

/** The account is short of what was usual, until payday if there is one in sight. */
function runShort(world: World, rng: Rng): void {
  const usual = billed(world.things, 'was');
  const left = Math.round(usual * rng.between(20, 85) * 0.01);
  const payday = rng.chance(500) ? rng.between(2, 9) * DAY : Number.POSITIVE_INFINITY;
  world.holds = (at) => (at < payday ? left : usual * 2);
  if (rng.chance(350)) world.habit = { ...world.habit, fundsRefused: rng.between(1, 3) };
}

/** More seats, more use, another module or the larger plan: the customer's own doing. */
function grow(world: World, rng: Rng): void {
  const usual = billed(world.things, 'was');
  const at = -rng.between(6, 25) * DAY;
  const way = rng.pick(['seats', 'seats', 'usage', 'module', 'plan'] as const);
  const more = Math.round(usual * rng.between(12, 70) * 0.01);
  switch (way) {
    case 'seats': {
      const price = priceOf(world, 'seat');
      const quantity = quantityOf(world, 'seat') + Math.ceil(more / price);
      changeThing(world, 'seat', { quantity });
      world.changes.push({ type: 'quantity', at });
      return;
    }
    case 'usage':
      changeThing(world, 'calls', { quantity: quantityOf(world, 'calls') + Math.ceil(more / 8) });
      return;
    case 'module':
      world.things.push({ code: 'crm', kind: 'module', is: { quantity: 1, price: more } });
      world.changes.push({ type: 'add_item', at });
      return;
    case 'plan': {
      const price = priceOf(world, 'base') + more;
      world.things = world.things.map(({ is, ...thing }) =>
        thing.code === 'base' || is === undefined ? thing : { ...thing, is },
      );
      world.things.push({ code: 'base_pro', kind: 'flat', is: { quantity: 1, price } });
      world.changes.push({ type: 'plan', at });
    }
  }
}

/** The merchant asks more for the same: a new price, a free thing that costs, an offer ends. */
function raisePrices(world: World, rng: Rng, share = rng.between(10, 50)): void {
  const usual = billed(world.things, 'was');
  const way = rng.pick(['price', 'price', 'no_longer_free', 'offer_ends'] as const);
  const isTold = rng.chance(350);
  if (way === 'price') {
    for (const code of ['base', 'seat']) {
      const price = priceOf(world, code);
      if (price > 0) {
        const raised = Math.round(price * (100 + share) * 0.01);
        changeThing(world, code, { price: Math.max(raised, price + 1) });
      }
    }
    world.changes.push({ type: 'prices', at: -rng.between(6, 20) * DAY });
  } else if (way === 'no_longer_free') {
    const price = Math.round(usual * share * 0.01);
    world.things.push({
      code: 'reports',
      kind: 'module',
      was: { quantity: 1, price: 0 },
      is: { quantity: 1, price },
    });
  } else {
    const discount = Math.round(usual * share * 0.01);
    const price = usual;
    world.things.push({
      code: 'support',
      kind: 'flat',
      was: { quantity: 1, price, discount },
      is: { quantity: 1, price },
    });
  }
  const factor = 1 + share * 0.01;
  if (way !== 'offer_ends') {
    world.consents.push({ factor, ...(isTold ? { toldAt: -36 * DAY } : {}) });
  }
  fitBudget(world, rng);
}

/** The contract says something new: a minimum, another agreed price, an end before its time. */
function amendContract(world: World, rng: Rng): void {
  const usual = billed(world.things, 'was');
  const more = Math.round(usual * rng.between(12, 80) * 0.01);
  const at = -rng.between(6, 25) * DAY;
  const way = rng.pick(['minimum', 'agreed', 'leaves_early'] as const);
  if (way === 'agreed') {
    changeThing(world, 'base', { price: priceOf(world, 'base') + more, rule: 'agreed_price' });
    world.changes.push({ type: 'contract', at });
    return;
  }
  const rule = way === 'minimum' ? 'minimum_spend' : 'termination';
  world.things.push({ code: rule, kind: 'one_off', is: { quantity: 1, price: more, rule } });
  world.changes.push({ type: way === 'minimum' ? 'contract' : 'end', at });
}

/** After a rise the account still holds what was usual, a little more, and not the new amount. */
function fitBudget(world: World, rng: Rng): void {
  const usual = billed(world.things, 'was');
  const budget = Math.round(usual * rng.between(101, 110) * 0.01);
  world.holds = () => budget;
  if (world.collection === 'auto_debit' && rng.chance(300)) world.cap = budget;
  else world.cap = usual * 6;
}

/** The rail is down in the hours of the first try. */
function failRail(world: World, rng: Rng): void {
  const from = rng.between(4, 7);
  const until = from + rng.between(4, 6);
  world.outages.push({ from, until, customers: rng.between(3, 60) });
}

function breakAccount(world: World, rng: Rng): void {
  const way = rng.pick(['expired', 'closed', 'limited', 'ended', 'address'] as const);
  const from = -rng.between(1, 40) * DAY;
  if (way === 'expired') world.deadAccount = { from, class: 'account', code: 'CARD_EXPIRED' };
  if (way === 'closed') world.deadAccount = { from, class: 'account', code: 'ACCOUNTERROR' };
  if (way === 'limited') world.deadAccount = { from, class: 'limit', code: 'DAY_LIMIT' };
  if (way === 'ended') {
    world.mandateEnds = { at: from, by: rng.pick(['customer', 'rail', 'expired'] as const) };
  }
  if (way === 'address') world.badAddress = true;
}

/** Something was added that has nothing to do with it. */
function growBeside(world: World, rng: Rng): void {
  if (!rng.chance(250)) return;
  const quantity = quantityOf(world, 'seat') + rng.between(1, 3);
  changeThing(world, 'seat', { quantity });
  world.changes.push({ type: 'quantity', at: -10 * DAY });
  const usual = billed(world.things, 'is');
  const holds = world.holds;
  world.holds = (at) => (holds(at) >= billed(world.things, 'was') ? usual * 2 : holds(at));
}

const FORGOT: Script = {
  name: 'forgot',
  happen: (world, rng) => {
    byHand(world);
    growBeside(world, rng);
    world.thinksOfItAt = rng.chance(300) ? Number.POSITIVE_INFINITY : rng.between(20, 30) * DAY;
    if (rng.chance(300)) world.habit = { ...world.habit, paidLate: rng.between(1, 3) };
    return ['forgot'];
  },
};

const SHORT: Script = {
  name: 'balance short',
  happen: (world, rng) => {
    byMandate(world);
    growBeside(world, rng);
    runShort(world, rng);
    return ['insufficient_balance'];
  },
};

const DEAD_METHOD: Script = {
  name: 'method or data wrong',
  happen: (world, rng) => {
    byMandate(world);
    growBeside(world, rng);
    breakAccount(world, rng);
    return ['method_or_account_data'];
  },
};

const RAIL_DOWN: Script = {
  name: 'rail down on the day',
  happen: (world, rng) => {
    byMandate(world);
    growBeside(world, rng);
    failRail(world, rng);
    world.lookAt = DAY + rng.between(0, 6);
    return ['rail_or_system_fault'];
  },
};

const OUR_FAULT: Script = {
  name: 'our bill or notices failed',
  happen: (world, rng) => {
    if (rng.chance(500)) {
      world.ourNoticesFail = true;
    } else {
      world.issuedLate = rng.between(6, 9) * DAY;
      world.lookAt = world.issuedLate - 5 * DAY + rng.between(12, 40);
      world.thinksOfItAt = world.lookAt + 1;
    }
    return ['rail_or_system_fault'];
  },
};

const PRICE_UP: Script = {
  name: 'price raised',
  happen: (world, rng) => {
    raisePrices(world, rng);
    return ['price_or_policy_change'];
  },
};

const GREW: Script = {
  name: 'seats, use or features grew',
  happen: (world, rng) => {
    grow(world, rng);
    fitBudget(world, rng);
    return ['growth'];
  },
};

const AMENDED: Script = {
  name: 'contract amended',
  happen: (world, rng) => {
    amendContract(world, rng);
    fitBudget(world, rng);
    return ['contract_change'];
  },
};

const CONTESTED: Script = {
  name: 'contested',
  happen: (world, rng) => {
    growBeside(world, rng);
    world.lookAt = rng.between(6, 30) * DAY;
    if (world.collection === 'auto_debit' && rng.chance(600)) {
      const code = rng.pick(['MD06', 'MD06', 'MD01', 'DISPUTED']);
      world.takesBack = { at: 4 * DAY, code, mandateGone: code === 'MD01' };
    } else {
      world.contests = -rng.between(1, 4) * DAY;
    }
    return ['dispute'];
  },
};

/** About as often as the article has it: 30 forgot or short, 10 system and data, 20, 40 %. */
const SINGLES: readonly Script[] = [
  ...[FORGOT, FORGOT, SHORT, SHORT, DEAD_METHOD, DEAD_METHOD, RAIL_DOWN, OUR_FAULT],
  ...[PRICE_UP, PRICE_UP, AMENDED, CONTESTED, GREW, GREW, GREW],
];

/** The stronger of two rises first. */
function rises(
  world: World,
  steps: readonly (readonly [ArrearsCauseKind, () => void])[],
): readonly ArrearsCauseKind[] {
  const weights = steps.map(([cause, happen]) => {
    const before = billed(world.things, 'is');
    happen();
    return { cause, rise: billed(world.things, 'is') - before };
  });
  return weights.toSorted((left, right) => right.rise - left.rise).map(({ cause }) => cause);
}

const MIXTURES: readonly Script[] = [
  {
    name: 'grew, and the price rose',
    happen: (world, rng) => {
      const causes = rises(world, [
        ['growth', () => grow(world, rng)],
        ['price_or_policy_change', () => raisePrices(world, rng)],
      ]);
      fitBudget(world, rng);
      return causes;
    },
  },
  {
    name: 'grew, and the contract changed',
    happen: (world, rng) => {
      const causes = rises(world, [
        ['growth', () => grow(world, rng)],
        ['contract_change', () => amendContract(world, rng)],
      ]);
      fitBudget(world, rng);
      return causes;
    },
  },
  {
    name: 'grew while the balance was short',
    happen: (world, rng) => {
      byMandate(world);
      const [cause] = rises(world, [['growth', () => grow(world, rng)]]);
      return withShortage(world, rng, cause ?? 'growth');
    },
  },
  {
    name: 'price raised while the balance was short',
    happen: (world, rng) => {
      byMandate(world);
      const [cause] = rises(world, [['price_or_policy_change', () => raisePrices(world, rng)]]);
      world.cap = billed(world.things, 'is') * 3;
      return withShortage(world, rng, cause ?? 'price_or_policy_change');
    },
  },
  {
    name: 'rail down, then the money was gone',
    happen: (world, rng) => {
      byMandate(world);
      failRail(world, rng);
      const usual = billed(world.things, 'was');
      world.holds = (at) => (at < DAY ? usual * 2 : Math.round(usual * 0.4));
      world.lookAt = rng.between(3, 9) * DAY;
      return ['insufficient_balance', 'rail_or_system_fault'];
    },
  },
  {
    name: 'rail down, then the account was dead',
    happen: (world, rng) => {
      byMandate(world);
      failRail(world, rng);
      world.deadAccount = { from: DAY, class: 'account', code: 'CARD_EXPIRED' };
      world.lookAt = rng.between(3, 9) * DAY;
      return ['method_or_account_data', 'rail_or_system_fault'];
    },
  },
  {
    name: 'price raised, and our notices failed',
    happen: (world, rng) => {
      byHand(world);
      raisePrices(world, rng);
      world.ourNoticesFail = true;
      return ['rail_or_system_fault', 'price_or_policy_change'];
    },
  },
  {
    name: 'contested because the price rose',
    happen: (world, rng) => {
      raisePrices(world, rng);
      world.lookAt = rng.between(6, 20) * DAY;
      world.contests = -rng.between(1, 4) * DAY;
      return ['dispute', 'price_or_policy_change'];
    },
  },
];

/** The account lacks more than the rise: which of the two weighs more is a matter of fen. */
function withShortage(world: World, rng: Rng, cause: ArrearsCauseKind) {
  const usual = billed(world.things, 'was');
  const rise = billed(world.things, 'is') - usual;
  const left = Math.round(usual * rng.between(50, 90) * 0.01);
  world.holds = () => left;
  world.habit = { ...world.habit, fundsRefused: rng.between(1, 3) };
  const order: readonly ArrearsCauseKind[] = [cause, 'insufficient_balance'];
  return rise >= usual - left ? order : order.toReversed();
}

/** What happens beside it in any month, and what is not on file. */
function addNoise(world: World, rng: Rng): void {
  if (rng.chance(200)) world.hiccups = 1;
  if (rng.chance(200)) world.noticeDelay = rng.between(3, 40);
  if (rng.chance(80)) world.reportLost = true;
  if (rng.chance(200)) {
    const from = -rng.between(2, 30) * DAY;
    world.outages.push({ from, until: from + 3, customers: rng.between(3, 30) });
  }
  // A failure of everybody in the hour of one try, which a later one made good or did not.
  if (rng.chance(60)) world.outages.push({ from: 31, until: 32, customers: rng.between(3, 30) });
  // An hour of the rail in the night, in which nobody is debited.
  if (rng.chance(150)) world.outages.push({ from: 26, until: 28, customers: rng.between(3, 9) });
  if (rng.chance(150)) world.consents = [];
  if (rng.chance(150)) {
    world.changes = world.changes.filter(({ type }) => type === 'contract' || type === 'end');
  }
  // The bill before is not always on file: moved in, imported, of another currency.
  const isRise = billed(world.things, 'is') * 100 > billed(world.things, 'was') * 110;
  if (rng.chance(isRise ? 25 : 100)) world.hasLast = false;
}
