import {
  type DebitRequest,
  fromUuid,
  type InvoiceId,
  type PayLinkRequest,
  parseOrderNumber,
  parsePayLinkNumber,
  type Rail,
  type RefundRequest,
  toUuid,
} from '../../packages/core/src/index.ts';
import { SENDING_LEASE_SECONDS } from '../../packages/engine/src/index.ts';
import type { OpenedStore } from '../../packages/store/src/index.ts';
import type { Agenda } from './agenda.ts';
import { ChaseWatch } from './chase-watch.ts';
import type { Payer } from './market.ts';
import { type NoticeCounts, NoticeWatch } from './notice-watch.ts';
import { isForeignAmount } from './prices.ts';
import type { Broken, HouseOutside, Say } from './promise.ts';
import type { Order } from './rails/books.ts';
import type { Page } from './rails/pages.ts';
import { type Actor, Crash, Injected } from './turns.ts';

/**
 * Seconds for which a process that stood still, or whose clock is off, may still act on what it
 * read before: longer than any pause of the simulation.
 */
const STALE_SECONDS = 5 * 3600;

/**
 * Looks at every request for money at the moment it leaves our process, and compares it with what
 * the rails and the providers know: I1, I2, I3, I7, I14.
 */
export class Watch {
  readonly broken: Broken[] = [];
  readonly #store: OpenedStore;
  readonly #agenda: Agenda;
  readonly #invoicesOf = new Map<string, readonly InvoiceId[]>();
  readonly #notices = new Map<string, number>();
  readonly #refunds = new Map<string, Map<string, bigint>>();
  readonly #sent = new Map<InvoiceId, Set<string>>();
  readonly #linked = new Map<InvoiceId, Set<string>>();

  readonly #told: NoticeWatch;
  /** Looks at what leaves when arrears are chased and services stop. */
  readonly chase: ChaseWatch;

  constructor(store: OpenedStore, agenda: Agenda) {
    this.#store = store;
    this.#agenda = agenda;
    const say: Say = (invariant, sentence) => this.#break(invariant, sentence);
    this.#told = new NoticeWatch(agenda, say, STALE_SECONDS);
    this.chase = new ChaseWatch(store, say);
  }

  /** I7 over the whole run, from the books of rails and providers. */
  checkNotices(houses: readonly HouseOutside[]): NoticeCounts {
    return this.#told.checkEnd(houses);
  }

  /** I16: of a merchant in quarantine the outside has heard nothing at all. */
  checkHeld(houses: readonly { readonly outside: HouseOutside }[]): void {
    for (const { outside } of houses) {
      const contracts = [...outside.rails.values()].flatMap((books) => [...books.contracts]);
      const pages = [...outside.pages.values()].flatMap(({ all }) => all);
      const left = contracts.length + pages.length + outside.messages().length;
      if (left > 0) this.#break('I16 quarantine', `${left} things left a merchant in quarantine`);
    }
  }

  async beforeSubmit(house: HouseOutside, rail: Rail, request: DebitRequest): Promise<void> {
    const number = request.orderNumber;
    const invoices = await this.#checkIntent(number);
    for (const invoice of invoices) {
      this.#checkOthers(house, invoice, number);
      this.#checkPages(house, invoice, number);
    }
    await this.#checkAuthority(house, rail, request);
    for (const invoice of invoices) {
      this.#sent.set(invoice, (this.#sent.get(invoice) ?? new Set()).add(number));
    }
  }

  /** Our own process failed: for a reason that the simulation made, or by a fault of ours. */
  noteFailure(actor: Actor, error: unknown): void {
    if (error instanceof Injected || error instanceof Crash) return;
    const why = error instanceof Error ? `${error.name}: ${error.message}` : 'thrown';
    this.#break('own fault', `${actor.name} failed, ${why}`);
  }

  /** I6: what goes back is of a payment that the rail has, and never more than that. */
  beforeRefund(house: HouseOutside, { refundNumber, orderNumber, amount }: RefundRequest): void {
    const order = findOrder([house], orderNumber);
    const numbers = this.#refunds.get(orderNumber) ?? new Map<string, bigint>();
    const before = numbers.get(refundNumber);
    numbers.set(refundNumber, amount.minor);
    this.#refunds.set(orderNumber, numbers);
    const total = [...numbers.values()].reduce((sum, minor) => sum + minor, 0n);
    if (order?.state !== 'paid') {
      this.#break('I6 refunds', `${refundNumber} returns money of ${orderNumber}, not paid here`);
    } else if (total > order.minor) {
      this.#break('I6 refunds', `${total} of ${order.minor} would go back for ${orderNumber}`);
    }
    if (before !== undefined && before !== amount.minor) {
      this.#break('I6 refunds', `${refundNumber} leaves with ${amount.minor} after ${before}`);
    }
  }

  /** Which invoices a page asks for, by our books: committed before the rail knows of it (I2). */
  async beforePage({ orderNumber }: PayLinkRequest): Promise<void> {
    const link = parsePayLinkNumber(orderNumber);
    const { rows } = await this.#store.rawSql(`
      select invoice_id from pay_link_invoices
       where pay_link_id = '${link === undefined ? '' : toUuid(link)}' order by 1`);
    if (rows.length === 0) this.#break('I2 intent first', `${orderNumber} is no link of ours`);
    for (const [id] of rows) {
      const invoice = fromUuid('inv', String(id));
      this.#linked.set(invoice, (this.#linked.get(invoice) ?? new Set()).add(orderNumber));
    }
  }

  /** The same message leaves a second time while the first sender still holds it. */
  beforeSend(noticeId: string, isAnyClockOff: boolean): void {
    const now = this.#agenda.nowMilliseconds;
    const last = this.#notices.get(noticeId);
    this.#notices.set(noticeId, now);
    if (last === undefined || isAnyClockOff || now - last >= SENDING_LEASE_SECONDS * 1000) return;
    this.#break('I19 lease', `notice ${noticeId} leaves twice within its sender’s lease`);
  }

  noteEndless(label: string): void {
    this.#break('I19 bounds', `a process never comes to rest: ${label}`);
  }

  /** How often the money of an obligation was taken, of numbers that the rail did not deny. */
  checkTakenOnce(houses: readonly HouseOutside[]): void {
    for (const [invoice, numbers] of this.#sent) {
      const paid = [...numbers].flatMap((number) => {
        const order = findOrder(houses, number);
        const isKept = order?.takenBackAs === undefined;
        return order?.state === 'paid' && !order.isLie && isKept ? [number] : [];
      });
      if (paid.length > 1) {
        this.#break('I1 once', `${invoice} was taken ${paid.length} times: ${paid.join(', ')}`);
      }
    }
  }

  /**
   * After every step: what our books hold as ended is what a rail said, or has. Unknown is never
   * told as failed (I3), and no payment stands in our books that no rail has (I5).
   */
  async checkEnds(houses: readonly HouseOutside[]): Promise<void> {
    const { rows } = await this.#store.rawSql(ENDS);
    for (const [number, state, minor] of rows) {
      const order = findOrder(houses, String(number));
      if (state === 'refused' || state === 'closed') {
        if (order?.isToldDead ?? false) continue;
        const what = `we hold ${number} as ${state}, which no rail ever said`;
        this.#break('I3 unknown is not failed', what);
      } else if (order?.state !== 'paid' || order.minor !== BigInt(String(minor))) {
        this.#break(
          'I5 conservation',
          `we hold ${number} as ${state} and no rail has that payment`,
        );
      }
    }
  }

  /** I2: our database knows the number, as one that may be with the rail, before the rail does. */
  async #checkIntent(number: string): Promise<readonly InvoiceId[]> {
    const debit = parseOrderNumber(number)?.debitId;
    if (debit === undefined) {
      this.#break('I2 intent first', `${number} is none of our numbers`);
      return [];
    }
    const attempt = await this.#store.rawSql(
      `select state from attempts where order_number = '${number}'`,
    );
    if (attempt.rows.length !== 1) {
      this.#break('I2 intent first', `${number} leaves and the database has no attempt of it`);
    }
    const known = this.#invoicesOf.get(number);
    if (known !== undefined) return known;
    const { rows } = await this.#store.rawSql(
      `select invoice_id from debit_invoices where debit_id = '${toUuid(debit)}' order by 1`,
    );
    const invoices = rows.map(([id]) => fromUuid('inv', String(id)));
    this.#invoicesOf.set(number, invoices);
    return invoices;
  }

  /** I1 and I3: no other number for the same invoice has taken money, or still may. */
  #checkOthers(house: HouseOutside, invoice: InvoiceId, number: string): void {
    for (const other of this.#sent.get(invoice) ?? []) {
      if (other === number) continue;
      const order = findOrder([house], other);
      // A number that never arrived is dead to us only if nobody sends another before it.
      const isDead = order?.isToldDead ?? false;
      if (order?.takenBackAs !== undefined) continue;
      if (order?.state === 'paid' && !isDead) {
        this.#break('I1 once', `${number} leaves though ${other} has paid ${invoice}`);
      } else if (!isDead) {
        const state = order?.state ?? 'on its way';
        this.#break('I3 unknown is not failed', `${number} leaves while ${other} is ${state}`);
      }
    }
  }

  /** I1: no page on which the payer may pay, or has paid, the same invoice by hand. */
  #checkPages(house: HouseOutside, invoice: InvoiceId, number: string): void {
    for (const link of this.#linked.get(invoice) ?? []) {
      const page = findPage([house], link);
      // One that was never opened is dead to us once its time is over.
      const isOver = page === undefined || this.#isOver(page);
      if (page?.isToldDead === true || isOver) continue;
      this.#break('I1 once', `${number} leaves while the page ${link} of it is ${page.state}`);
    }
  }

  #isOver({ state, closesAt }: Page): boolean {
    const isUnopened = state === 'unopened';
    return isUnopened && Temporal.Instant.compare(closesAt, this.#agenda.now) <= 0;
  }

  async #checkAuthority(house: HouseOutside, rail: Rail, request: DebitRequest): Promise<void> {
    const { orderNumber: number, railReference, amount } = request;
    const contract = house.rails.get(rail.id)?.byReference(railReference);
    const payer = house.payers.find(({ reference }) => reference === contract?.payer);
    if (contract === undefined || payer === undefined) {
      this.#break('I14 tenancy', `${number} leaves on ${railReference}, no contract of this house`);
      return;
    }
    if (amount.minor > contract.capMinor) {
      this.#break('I7 cap', `${number} of ${amount.minor} is above the cap ${contract.capMinor}`);
    }
    const since = this.#agenda.nowMilliseconds - (contract.endKnownAt ?? Number.MAX_SAFE_INTEGER);
    if (contract.state === 'ended' && since > STALE_SECONDS * 1000) {
      this.#break(
        'I7 active mandate',
        `${number} leaves hours after we knew that its mandate ended`,
      );
    }
    const isOdd = isForeignAmount(payer, amount.minor) && !(await this.#hasBalance(payer));
    if (isOdd) {
      this.#break('I10 amount', `${number} of ${amount.minor} is no charge of ${payer.reference}`);
    }
    const { zone } = rail.capabilities;
    this.#told.beforeSubmit(house, payer, { number, minor: amount.minor, zone });
  }

  /** Money of theirs paid a part: what is left is no price. */
  async #hasBalance({ reference }: Payer): Promise<boolean> {
    const { rows } = await this.#store.rawSql(`
      select count(*)::int from credit_grants g join customers c on c.id = g.customer_id
       where c.external_reference = '${reference}'`);
    return Number(rows[0]?.[0]) > 0;
  }

  #break(invariant: string, sentence: string): void {
    this.broken.push({ invariant, sentence });
  }
}

const ENDS = `
  select order_number, state, amount_minor from attempts
   where state in ('refused', 'closed', 'succeeded', 'late_success') order by 1`;

/** The order of a number, at whatever rail. */
export function findOrder(houses: readonly HouseOutside[], number: string): Order | undefined {
  for (const { rails } of houses) {
    for (const books of rails.values()) {
      const order = books.orders.get(number);
      if (order !== undefined) return order;
    }
  }
  return undefined;
}

/** The page of a number, at whatever rail. */
function findPage(houses: readonly HouseOutside[], number: string): Page | undefined {
  for (const { pages } of houses) {
    for (const rail of pages.values()) {
      const page = rail.all.find((one) => one.number === number);
      if (page !== undefined) return page;
    }
  }
  return undefined;
}
