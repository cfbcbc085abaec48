import { toUuid } from '../../packages/core/src/index.ts';
import type { OpenedStore } from '../../packages/store/src/index.ts';
import type { House } from './houses.ts';
import { checkMoneyBack } from './money-back.ts';
import type { NoticeCounts } from './notice-watch.ts';
import type { Broken, Say } from './promise.ts';
import type { Order } from './rails/books.ts';
import { type Tally, tallyOf } from './tally.ts';

/** Days before the end up to which everything must have come to an end of its own. */
const SETTLED_DAYS = 10;

/**
 * The comparison at the end of a run, when nothing has gone wrong for days: our books against the
 * books of the rails, fen by fen (I5), and nothing left that neither ended nor waits for a person
 * (I15).
 */
export async function checkEnd(
  store: OpenedStore,
  houses: readonly House[],
  { end, notices }: { readonly end: Temporal.Instant; readonly notices: NoticeCounts },
): Promise<{ readonly broken: readonly Broken[]; readonly tally: Tally }> {
  const broken: Broken[] = [];
  const say = (invariant: string, sentence: string) => broken.push({ invariant, sentence });
  const attempts = await loadAttempts(store);
  const orders = houses.flatMap(({ outside }) =>
    [...outside.rails.values()].flatMap((books) => [...books.orders.values()]),
  );
  compareWithRails(attempts, orders, { end, say });
  await checkSettled(store, end, say);
  await checkPrintedMistakes(store, houses, say);
  await checkSums(store, orders, say);
  await checkMoneyBack(store, houses, say);
  return { broken, tally: await tallyOf(store, houses, { orders, notices }) };
}

type OurAttempt = { readonly state: string; readonly minor: bigint };

async function loadAttempts(store: OpenedStore): Promise<ReadonlyMap<string, OurAttempt>> {
  const { rows } = await store.rawSql('select order_number, state, amount_minor from attempts');
  return new Map(
    rows.map(([number, state, minor]) => [
      String(number),
      { state: String(state), minor: BigInt(String(minor)) },
    ]),
  );
}

/** Every order that a rail has is in our books as it is there; the watch looks the other way. */
function compareWithRails(
  attempts: ReadonlyMap<string, OurAttempt>,
  orders: readonly Order[],
  about: { readonly end: Temporal.Instant; readonly say: Say },
): void {
  const { end, say } = about;
  const yesterday = end.subtract({ hours: 24 });
  for (const order of orders) {
    const ours = attempts.get(order.number);
    if (ours === undefined) {
      say('I2 intent first', `the rail has ${order.number} and our books do not`);
      continue;
    }
    const isFresh = Temporal.Instant.compare(order.paidAt ?? order.seenAt, yesterday) > 0;
    const isOurs = ours.state === 'succeeded' || ours.state === 'late_success';
    if (order.state === 'paid' && !isOurs && !isFresh) {
      say('I5 conservation', `${order.number} was paid and we hold it as ${ours.state}`);
    }
  }
}

/** I15: what was due days ago has ended, or says for which person it waits. */
async function checkSettled(store: OpenedStore, end: Temporal.Instant, say: Say): Promise<void> {
  const until = end.subtract({ hours: 24 * SETTLED_DAYS }).toString();
  const open = await store.rawSql(`
    select a.order_number, a.state from attempts a
     where a.state in ('submitting', 'accepted', 'unknown')
       and a.ask_at is not null and a.submitted_at < '${until}' order by 1`);
  for (const [number, state] of open.rows) {
    say('I15 convergence', `${number} is still ${state} and is still asked about`);
  }
  const waiting = await store.rawSql(`
    select d.id, d.due_date from debits d
     where d.state = 'scheduled' and d.blocked_by is null
       and d.collect_at < '${end.subtract({ hours: 24 }).toString()}'
     union all
    select d.id, d.due_date from debits d
     where d.state = 'in_flight' and d.due_date < ('${until}'::timestamptz)::date
       and not exists (select from attempts a where a.debit_id = d.id
                         and a.state in ('submitting', 'accepted', 'unknown'))
     order by 1`);
  for (const [id, due] of waiting.rows) {
    say('I15 convergence', `debit ${id}, due ${due}, neither ended nor says what it waits for`);
  }
  const drafts = await store.rawSql(
    `select id from invoices where state = 'draft' and issue_at < '${until}' order by 1`,
  );
  for (const [id] of drafts.rows) say('I15 convergence', `invoice ${id} was never issued`);
}

/** Every mistake that the printer of bills made stands in a break, and no other number does. */
async function checkPrintedMistakes(
  store: OpenedStore,
  houses: readonly House[],
  say: Say,
): Promise<void> {
  const bills = await store.rawSql(
    `select merchant_id, rail, business_date::text from rail_bills where state = 'matched'`,
  );
  const matched = new Set(
    bills.rows.map(([merchant, rail, date]) => `${merchant} ${rail} ${date}`),
  );
  const { rows } = await store.rawSql(
    'select merchant_id, order_number, class from breaks order by 1, 2, 3',
  );
  const found = new Set(rows.map(([merchant, number]) => `${merchant} ${number}`));
  const expected = new Set<string>();
  for (const { merchant, outside } of houses) {
    const uuid = toUuid(merchant.id);
    for (const [rail, { mutations }] of outside.bills) {
      for (const { date, orderNumber, what } of mutations) {
        expected.add(`${uuid} ${orderNumber}`);
        if (!matched.has(`${uuid} ${rail} ${date}`) || found.has(`${uuid} ${orderNumber}`))
          continue;
        say('I5 break', `the bill of ${date} has ${orderNumber} (${what}) and there is no break`);
      }
    }
  }
  const orders = new Map(
    houses.flatMap(({ outside }) =>
      [...outside.rails.values()].flatMap((books) => [...books.orders]),
    ),
  );
  for (const [merchant, number, kind] of rows) {
    // Money that a rail took after denying the number is a difference that is really there.
    const isLie = orders.get(String(number))?.isLie ?? false;
    if (isLie || expected.has(`${merchant} ${number}`)) continue;
    say('I5 break', `a break ${kind} of ${number} was invented`);
  }
}

/** I5: what the rails took is what our payments and late successes add up to. */
async function checkSums(store: OpenedStore, orders: readonly Order[], say: Say): Promise<void> {
  const { rows } = await store.rawSql(`
    select (select coalesce(sum(amount_minor), 0) from payments),
           (select coalesce(sum(a.amount_minor), 0) from attempts a
             where a.state = 'late_success' and not exists (
               select from payments p where p.attempt_id = a.id))`);
  const [booked = 0n, kept = 0n] = (rows[0] ?? []).map((value) => BigInt(String(value)));
  const taken = orders.reduce((sum, { state, minor }) => sum + (state === 'paid' ? minor : 0n), 0n);
  if (booked + kept !== taken) {
    say('I5 conservation', `the rails took ${taken}; our books have ${booked} and ${kept} late`);
  }
}
