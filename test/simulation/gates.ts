import type {
  Changes,
  ContactChannel,
  NoticeChannel,
  PayLinkRequest,
  Rail,
  RailId,
  RefundRequest,
  Store,
  Tx,
} from '../../packages/core/src/index.ts';
import type { Dice } from './dice.ts';
import { type Actor, Crash, Injected, type Turns } from './turns.ts';

/** Called before somebody outside sees a request: what must hold at that moment is checked here. */
export type Witness = {
  readonly beforeSubmit: (rail: Rail, request: Parameters<Rail['submit']>[0]) => Promise<void>;
  readonly beforeRefund: (request: RefundRequest) => void;
  readonly beforePage: (request: PayLinkRequest) => Promise<void>;
  readonly beforeSend: (noticeId: string) => void;
  /** What one transaction saved, right after its commit. */
  readonly afterCommit: (saved: readonly Changes[]) => Promise<void>;
};

/** What stands between one process of ours and everything outside it. */
export type Gate = {
  readonly actor: Actor;
  readonly turns: Turns;
  readonly dice: Dice;
  readonly witness: Witness;
  /** Counts the process's calls; kills it before or after the one that the run wants. */
  readonly killAt: (moment: string) => boolean;
};

/** Crashes and lost connections are rarer than slips of the network: in a thousand calls. */
const RARE = 20;

/** The store as one process sees it: turns, crashes, lost races, and lost connections. */
export function gateStore(store: Store, gate: Gate): Store {
  const { actor, turns, dice } = gate;
  const transact: Store['transact'] = (merchant, work) =>
    turns.enter(actor, 'transaction', async () => {
      mayDie(gate, 'before a transaction');
      if (dice.fires('the connection is lost before the commit', RARE)) throw lostConnection();
      const isRaceLost = dice.fires('a race is lost', RARE);
      const saved: Changes[] = [];
      const noted = noting(work, saved);
      const value = await store.transact(merchant, isRaceLost ? loseOnce(noted) : noted);
      await gate.witness.afterCommit(saved);
      mayDie(gate, 'after a commit');
      // The commit was made; only its acknowledgement does not reach us.
      if (dice.fires('the answer to a commit is lost', RARE)) throw lostConnection();
      return value;
    });
  return { ...store, transact };
}

/** Keeps what the work saves: of the last time only, where it is run again. */
function noting<T>(work: (tx: Tx) => Promise<T>, saved: Changes[]): (tx: Tx) => Promise<T> {
  return (tx) => {
    saved.length = 0;
    return work({
      ...tx,
      save: async (changes) => {
        saved.push(changes);
        await tx.save(changes);
      },
    });
  };
}

/** The whole work is done and rolled back the first time, as the database then says. */
function loseOnce<T>(work: (tx: Tx) => Promise<T>): (tx: Tx) => Promise<T> {
  let isFirst = true;
  return async (tx) => {
    const value = await work(tx);
    if (!isFirst) return value;
    isFirst = false;
    throw Object.assign(new Injected('could not serialize access'), { code: '40001' });
  };
}

function lostConnection(): Error {
  return Object.assign(new Injected('connection failure'), { code: '08006' });
}

function mayDie(gate: Gate, moment: string): void {
  const { actor, dice } = gate;
  if (!gate.killAt(moment) && !dice.fires(`a crash ${moment}`, RARE)) return;
  actor.isDead = true;
  throw new Crash(`${actor.name} ${moment}`);
}

type Call<A extends readonly unknown[], R> = (...about: A) => Promise<R>;

/** One call outside: a turn of its own, before and after which the process may die. */
function gated<A extends readonly unknown[], R>(
  gate: Gate,
  label: string,
  call: Call<A, R>,
): Call<A, R> {
  return (...about) =>
    gate.turns.enter(gate.actor, label, async () => {
      mayDie(gate, `before ${label}`);
      const answer = await call(...about);
      mayDie(gate, `after ${label}`);
      return answer;
    });
}

export function gateRail(rail: Rail, gate: Gate): Rail {
  const { announce, refund, askRefund, movePlannedDate, beginPayment } = rail;
  const name = (operation: string) => `${operation} at ${rail.id}`;
  return {
    ...rail,
    beginSigning: gated(gate, name('signing'), rail.beginSigning),
    queryMandate: gated(gate, name('mandate query'), rail.queryMandate),
    endMandate: gated(gate, name('mandate end'), rail.endMandate),
    submit: gated(gate, name('submit'), async (request) => {
      await gate.witness.beforeSubmit(rail, request);
      return rail.submit(request);
    }),
    ask: gated(gate, name('query'), rail.ask),
    close: gated(gate, name('close'), rail.close),
    fetchBill: gated(gate, name('bill'), rail.fetchBill),
    ...(announce === undefined ? {} : { announce: gated(gate, name('announcement'), announce) }),
    ...(refund === undefined
      ? {}
      : {
          refund: gated(gate, name('refund'), async (request: RefundRequest) => {
            gate.witness.beforeRefund(request);
            return refund(request);
          }),
        }),
    ...(askRefund === undefined ? {} : { askRefund: gated(gate, name('refund query'), askRefund) }),
    ...(beginPayment === undefined
      ? {}
      : {
          beginPayment: gated(gate, name('page'), async (request: PayLinkRequest) => {
            await gate.witness.beforePage(request);
            return beginPayment(request);
          }),
        }),
    ...(movePlannedDate === undefined
      ? {}
      : { movePlannedDate: gated(gate, name('another date'), movePlannedDate) }),
  };
}

export function gateChannel(channel: NoticeChannel, gate: Gate): NoticeChannel {
  const { queryDelivery } = channel;
  return {
    ...channel,
    send: gated(gate, `a notice by ${channel.id}`, async (message) => {
      gate.witness.beforeSend(message.noticeId);
      return channel.send(message);
    }),
    ...(queryDelivery === undefined
      ? {}
      : { queryDelivery: gated(gate, `delivery query by ${channel.id}`, queryDelivery) }),
  };
}

export function gateAll<K extends RailId | ContactChannel, T>(
  parts: ReadonlyMap<K, T>,
  through: (part: T) => T,
): ReadonlyMap<K, T> {
  return new Map([...parts].map(([id, part]) => [id, through(part)]));
}
