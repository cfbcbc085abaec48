import {
  fromUuid,
  type Merchant,
  type MerchantId,
  money,
  present,
} from '../../packages/core/src/index.ts';
import {
  createPayLink,
  recordHandPayment,
  requestRefund,
  resolveException,
  retryRefund,
  settleByTransfer,
  voidInvoice,
  withdrawRefund,
} from '../../packages/engine/src/index.ts';
import type { OpenedStore } from '../../packages/store/src/index.ts';
import { correctionsDue } from './contacts.ts';
import type { DeskWork } from './desk-work.ts';
import type { Dice, Rng } from './dice.ts';
import { FIRST_DAY } from './market.ts';
import { Raise } from './prices.ts';
import type { HouseOutside } from './promise.ts';

export type Desk = { readonly merchant: MerchantId; readonly work: DeskWork };

type House = {
  readonly merchant: Merchant;
  readonly outside: Pick<HouseOutside, 'payers' | 'rails'>;
};

type Row = readonly unknown[];

/**
 * What people do of themselves, and on how many of a thousand days. Where they do much by hand the
 * debits are few: half of the worlds are left to the rails.
 */
const HABITS = {
  busy: { refund: 190, link: 150, transfer: 15 },
  calm: { refund: 90, link: 25, transfer: 5 },
} as const;

/**
 * What people at the merchants do by day: take invoices back, return money, send pay links, book
 * transfers, decide what waits for a person, raise prices. All rows are read before the work
 * begins, so that a work does only what a process of ours does.
 */
export class Desks {
  readonly #store: OpenedStore;
  readonly #dice: Dice;
  readonly #rng: Rng;
  readonly #habits: (typeof HABITS)['busy' | 'calm'];
  readonly #raises: readonly { readonly merchant: Merchant; readonly raise: Raise }[];
  readonly #houses: readonly House[];
  #transfers = 0;

  constructor(parts: {
    readonly store: OpenedStore;
    readonly dice: Dice;
    readonly rng: Rng;
    readonly houses: readonly House[];
  }) {
    this.#store = parts.store;
    this.#dice = parts.dice;
    this.#rng = parts.rng;
    this.#habits = HABITS[parts.rng.fork('habits').chance(500) ? 'busy' : 'calm'];
    this.#houses = parts.houses;
    this.#raises = parts.houses.map(({ merchant, outside }) => ({
      merchant,
      raise: new Raise(parts.store, outside.payers),
    }));
  }

  /** The works of one day. */
  async ofDay(now: Temporal.Instant): Promise<readonly Desk[]> {
    const works: Desk[] = [];
    if (this.#dice.fires('an invoice is voided', 200)) works.push(...(await this.#void()));
    if (!this.#dice.isAtRest) {
      if (this.#rng.chance(this.#habits.refund)) works.push(...(await this.#refund()));
      if (this.#rng.chance(this.#habits.link)) works.push(...(await this.#link(now)));
      if (this.#rng.chance(this.#habits.transfer)) works.push(...(await this.#transfer(now)));
    }
    works.push(...(await this.#reviews()), ...(await this.#exceptions()));
    works.push(...(await this.#corrections(now)));
    for (const { merchant, raise } of this.#raises) {
      const steps = await raise.works(merchant);
      works.push(...steps.map((work) => ({ merchant: merchant.id, work })));
    }
    return works;
  }

  /** Payers whose messages did not arrive say where they can be reached. */
  async #corrections(now: Temporal.Instant): Promise<readonly Desk[]> {
    const works: Desk[] = [];
    for (const { merchant, outside } of this.#houses) {
      const today = now.toZonedDateTimeISO(merchant.zone).toPlainDate();
      const { days } = FIRST_DAY.until(today, { largestUnit: 'days' });
      const due = await correctionsDue(this.#store, { merchant, payers: outside.payers }, days);
      works.push(...due.map((work) => ({ merchant: merchant.id, work })));
    }
    return works;
  }

  async #pick(text: string): Promise<Row | undefined> {
    const { rows } = await this.#store.rawSql(text);
    return rows.length === 0 ? undefined : this.#rng.pick(rows);
  }

  async #void(): Promise<readonly Desk[]> {
    const row = await this.#pick(OPEN_INVOICES);
    if (row === undefined) return [];
    const invoice = fromUuid('inv', String(row[0]));
    return [{ merchant: merchantOf(row), work: (job) => voidInvoice(job, invoice) }];
  }

  /** Two people at once want two thirds each: one of them must be told that it is too much. */
  async #refund(): Promise<readonly Desk[]> {
    const row = await this.#pick(PAYMENTS);
    if (row === undefined) return [];
    const payment = fromUuid('pay', String(row[0]));
    const amount = money((minorOf(row) * 2n) / 3n, 'CNY');
    const work: DeskWork = (job) => requestRefund(job, payment, { ask: { ...REFUND, amount } });
    const merchant = merchantOf(row);
    return [
      { merchant, work },
      { merchant, work },
    ];
  }

  /** A page for an open invoice; at times the payer sends the money by bank besides. */
  async #link(now: Temporal.Instant): Promise<readonly Desk[]> {
    const row = await this.#pick(`${OPEN_INVOICES_FIRST_RETURNED}`);
    if (row === undefined) return [];
    const customer = fromUuid('cus', String(row[3]));
    const merchant = merchantOf(row);
    const house = this.#houses.find((one) => one.merchant.id === merchant);
    const rail = this.#rng.pick([...present(house, 'a house').outside.rails.keys()]);
    const expiresAt = now.add({ minutes: this.#rng.between(30, 3 * 24 * 60) });
    const wish = { rail, expiresAt, by: 'Anna', invoiceIds: [fromUuid('inv', String(row[0]))] };
    const link: Desk = {
      merchant,
      work: (job) => createPayLink(job, customer, wish),
    };
    return this.#rng.chance(450) ? [link, this.#transferOf(row, now)] : [link];
  }

  async #transfer(now: Temporal.Instant): Promise<readonly Desk[]> {
    const row = await this.#pick(OPEN_INVOICES);
    return row === undefined ? [] : [this.#transferOf(row, now)];
  }

  #transferOf(row: Row, receivedAt: Temporal.Instant): Desk {
    this.#transfers += 1;
    const customer = fromUuid('cus', String(row[3]));
    const request = {
      method: 'bank_transfer' as const,
      amount: money(minorOf(row), 'CNY'),
      reference: `B-${this.#transfers}`,
      receivedAt,
      recordedBy: 'Anna',
      note: '',
    };
    return {
      merchant: merchantOf(row),
      work: (job) => recordHandPayment(job, customer, { request }),
    };
  }

  /** Refunds that wait for a person: tried again, sent by bank transfer, or kept as balance. */
  async #reviews(): Promise<readonly Desk[]> {
    const { rows } = await this.#store.rawSql(REVIEWS);
    return rows.map((row): Desk => {
      const id = fromUuid('rfd', String(row[0]));
      const reference = `T-${String(row[0])}`;
      const works: readonly DeskWork[] = [
        (job) => retryRefund(job, id),
        (job) => settleByTransfer(job, id, { reference, by: 'Bao' }),
        (job) => withdrawRefund(job, id, 'Bao'),
        (job) => withdrawRefund(job, id, 'Anna'),
      ];
      return { merchant: merchantOf(row), work: this.#rng.pick(works) };
    });
  }

  /** Money of a refund that came back goes to the customer's balance. */
  async #exceptions(): Promise<readonly Desk[]> {
    const { rows } = await this.#store.rawSql(SENT_BACK);
    return rows.map((row): Desk => {
      const id = fromUuid('exc', String(row[0]));
      const answer = { action: 'credit', by: 'Bao' } as const;
      return { merchant: merchantOf(row), work: (job) => resolveException(job, id, answer) };
    });
  }
}

function merchantOf(row: Row): MerchantId {
  return fromUuid('mer', String(present(row[1], 'the merchant of a row')));
}

function minorOf(row: Row): bigint {
  return BigInt(String(row[2]));
}

const REFUND = { route: 'original', reason: 'goodwill', remark: '', by: 'Anna' } as const;

/** What a desk works on: its id, its merchant, the minor units of it, its customer. */
const OPEN_INVOICES = `
  select id, merchant_id, total_minor, customer_id from invoices where state = 'open' order by id`;
/** Twice those that a bank took back, as nothing else collects them. */
const OPEN_INVOICES_FIRST_RETURNED = `
  select i.id, i.merchant_id, i.total_minor, i.customer_id
    from invoices i cross join generate_series(1, case when exists (
           select from debit_invoices l join debits d on d.id = l.debit_id
            where l.invoice_id = i.id and d.returned_at is not null) then 3 else 1 end) as times
   where i.state = 'open' order by i.id`;
const PAYMENTS = 'select id, merchant_id, amount_minor from payments order by id';
const REVIEWS = `
  select id, merchant_id from refunds where state = 'manual_review' and review <> 'silent'
   order by id`;
const SENT_BACK = `
  select id, merchant_id from money_exceptions
   where kind = 'refund_sent_back' and state = 'open' order by id`;
