import {
  type ChangeFacts,
  type DraftContext,
  decideChange,
  decideDraft,
  type Invoice,
  instantAt,
  isDateBefore,
  type PendingLine,
  type PricedVersion,
  type Redemption,
  type Subscription,
  type SubscriptionCommand,
} from '../../packages/core/src/index.ts';
import { billedLinesOf, contextOf, factsOf, ZONE } from './builders.ts';

/**
 * One subscription as production leads it, in memory: it is drafted when it is due, its commands
 * are decided with everything that was billed, drafts of periods that have not begun are undone.
 */
export class BillingLife {
  subscription: Subscription;
  readonly #context: DraftContext;
  #invoices: readonly Invoice[] = [];
  #pendingLines: readonly PendingLine[] = [];
  #redemptions: readonly Redemption[];
  #today: Temporal.PlainDate;

  constructor(
    subscription: Subscription,
    prices: readonly PricedVersion[],
    start: { readonly on: Temporal.PlainDate; readonly redemptions?: readonly Redemption[] },
  ) {
    this.subscription = subscription;
    this.#today = start.on;
    this.#redemptions = start.redemptions ?? [];
    const bounds = { linesPerDay: 1_000, timesRecent: 1_000_000n, floorMinor: 10n ** 15n };
    this.#context = contextOf(prices, { bounds });
  }

  /** Those that are not void, oldest first. */
  get invoices(): readonly Invoice[] {
    return this.#invoices.filter(({ state }) => state !== 'void');
  }

  get waiting(): readonly PendingLine[] {
    return this.#pendingLines.filter(({ state }) => state === 'pending');
  }

  /** Passes the days to `day`, drafting what is due at its time. */
  advanceTo(day: Temporal.PlainDate): void {
    this.#today = day;
    const noon = this.#now();
    for (let draft = 0; draft < 1_000; draft += 1) {
      const { state, nextBillAt } = this.subscription;
      if (state === 'ended' || state === 'parked') return;
      if (Temporal.Instant.compare(nextBillAt, noon) > 0) return;
      this.#draft(nextBillAt);
    }
    throw new Error('the drafts have no end');
  }

  /** Whether the command was taken. */
  change(command: SubscriptionCommand): boolean {
    const draft = this.invoices.find(
      ({ state, period }) => state === 'draft' && isDateBefore(this.#today, period.start),
    );
    const facts: ChangeFacts = {
      subscription: this.subscription,
      billed: billedLinesOf(...this.invoices),
      pendingLines: this.#pendingLines,
      redemptions: this.#redemptions,
      ...(draft === undefined ? {} : { draft }),
    };
    const decided = decideChange(facts, command, { ...this.#context, now: this.#now() });
    if (!decided.ok) return false;
    const { subscription, pendingLines, dropped, undone } = decided.value;
    this.subscription = subscription;
    if (undone !== undefined) {
      this.#invoices = replaced(this.#invoices, [undone.invoice]);
      this.#pendingLines = replaced(this.#pendingLines, undone.pendingLines);
      this.#redemptions = replaced(this.#redemptions, undone.redemptions);
    }
    this.#pendingLines = replaced(this.#pendingLines, [...dropped, ...pendingLines]);
    return true;
  }

  /** Makes the next draft now, due or not. */
  draftOnce(): void {
    this.#draft(this.subscription.nextBillAt);
  }

  #draft(now: Temporal.Instant): void {
    const facts = factsOf(this.subscription, {
      pendingLines: this.#pendingLines,
      redemptions: this.#redemptions,
    });
    const decision = decideDraft(facts, { ...this.#context, now });
    this.subscription = decision.subscription;
    this.#pendingLines = replaced(this.#pendingLines, decision.pendingLines);
    this.#redemptions = replaced(this.#redemptions, decision.redemptions);
    if (decision.invoice !== undefined) this.#invoices = [...this.#invoices, decision.invoice];
  }

  #now(): Temporal.Instant {
    return instantAt(this.#today, Temporal.PlainTime.from('12:00'), ZONE);
  }
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
