import {
  type AttemptOutcome,
  money,
  parseOrderNumber,
  parseRefundNumber,
  type RailEvent,
  type RefundOutcome,
  type RefundRefusalClass,
} from '@daikou/core';
import { outcomeOfCode } from '../outcomes.ts';
import { toDetail } from '../rail-text.ts';
import { listed } from '../tables.ts';
import type { Archive, SentOrder } from './archive.ts';
import type { BankEntry, BankRecord, BankStatus } from './bank-file.ts';
import { MANDATE_GONE, REASONS, reasonWords, STATUSES } from './statuses.ts';

/** Files of collections and of refunds are told apart by the first letters of their number. */
export const DEBIT_FILE = 'DD';
export const REFUND_FILE = 'CT';

/** What one record of a bank's file says, in the port's words. */
export type Told = { readonly events: readonly RailEvent[]; readonly problem?: string };

const NOTHING: Told = { events: [] };

/** A number of ours as the register knows it, or by its form when the register does not. */
export type OwnNumber = { readonly kind: 'order' | 'refund'; readonly sent?: SentOrder };

/** Tells which numbers are ours. Other payments of the account are none of our business. */
export class OwnNumbers {
  readonly #archive: Archive;
  #last: { readonly id: string; readonly orders: ReadonlyMap<string, SentOrder> } | undefined;

  constructor(archive: Archive) {
    this.#archive = archive;
  }

  async of(number: string): Promise<OwnNumber | undefined> {
    const message = this.#archive.messageOf(number);
    if (message === undefined) {
      if (parseOrderNumber(number) !== undefined) return { kind: 'order' };
      return parseRefundNumber(number) === undefined ? undefined : { kind: 'refund' };
    }
    const sent = (await this.ordersOf(message)).get(number);
    const kind = kindOf(message);
    return sent === undefined ? { kind } : { kind, sent };
  }

  /** The numbers of one file. Those of a bank's file follow each other: it is read once. */
  async ordersOf(messageId: string): Promise<ReadonlyMap<string, SentOrder>> {
    if (this.#last?.id !== messageId) {
      const orders = await this.#archive.ordersOf(messageId);
      this.#last = { id: messageId, orders: new Map(orders.map((one) => [one.number, one])) };
    }
    return this.#last.orders;
  }
}

function kindOf(messageId: string): OwnNumber['kind'] {
  return messageId.startsWith(REFUND_FILE) ? 'refund' : 'order';
}

/** Translates records in their order; remembers which numbers had a status of their own. */
export class Translator {
  readonly #own: OwnNumbers;
  readonly #named = new Set<string>();

  constructor(archive: Archive) {
    this.#own = new OwnNumbers(archive);
  }

  async tell(record: BankRecord): Promise<Told> {
    switch (record.kind) {
      case 'entry':
        return this.#fromEntry(record.entry);
      case 'status':
        return this.#fromStatus(record.status);
      case 'problem':
        return { events: [], problem: record.sentence };
      case 'statement':
        return NOTHING;
    }
  }

  async #fromEntry(entry: BankEntry): Promise<Told> {
    const own = await this.#own.of(entry.endToEndId);
    if (own === undefined) return NOTHING;
    return own.kind === 'order'
      ? fromOrderEntry(entry, own.sent)
      : fromRefundEntry(entry, own.sent);
  }

  /** Only refusals say something new of orders: a file that was taken is `accepted` already. */
  async #fromStatus(status: BankStatus): Promise<Told> {
    const orders = await this.#own.ordersOf(status.messageId);
    if (orders.size === 0) {
      return { events: [], problem: 'A status names a file that we have not sent.' };
    }
    const { scope } = status;
    const kind = kindOf(status.messageId);
    if (scope.kind === 'order') {
      if (!orders.has(scope.number)) {
        return { events: [], problem: 'A status names a number that its file does not hold.' };
      }
      this.#named.add(scope.number);
      return statusEvents(kind, status, [scope.number]);
    }
    // What has a status of its own has it; the file's or group's is for the others.
    const meant = [...orders.values()]
      .filter((one) => scope.kind === 'message' || one.groupId === scope.groupId)
      .map((one) => one.number)
      .filter((number) => !this.#named.has(number));
    if (listed(STATUSES, status.status) === 'open') return NOTHING;
    for (const number of meant) this.#named.add(number);
    return statusEvents(kind, status, meant);
  }
}

function statusEvents(
  kind: OwnNumber['kind'],
  status: BankStatus,
  numbers: readonly string[],
): Told {
  const code = status.reason ?? 'NOREASON';
  // "Seen before" refuses a copy: the first one may be collected, so nothing is said of it.
  if (listed(REASONS, code)?.meaning === 'ask') {
    return { events: [], problem: `The bank says ${code}: it has this already. Nothing changes.` };
  }
  if (kind === 'refund') {
    const outcome = refundOutcome(status, code);
    return { events: numbers.map((refundNumber) => ({ kind: 'refund', refundNumber, outcome })) };
  }
  const outcome = attemptOutcome(status, code);
  return { events: numbers.map((orderNumber) => ({ kind: 'attempt', orderNumber, outcome })) };
}

function attemptOutcome(status: BankStatus, code: string): AttemptOutcome {
  switch (listed(STATUSES, status.status)) {
    case 'open':
      return { kind: 'accepted' };
    case 'canceled':
      return { kind: 'closed' };
    case 'rejected': {
      const meaning = listed(REASONS, code)?.meaning;
      const message = reasonWords(code, status.reasonText);
      return outcomeOfCode(meaning === undefined ? {} : { [code]: meaning }, { code, message });
    }
    case undefined:
      return { kind: 'unknown', detail: toDetail(`unlisted status ${status.status}`) };
  }
}

/** Reasons for which a transfer of ours is refused; anything else is for a person to look at. */
const REFUND_CLASSES: Readonly<Record<string, RefundRefusalClass>> = {
  AM04: 'merchant_balance',
  AC01: 'payer_account',
  AC04: 'payer_account',
  AC06: 'payer_account',
  RC01: 'payer_account',
  MD07: 'payer_account',
  FF01: 'merchant_fault',
  DT01: 'merchant_fault',
  MS03: 'technical',
};

function refundOutcome(status: BankStatus, code: string): RefundOutcome {
  const state = listed(STATUSES, status.status);
  if (state === 'open') return { kind: 'accepted' };
  const refusalClass = listed(REFUND_CLASSES, code);
  if (state === undefined || refusalClass === undefined) {
    return { kind: 'unknown', detail: toDetail(`${status.status} ${code}`) };
  }
  const message = toDetail(reasonWords(code, status.reasonText));
  return { kind: 'refused', refusal: { class: refusalClass, code, message } };
}

function fromOrderEntry(entry: BankEntry, sent: SentOrder | undefined): Told {
  const { endToEndId: orderNumber, reference, bookedAt } = entry;
  if (entry.direction === 'credit') {
    if (entry.isReversal) {
      return {
        events: [],
        problem: `The bank undid a return of ${orderNumber}; a person must look.`,
      };
    }
    const outcome: AttemptOutcome = {
      kind: 'succeeded',
      railReference: reference,
      paid: entry.amount,
      paidAt: bookedAt,
    };
    return { events: [{ kind: 'attempt', orderNumber, outcome }] };
  }
  const code = entry.reason ?? 'NOREASON';
  return {
    events: [
      {
        kind: 'return',
        orderNumber,
        railReference: reference,
        amount: money(returnedMinor(entry, sent), 'EUR'),
        code: toDetail(code),
        message: toDetail(reasonWords(code, entry.reasonText)),
        at: bookedAt,
        mandateGone: MANDATE_GONE.has(code),
      },
    ],
  };
}

/** Some banks add their charge to what they take back: the payer was never asked for more. */
export function returnedMinor(entry: BankEntry, sent: SentOrder | undefined): bigint {
  const { minor } = entry.amount;
  return sent !== undefined && minor > sent.minor ? sent.minor : minor;
}

function fromRefundEntry(entry: BankEntry, sent: SentOrder | undefined): Told {
  const { endToEndId: refundNumber, reference, amount, bookedAt } = entry;
  if (entry.isReversal) {
    return {
      events: [],
      problem: `The bank undid an entry of ${refundNumber}; a person must look.`,
    };
  }
  const about = sent?.refundOf === undefined ? {} : { orderNumber: sent.refundOf };
  const code = toDetail(entry.reason ?? 'RETURNED');
  const outcome: RefundOutcome =
    entry.direction === 'debit'
      ? { kind: 'succeeded', railReference: reference, refunded: amount, refundedAt: bookedAt }
      : {
          kind: 'failed',
          code,
          message: toDetail(reasonWords(code, entry.reasonText)),
          at: bookedAt,
        };
  return { events: [{ kind: 'refund', refundNumber, ...about, outcome }] };
}
