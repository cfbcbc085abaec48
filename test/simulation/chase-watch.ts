import {
  type Arrears,
  type Changes,
  type DunningCase,
  isServiceOff,
  toUuid,
} from '../../packages/core/src/index.ts';
import type { OpenedStore } from '../../packages/store/src/index.ts';
import type { Say } from './promise.ts';

/** Steps of a case that ask the customer for money, or take it. */
const ASKS: ReadonlySet<string> = new Set(['message', 'collect', 'pay_link']);

/**
 * I3 for arrears: while a number may still be paid, nobody is chased for what it would pay and
 * nobody's service stops. Asked after each commit and before anything else can happen, so that
 * clocks that are off change nothing. That what is not open any more has ended at its rail too is
 * the watch's own check.
 */
export class ChaseWatch {
  readonly #store: OpenedStore;
  readonly #say: Say;
  readonly #isOff = new Map<string, boolean>();
  readonly #entries = new Map<string, number>();

  constructor(store: OpenedStore, say: Say) {
    this.#store = store;
    this.#say = say;
  }

  /** What one transaction has saved, in order, right after its commit. */
  async afterCommit(saved: readonly Changes[]): Promise<void> {
    for (const { arrears = [], dunningCases = [] } of saved) {
      for (const one of arrears) await this.#checkStop(one);
      for (const one of dunningCases) await this.#checkSteps(one);
    }
  }

  async #checkStop({ customerId, state }: Arrears): Promise<void> {
    const wasOff = this.#isOff.get(customerId) ?? false;
    const isOff = isServiceOff(state);
    this.#isOff.set(customerId, isOff);
    if (wasOff || !isOff) return;
    const open = await this.#open(`d.customer_id = '${toUuid(customerId)}'`);
    if (open === undefined) return;
    this.#say('I3 no stop while open', `${customerId} is ${state} while ${open}`);
  }

  async #checkSteps({ id, timeline, invoiceIds }: DunningCase): Promise<void> {
    const before = this.#entries.get(id) ?? 0;
    this.#entries.set(id, timeline.length);
    const asked = timeline
      .slice(before)
      .filter(({ what, subjectId }) => ASKS.has(what) && subjectId !== undefined);
    if (asked.length === 0) return;
    const ids = invoiceIds.map((one) => `'${toUuid(one)}'`).join(', ');
    const open = await this.#open(`d.id in (
      select l.debit_id from debit_invoices l where l.invoice_id in (${ids}))`);
    if (open === undefined) return;
    const steps = asked.map(({ what }) => what).join(', ');
    this.#say('I3 no chase while open', `${id} goes on (${steps}) while ${open}`);
  }

  /** A number of these debits that has no definite end, and its state. */
  async #open(which: string): Promise<string | undefined> {
    const { rows } = await this.#store.rawSql(`
      select a.order_number, a.state from attempts a join debits d on d.id = a.debit_id
       where a.state in ('submitting', 'accepted', 'unknown') and ${which} order by 1 limit 1`);
    const [row] = rows;
    return row === undefined ? undefined : `${row[0]} is ${row[1]}`;
  }
}
