import type { BankBooks } from './records.ts';

/** One order that the bank collected twice, or a mandate that it collected twice on one day. */
interface Double {
  readonly displayAccount: string;
  readonly cycle: string;
  readonly orders: readonly string[];
}

/** The bank's part of `/admin/books/summary`. Amounts in cents; successes are gross of returns. */
export function summariseBank(books: BankBooks): Readonly<Record<string, unknown>> {
  const collections = [...books.collections.values()];
  const booked = collections.filter((one) => one.bookedOn !== undefined);
  const returned = collections.filter((one) => one.returnedOn !== undefined);
  const executed = [...books.transfers.values()].filter((one) => one.executedOn !== undefined);
  const back = [...books.transfers.values()].filter((one) => one.returnedOn !== undefined);
  return {
    files: books.messages.size,
    mandates: new Set(collections.map((one) => one.mandateId)).size,
    orders: collections.length,
    succeeded: booked.length,
    succeededMinor: sumMinor(booked),
    refused: collections.filter((one) => one.state === 'rejected').length,
    returned: returned.length,
    returnedMinor: sumMinor(returned),
    refundedMinor: sumMinor(executed) - sumMinor(back),
    doubleDebits: [
      ...doubles(booked, (one) => one.endToEndId),
      ...doubles(booked, (one) => `${one.mandateId} on ${one.bookedOn}`),
    ],
  };
}

function doubles<T extends { readonly iban: string; readonly endToEndId: string }>(
  booked: readonly T[],
  cycleOf: (one: T) => string,
): readonly Double[] {
  return [...Map.groupBy(booked, cycleOf)]
    .filter(([, members]) => members.length > 1)
    .map(([cycle, members]) => ({
      displayAccount: `…${members[0]?.iban.slice(-4)}`,
      cycle,
      orders: members.map((one) => one.endToEndId).sort(),
    }));
}

function sumMinor(payments: readonly { readonly amountMinor: number }[]): number {
  return payments.reduce((sum, one) => sum + one.amountMinor, 0);
}
