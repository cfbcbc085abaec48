import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  businessDate,
  type ChangeFacts,
  compareInvoices,
  type DraftContext,
  type DraftDecision,
  type DraftFacts,
  decideChange,
  decideDraft,
  formatMoney,
  type Invoice,
  isDateBefore,
  type PendingLine,
  type PricedVersion,
  percentOff,
  type Ratio,
  type Redemption,
  type ResourcePack,
  ratio,
  type Subscription,
  type SubscriptionCommand,
  type Usage,
  type UsageBilled,
  usageKey,
} from '../../packages/core/src/index.ts';
import { firstInvoice, overlaid } from '../../packages/engine/src/invoice/preview-next.ts';
import {
  anItem,
  anotherId,
  aPrice,
  aSubscription,
  at,
  billedLinesOf,
  contextOf,
  day,
} from './builders.ts';
import { lineText } from './shop.ts';

// Random lives of one subscription in memory, led by the functions that production calls.

const BASE = aPrice('flat', 29_851n, { code: 'base' });
const PRO = aPrice('flat', 49_900n, { code: 'pro' });
const SEAT = aPrice('seat', 3_333n, { code: 'seat' });
const MODULE = aPrice('module', 1_001n, { code: 'module', taxBehavior: 'exclusive' });
const SETUP = aPrice('one_off', 10_000n, { code: 'setup', instalments: 3 });
const CALLS = aPrice('metered', 7n, { code: 'calls' });
const PRICES: readonly PricedVersion[] = [BASE, PRO, SEAT, MODULE, SETUP, CALLS];
const SOLD = [SEAT, MODULE, SETUP] as const;

const NO_BOUNDS = { linesPerDay: 1_000, timesRecent: 1n << 60n, floorMinor: 10n ** 15n };

export type Step = {
  readonly days: number;
  readonly kind:
    | 'seats'
    | 'add'
    | 'remove'
    | 'upgrade'
    | 'downgrade'
    | 'pause'
    | 'resume'
    | 'align'
    | 'auto_renew'
    | 'end';
  readonly when: 'now' | 'period_end';
  readonly number: number;
};

export type History = {
  readonly anchor: number;
  readonly trialDays: number;
  readonly isMetered: boolean;
  readonly coupons: readonly ('half' | 'fixed' | 'forever')[];
  readonly packUnits: number;
  /** Seeds the units that every period has. */
  readonly usage: number;
  readonly steps: readonly Step[];
};

export const histories: fc.Arbitrary<History> = fc.record({
  anchor: fc.nat(800),
  trialDays: fc.constantFrom(0, 0, 0, 7, 40),
  isMetered: fc.boolean(),
  coupons: fc.uniqueArray(fc.constantFrom('half', 'fixed', 'forever'), { maxLength: 2 }),
  packUnits: fc.constantFrom(0, 0, 500, 5_000),
  usage: fc.nat(10_000),
  steps: fc.array(
    fc.record({
      days: fc.integer({ min: 0, max: 45 }),
      kind: fc.constantFrom<Step['kind']>(
        'seats',
        'seats',
        'seats',
        'add',
        'remove',
        'upgrade',
        'downgrade',
        'pause',
        'resume',
        'align',
        'auto_renew',
        'end',
      ),
      when: fc.constantFrom('now', 'now', 'period_end'),
      number: fc.integer({ min: 1, max: 40 }),
    }),
    { minLength: 1, maxLength: 4 },
  ),
});

/** What a history came to. */
export type Told = { readonly invoices: readonly Invoice[]; readonly compared: number };

/**
 * Leads a history to its end. After every command that is taken, the next invoice as a preview
 * shows it before anything is saved is the invoice that is drafted when its time has come.
 */
export function lead(history: History): Told {
  const world = new World(history);
  let compared = 0;
  for (const step of history.steps) {
    world.wait(step.days);
    const preview = world.change(commandOf(step, world));
    if (preview === 'refused') continue;
    const drafted = world.draftNext();
    assert.deepEqual(figuresOf(drafted), figuresOf(preview.invoice), `after ${step.kind}`);
    compared += 1;
  }
  return { invoices: world.invoices, compared };
}

/** That the parts of why a bill changed add up, for each invoice and the one before it. */
export function assertComparable(invoices: readonly Invoice[]): void {
  invoices.forEach((after, index) => {
    const before = invoices[index - 1];
    const lines = after.lines.reduce((total, { amount }) => total + amount.minor, 0n);
    assert.equal(lines, after.total.minor);
    assert.equal(after.net.minor + after.tax.minor, after.total.minor);
    assert.ok(after.total.minor >= 0n);
    if (before === undefined) return;
    const parts = compareInvoices(before, after).reduce((sum, part) => sum + part.amount.minor, 0n);
    assert.equal(parts, after.total.minor - before.total.minor);
  });
}

/** An invoice without what no preview can know: its id, its number and its moment. */
export function figuresOf(invoice: Invoice | undefined): readonly string[] {
  if (invoice === undefined) return ['nothing'];
  const { period, dueDate, total, tax } = invoice;
  return [
    `${period.start} – ${period.end} due ${dueDate} ${formatMoney(total)} ${formatMoney(tax)}`,
    ...invoice.lines.map(lineText),
  ];
}

function commandOf(step: Step, world: World): SubscriptionCommand {
  const when = { at: step.when };
  const open = world.subscription.items.filter(({ until }) => until === undefined);
  const item = open[step.number % Math.max(open.length, 1)] ?? anItem(BASE);
  const sold = SOLD[step.number % SOLD.length] ?? SEAT;
  const planOf = (price: PricedVersion): SubscriptionCommand => ({
    type: 'plan',
    planId: world.subscription.planId,
    items: [{ priceVersionId: price.version.id, quantity: 1n }],
    when,
  });
  switch (step.kind) {
    case 'seats':
      return { type: 'quantity', itemId: item.id, quantity: BigInt(step.number), when };
    case 'add':
      return { type: 'add_item', priceVersionId: sold.version.id, quantity: 2n, when };
    case 'remove':
      return { type: 'remove_item', itemId: item.id, when };
    case 'upgrade':
      return planOf(PRO);
    case 'downgrade':
      return planOf(BASE);
    case 'pause': {
      const resumesOn = world.today.add({ days: step.number + 31 });
      return step.number % 2 === 0 ? { type: 'pause', when } : { type: 'pause', when, resumesOn };
    }
    case 'resume':
      return { type: 'resume', when };
    case 'align':
      return { type: 'align', expiresOn: world.today.add({ days: step.number }) };
    case 'auto_renew':
      return { type: 'auto_renew', on: step.number % 3 === 0 };
    case 'end':
      return { type: 'end', when };
  }
}

type Preview = 'refused' | { readonly invoice: Invoice | undefined };

class World {
  subscription: Subscription;
  readonly #seed: number;
  #now: Temporal.Instant;
  #invoices: readonly Invoice[] = [];
  #pendingLines: readonly PendingLine[] = [];
  #redemptions: readonly Redemption[];
  #packs: readonly ResourcePack[];
  #usageBilled: readonly UsageBilled[] = [];

  constructor(history: History) {
    const anchor = day('2026-01-01').add({ days: history.anchor });
    const charged = anchor.add({ days: history.trialDays });
    const items = history.isMetered ? [BASE, SEAT, CALLS] : [BASE, SEAT];
    this.#seed = history.usage;
    this.#now = at(`${anchor} 12:00`);
    this.subscription = aSubscription({
      anchor: charged,
      startsOn: anchor,
      ...(history.trialDays === 0 ? {} : { trialEndsOn: charged }),
      billedThrough: charged,
      arrearsThrough: charged,
      nextBillAt: this.#now,
      items: items.map((price) => anItem(price, { from: anchor })),
    });
    this.#redemptions = history.coupons.map((kind) => redemptionOf(kind, this.subscription));
    this.#packs = history.packUnits === 0 ? [] : [packOf(history.packUnits, this.subscription)];
  }

  get today(): Temporal.PlainDate {
    return businessDate(this.#now, this.#context().zone);
  }

  get invoices(): readonly Invoice[] {
    return this.#invoices.filter(({ state }) => state !== 'void');
  }

  /** Days pass; what falls due is drafted at its time, and issued when its day has come. */
  wait(days: number): void {
    const until = this.#now.add({ hours: days * 24 });
    while (this.#isOpen() && Temporal.Instant.compare(this.subscription.nextBillAt, until) <= 0) {
      this.#draft();
    }
    this.#moveTo(until);
  }

  /** Decides a command, previews what it leads to, and carries it out. */
  change(command: SubscriptionCommand): Preview {
    const facts = this.#changeFacts();
    const decision = decideChange(facts, command, this.#context());
    if (!decision.ok) return 'refused';
    const planned = { decision: decision.value, loaded: { facts, draft: facts.draft } };
    const after = decision.value.subscription;
    const preview = firstInvoice(overlaid(this.#draftFacts(after), planned), this.#context());
    const { undone, dropped, pendingLines } = decision.value;
    this.subscription = after;
    if (undone !== undefined) {
      this.#invoices = replaced(this.#invoices, [undone.invoice]);
      this.#pendingLines = replaced(this.#pendingLines, undone.pendingLines);
      this.#redemptions = replaced(this.#redemptions, undone.redemptions);
    }
    this.#pendingLines = replaced(this.#pendingLines, [...dropped, ...pendingLines]);
    return { invoice: preview };
  }

  /** Time passes until the next invoice is drafted; undefined where none is to come. */
  draftNext(): Invoice | undefined {
    for (let period = 0; period < 24 && this.#isOpen(); period += 1) {
      const { invoice } = this.#draft();
      if (invoice !== undefined) return invoice;
    }
    return undefined;
  }

  #isOpen(): boolean {
    return this.subscription.state === 'active' || this.subscription.state === 'paused';
  }

  #draft(): DraftDecision {
    const { nextBillAt } = this.subscription;
    if (Temporal.Instant.compare(nextBillAt, this.#now) > 0) this.#moveTo(nextBillAt);
    const decision = decideDraft(this.#draftFacts(this.subscription), this.#context());
    this.subscription = decision.subscription;
    this.#pendingLines = replaced(this.#pendingLines, decision.pendingLines);
    this.#redemptions = replaced(this.#redemptions, decision.redemptions);
    this.#packs = replaced(this.#packs, decision.packs);
    for (const row of decision.usageBilled) this.#keepUsage(row);
    if (decision.invoice !== undefined) this.#invoices = [...this.#invoices, decision.invoice];
    return decision;
  }

  /** Of several rows about one period the newest holds. */
  #keepUsage(row: UsageBilled): void {
    const key = usageKey(row.itemId, row.period);
    const others = this.#usageBilled.filter((one) => usageKey(one.itemId, one.period) !== key);
    this.#usageBilled = [...others, row];
  }

  #moveTo(instant: Temporal.Instant): void {
    this.#now = instant;
    this.#invoices = this.#invoices.map((invoice) =>
      invoice.state === 'draft' && Temporal.Instant.compare(invoice.issueAt, instant) <= 0
        ? { ...invoice, state: 'open' }
        : invoice,
    );
  }

  #changeFacts(): ChangeFacts {
    const draft = this.invoices.findLast(
      ({ state, billingKey, period }) =>
        state === 'draft' &&
        billingKey.startsWith('period:') &&
        isDateBefore(this.today, period.start),
    );
    return {
      subscription: this.subscription,
      billed: billedLinesOf(...this.invoices),
      pendingLines: this.#pendingLines,
      redemptions: this.#redemptions,
      ...(draft === undefined ? {} : { draft }),
    };
  }

  #draftFacts(subscription: Subscription): DraftFacts {
    const usageBilled = this.#usageBilled;
    // A preview looks further ahead than one draft, so every period has its usage.
    const usage = new EveryUsage((key) => ({ units: this.#unitsOf(key) }));
    return {
      subscription,
      usage,
      usageBilled,
      pendingLines: this.#pendingLines.filter(({ state }) => state === 'pending'),
      redemptions: this.#redemptions.filter(({ state }) => state === 'active'),
      packs: this.#packs,
      recentTotals: [],
    };
  }

  /** The same units for the same days whenever they are asked for. */
  #unitsOf(key: string): Ratio {
    let hash = this.#seed;
    for (const character of key) hash = (Math.imul(hash, 31) + (character.codePointAt(0) ?? 0)) | 0;
    return ratio(BigInt(Math.abs(hash) % 3_000));
  }

  #context(): DraftContext {
    return contextOf(PRICES, { now: this.#now, bounds: NO_BOUNDS });
  }
}

/** Usage of whatever item and period somebody asks for. */
class EveryUsage extends Map<string, Usage> {
  readonly #usageOf: (key: string) => Usage;

  constructor(usageOf: (key: string) => Usage) {
    super();
    this.#usageOf = usageOf;
  }

  override get(key: string): Usage {
    return this.#usageOf(key);
  }
}

function redemptionOf(kind: History['coupons'][number], subscription: Subscription): Redemption {
  const duration = {
    half: { type: 'repeating', periods: 2 },
    fixed: { type: 'once' },
    forever: { type: 'forever' },
  } as const;
  const fixed = { type: 'fixed', amount: { minor: 50_000n, currency: 'CNY' } } as const;
  return {
    id: anotherId('red', 0),
    merchantId: subscription.merchantId,
    customerId: subscription.customerId,
    subscriptionId: subscription.id,
    coupon: {
      id: anotherId('cpn', 0),
      code: kind,
      nameZh: kind,
      nameEn: kind,
      kind: kind === 'fixed' ? fixed : percentOff(kind === 'half' ? 5_000n : 333n),
      duration: duration[kind],
      appliesTo: kind === 'forever' ? { priceCodes: ['seat', 'calls'] } : 'all',
    },
    state: 'active',
    usedPeriods: 0,
    redeemedAt: subscription.createdAt,
  };
}

function packOf(units: number, subscription: Subscription): ResourcePack {
  const { meterId } = CALLS.version;
  assert.ok(meterId);
  return {
    id: anotherId('rsp', 0),
    merchantId: subscription.merchantId,
    customerId: subscription.customerId,
    meterId,
    unitsBought: ratio(BigInt(units)),
    unitsLeft: ratio(BigInt(units)),
    validFrom: day('2026-01-01'),
    expiresOn: day('2036-01-01'),
  };
}

/** `rows` with `changed` in the place of those of the same id, and new ones at the end. */
function replaced<T extends { readonly id: string }>(
  rows: readonly T[],
  changed: readonly T[],
): readonly T[] {
  const byId = new Map(changed.map((row) => [row.id, row]));
  const known = new Set(rows.map(({ id }) => id));
  return [
    ...rows.map((row) => byId.get(row.id) ?? row),
    ...changed.filter(({ id }) => !known.has(id)),
  ];
}
