import type { OpenedStore } from '../../packages/store/src/index.ts';
import type { House } from './houses.ts';
import { RAISED_MINOR } from './market.ts';
import type { NoticeCounts } from './notice-watch.ts';
import type { Order } from './rails/books.ts';

/** What a whole run came to. */
export type Tally = {
  readonly paidOrders: number;
  readonly takenMinor: bigint;
  /** How often each kind of thing happened, by its sentence. */
  readonly happened: Readonly<Record<string, number>>;
};

export async function tallyOf(
  store: OpenedStore,
  houses: readonly House[],
  { orders, notices }: { readonly orders: readonly Order[]; readonly notices: NoticeCounts },
): Promise<Tally> {
  const { columns, rows } = await store.rawSql(HAPPENED);
  const counts = (rows[0] ?? []).map(Number);
  const pages = houses.flatMap(({ outside }) => [...outside.pages.values()]);
  const paid = orders.filter(({ state }) => state === 'paid');
  return {
    paidOrders: paid.length,
    takenMinor: paid.reduce((sum, { minor }) => sum + minor, 0n),
    happened: {
      ...Object.fromEntries(columns.map((name, index) => [name, counts[index] ?? 0])),
      'notices delivered': notices.delivered,
      'debit dates': notices.dates,
      'a page is paid after we held it for dead': pages.flatMap(({ late }) => late).length,
    },
  };
}

/** The sums of several runs, each kind by itself. */
export function sumHappened(
  tallies: readonly Pick<Tally, 'happened'>[],
): Readonly<Record<string, number>> {
  const sums: Record<string, number> = {};
  for (const { happened } of tallies) {
    for (const [what, times] of Object.entries(happened)) sums[what] = (sums[what] ?? 0) + times;
  }
  return sums;
}

const HAPPENED = `select
  (select count(*) from invoices where state <> 'draft') as "an invoice is issued",
  (select count(*) from attempts where state = 'refused') as "a rail refuses a debit",
  (select count(*) from debits where moved_from is not null) as "a debit moves to the other method",
  (select count(*) from debits where moved_from is not null and state = 'succeeded')
    as "the other method pays",
  (select count(*) from payment_returns) as "a bank takes a payment back",
  (select count(*) from payment_returns where mandate_gone)
    as "a bank takes a payment back for want of a mandate",
  (select count(*) from pay_links where state = 'paid') as "a page is paid",
  (select count(*) from pay_links where state in ('closed', 'expired')) as "a page ends unpaid",
  (select count(*) from hand_payments p where p.pay_link_id is not null and p.to_balance_minor > 0)
    as "a page is paid and its invoice was paid already",
  (select count(*) from hand_payments where method = 'bank_transfer') as "a transfer is booked",
  (select count(*) from refunds where state = 'succeeded' and transfer_reference is null)
    as "a refund arrives",
  (select count(*) from events where type = 'refund.needs_person')
    as "a refund waits for a person",
  (select count(*) from refunds where transfer_reference is not null)
    as "a refund goes by bank transfer",
  (select count(*) from refunds where state = 'withdrawn') as "a refund stays as balance",
  (select count(*) from money_exceptions where kind = 'refund_sent_back')
    as "a bank sends a refund back",
  (select count(*) from invoices where total_minor = ${RAISED_MINOR} and state <> 'draft')
    as "a raised price is billed",
  (select count(*) from price_change_consents where outcome = 'left')
    as "a payer leaves for a raise",
  (select count(*) from mandates where state = 'ended') as "a mandate ends",
  (select count(*) from attempts where state = 'late_success') as "a dead number is paid after all",
  (select count(*) from money_exceptions) as "money waits for its purpose",
  (select count(*) from notices n join notices f on f.bucket = n.bucket and f.id = n.follows_id
     where n.channel <> f.channel) as "a notice goes by another channel",
  (select count(*) from tasks where kind = 'notice_undelivered')
    as "a task opens for an undelivered notice",
  (select count(*) from events where type = 'service.suspended') as "a service is suspended",
  (select count(*) from events where type = 'service.restored') as "a service is restored",
  (select count(*) from dunning_cases) as "a case is opened",
  (select count(*) from dunning_cases where ended_as = 'paid') as "a case is ended by payment",
  (select count(*) from breaks) as "a bill differs from our books"`;
