import type { OpenedStore } from '../../packages/store/src/index.ts';
import type { House } from './houses.ts';
import { RAISED_MINOR } from './market.ts';
import type { Say } from './promise.ts';

/**
 * The rest of the comparison at the end: what went back, what came by hand, and what was billed,
 * each against the books of the outside.
 */
export async function checkMoneyBack(
  store: OpenedStore,
  houses: readonly House[],
  say: Say,
): Promise<void> {
  await checkRefunds(store, houses, say);
  await checkReturns(store, houses, say);
  await checkPages(store, houses, say);
  await checkPrices(store, houses, say);
}

/** I6: every refund that a rail made is in our books as made, with its amount, and no other. */
async function checkRefunds(store: OpenedStore, houses: readonly House[], say: Say): Promise<void> {
  const { rows } = await store.rawSql(`
    select refund_number, amount_minor, state, transfer_reference is not null from refunds
     where route = 'original' or transfer_reference is not null order by 1`);
  const ours = new Map(
    rows.map(([number, minor, state, isTransferred]) => [
      String(number),
      { minor: BigInt(String(minor)), state: String(state), isTransferred: isTransferred === true },
    ]),
  );
  const theirs = houses.flatMap(({ outside }) =>
    [...outside.refunds.values()].flatMap(({ all }) => all),
  );
  const parked = new Set(
    (
      await store.rawSql(
        `select rail_reference from money_exceptions where kind = 'refund_sent_back' order by 1`,
      )
    ).rows.map(([number]) => String(number)),
  );
  for (const { request, state } of theirs) {
    const { refundNumber, amount } = request;
    const known = ours.get(refundNumber);
    const isSame = known?.minor === amount.minor;
    const isByRail = known?.state === 'succeeded' && !known.isTransferred;
    if (state === 'done' && !(isSame && isByRail)) {
      say('I6 refunds', `the rail returned ${refundNumber} and we hold it as ${known?.state}`);
    }
    if (state === 'failed' && isByRail) {
      say('I6 refunds', `we hold ${refundNumber} as returned and its bank refused it`);
    }
    // Who learns only that it failed never knew that it had been done; then it is still owed.
    if (state === 'back' && isByRail && !parked.has(refundNumber)) {
      say('I6 refunds', `the bank sent ${refundNumber} back and nobody was told`);
    }
  }
  const left = new Set(theirs.map(({ request }) => request.refundNumber));
  for (const [number, { state, isTransferred }] of ours) {
    if (state === 'succeeded' && !isTransferred && !left.has(number)) {
      say('I6 refunds', `we hold ${number} as returned and no rail ever returned it`);
    }
  }
}

/** I5: what payers' banks took back stands in our books once, and nothing else does. */
async function checkReturns(store: OpenedStore, houses: readonly House[], say: Say): Promise<void> {
  const { rows } = await store.rawSql(`
    select rail_reference, amount_minor from payment_returns
    union all
    select rail_reference, amount_minor from money_exceptions
     where kind = 'return_unmatched' and state = 'open' order by 1`);
  const ours = new Map<string, bigint[]>();
  for (const [reference, minor] of rows) {
    const key = String(reference);
    ours.set(key, [...(ours.get(key) ?? []), BigInt(String(minor))]);
  }
  for (const { outside } of houses) {
    for (const returns of outside.returns.values()) {
      for (const { reference, order } of returns.all) {
        const [minor, ...more] = ours.get(reference) ?? [];
        ours.delete(reference);
        if (minor === order.minor && more.length === 0) continue;
        say('I5 conservation', `the bank took ${order.number} back; our books have ${minor}`);
      }
    }
  }
  for (const reference of ours.keys()) {
    say('I5 conservation', `we hold ${reference} as taken back and no bank did that`);
  }
}

/** I5: what was paid on a page stands in our books once, fen by fen, and nothing else does. */
async function checkPages(store: OpenedStore, houses: readonly House[], say: Say): Promise<void> {
  const { rows } = await store.rawSql(`
    select l.order_number, p.amount_minor
      from hand_payments p join pay_links l on l.id = p.pay_link_id
     where p.state = 'booked' order by 1`);
  const ours = new Map(rows.map(([number, minor]) => [String(number), BigInt(String(minor))]));
  const pages = houses.flatMap(({ outside }) =>
    [...outside.pages.values()].flatMap(({ all }) => all),
  );
  for (const { number, minor, state } of pages) {
    const booked = ours.get(number);
    ours.delete(number);
    if (state === 'paid' ? booked === minor : booked === undefined) continue;
    say('I5 conservation', `the page ${number} is ${state}; our books have ${booked} of ${minor}`);
  }
  for (const number of ours.keys()) {
    say('I5 conservation', `we hold the page ${number} as paid and no rail has it`);
  }
  if (rows.length !== new Set(rows.map(([number]) => number)).size) {
    say('I5 conservation', 'a page is booked twice');
  }
}

/** Nobody is billed a price that they did not agree to, whatever was announced. */
async function checkPrices(store: OpenedStore, houses: readonly House[], say: Say): Promise<void> {
  const { rows } = await store.rawSql(`
    select c.external_reference, i.number, i.total_minor
      from invoices i join customers c on c.id = i.customer_id
     where i.state <> 'draft' order by 2`);
  const payers = new Map(
    houses.flatMap(({ outside }) => outside.payers.map((payer) => [payer.reference, payer])),
  );
  for (const [reference, number, total] of rows) {
    const payer = payers.get(String(reference));
    const minor = BigInt(String(total));
    const isRaised = minor === RAISED_MINOR && payer?.saysToRaise === 'acknowledged';
    if (payer === undefined || minor === payer.minor || isRaised) continue;
    say('price', `${reference} is billed ${minor} by ${number} and agreed to ${payer.minor}`);
  }
}
