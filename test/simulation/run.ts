import { type IdSource, type MerchantId, makeId, present } from '../../packages/core/src/index.ts';
import type { Job } from '../../packages/engine/src/index.ts';
import { applyItems, type InboxItem } from '../../packages/server/src/http/inbox.ts';
import type { OpenedStore } from '../../packages/store/src/index.ts';
import { Agenda } from './agenda.ts';
import type { DeskWork } from './desk-work.ts';
import { Desks } from './desks.ts';
import { Dice, Rng } from './dice.ts';
import { checkEnd } from './ending.ts';
import { type Ground, type House, jobsOf, type Skew } from './houses.ts';
import { FIRST_DAY, makeMerchants, makePayers, openMarket } from './market.ts';
import { Outside } from './outside.ts';
import { Postman } from './postman.ts';
import type { Broken } from './promise.ts';
import type { Order } from './rails/books.ts';
import type { Tally } from './tally.ts';
import { Trace } from './trace.ts';
import { type Actor, Injected, Turns } from './turns.ts';
import { Watch } from './watch.ts';
import { type Look, Worker } from './worker.ts';

const ZONE = 'Asia/Shanghai';
const DAY = 86_400;
/** Days between two looks at everything; what is due is looked at when it is due. */
const WHOLE_DAYS = 5;
/** Days after an order in which its bills are looked at. */
const TRADE_DAYS = 4;

export type RunOptions = {
  readonly seed: number;
  readonly days: number;
  readonly customers: number;
  /** Kill the n-th call of a process; 0 or absent: only where the seed does. */
  readonly killAtCall?: number;
  /** The only faults that happen, each by a part of its site's name; absent: as the seed says. */
  readonly faults?: readonly string[];
  /** All merchants are in quarantine from the first day on (I16): nothing may leave. */
  readonly isHeld?: boolean;
  /** Nothing goes wrong but what is asked for. */
  readonly isCalm?: boolean;
};

export type RunResult = {
  readonly hash: string;
  readonly steps: number;
  readonly calls: number;
  readonly broken: readonly Broken[];
  readonly lastLines: readonly string[];
  readonly sitesOn: readonly string[];
  readonly tally: Tally | undefined;
};

type Process = { readonly worker: Worker; readonly skew: Skew; readonly number: number };

/** One seed's world, from its first day to its last. */
export class Run {
  readonly #options: RunOptions;
  readonly #rng: Rng;
  readonly #agenda: Agenda;
  readonly #dice: Dice;
  readonly #trace: Trace;
  readonly #store: OpenedStore;
  readonly #ground: Ground;
  readonly #desks: Desks;
  readonly #end: number;
  readonly #calmFrom: number;
  #processes: Process[] = [];
  #born = 0;
  #calls = 0;
  #isServerDown = false;
  #fruitless = 0;

  constructor(store: OpenedStore, options: RunOptions) {
    this.#options = options;
    this.#store = store;
    this.#rng = new Rng(`seed ${options.seed}`);
    const start = FIRST_DAY.toZonedDateTime({ timeZone: ZONE, plainTime: '08:00' }).toInstant();
    this.#agenda = new Agenda(start);
    this.#dice = new Dice(this.#rng.fork('dice'), options.faults);
    if (options.isCalm === true) this.#dice.calm();
    this.#trace = new Trace(() => this.#agenda.now);
    this.#end = start.epochMilliseconds + options.days * DAY * 1000;
    const calmDays = Math.min(16, options.days >> 1);
    this.#calmFrom = this.#end - calmDays * DAY * 1000;
    this.#ground = this.#makeGround();
    const { houses } = this.#ground;
    this.#desks = new Desks({ store, dice: this.#dice, rng: this.#rng.fork('desks'), houses });
  }

  #makeGround(): Ground {
    const agenda = this.#agenda;
    const dice = this.#dice;
    const rng = this.#rng;
    const watch = new Watch(this.#store, agenda);
    const turns = new Turns({
      rng: rng.fork('turns'),
      trace: this.#trace,
      now: () => agenda.nowMilliseconds,
      isOver: () => watch.broken.length > 0,
      onEndless: (label) => watch.noteEndless(label),
      stallOf: () => (dice.fires('a process stands still', 5) ? rng.between(130, 2 * 3600) : 0),
    });
    const payers = makePayers(rng.fork('payers'), this.#options);
    const merchants = makeMerchants(this.#idsOf(rng.fork('merchants')));
    const outsides = merchants.map(
      (_, house) =>
        new Outside({
          payers: payers.filter((payer) => payer.house === house),
          agenda,
          dice,
          rng: rng.fork(`house ${house}`),
          tell: {
            rail: (event) => postman.rail(house, event),
            report: (report) => postman.report(house, report),
            opened: (order) => postman.lieAbout(house, order),
          },
        }),
    );
    const houses: readonly House[] = merchants.map((merchant, index) => ({
      merchant,
      outside: present(outsides[index], 'the outside of a merchant'),
    }));
    const postman = new Postman({
      agenda,
      dice,
      rng: rng.fork('postman'),
      houses: houses.map((_, house) => (items) => this.#takeAtDoor(house, items)),
      onSaved: (house, item) => this.#noteKnownEnd(house, item),
    });
    return {
      store: this.#store,
      agenda,
      dice,
      turns,
      trace: this.#trace,
      watch,
      houses,
      killAt: () => {
        this.#calls += 1;
        return this.#calls === this.#options.killAtCall;
      },
    };
  }

  #idsOf(rng: Rng): IdSource {
    return (prefix, bucket) =>
      makeId(prefix, {
        epochMilliseconds: this.#agenda.nowMilliseconds,
        random: rng.bytes(10),
        bucket,
      });
  }

  /** A request to the server: its process dies alone and is there again at once. */
  async #takeAtDoor(house: number, items: readonly InboxItem[]): Promise<void> {
    if (this.#isServerDown) throw new Injected('nobody listens');
    this.#born += 1;
    const actor: Actor = { name: `server ${this.#born}`, isDead: false };
    const rng = this.#rng.fork(actor.name);
    const jobs = jobsOf(this.#ground, { actor, rng, skew: { milliseconds: 0 } });
    await applyItems(present(jobs[house], 'the job of a house'), items).catch((error: unknown) => {
      this.#ground.watch.noteFailure(actor, error);
      throw error;
    });
  }

  #noteKnownEnd(house: number, { kind, ...item }: InboxItem): void {
    if (kind !== 'rail' || !('event' in item) || item.event.kind !== 'mandate') return;
    const { report } = item.event;
    if (report.kind !== 'ended') return;
    for (const books of this.#ground.houses[house]?.outside.rails.values() ?? []) {
      const contract = books.contracts.get(report.contractCode);
      if (contract !== undefined) contract.endKnownAt ??= this.#agenda.nowMilliseconds;
    }
  }

  /** Lives through all days. Never throws for a broken promise: the result says it. */
  async live(): Promise<RunResult> {
    const { watch, houses, turns } = this.#ground;
    const payers = houses.flatMap(({ outside }) => outside.payers);
    const ids = this.#idsOf(this.#rng.fork('ids'));
    const merchants = houses.map(({ merchant }) => merchant);
    await openMarket(this.#store, { merchants, payers, ids, now: this.#agenda.now });
    if (this.#options.isHeld === true) await this.#store.rawSql(HOLD);
    const outsides = houses.map(({ outside }) => outside);
    this.#startProcesses();
    this.#planDays();
    await this.#lookAll('whole');
    let seen = 0;
    while (watch.broken.length === 0 && this.#agenda.nowMilliseconds < this.#end) {
      await this.#step();
      watch.checkTakenOnce(outsides);
      if (turns.count === seen) continue;
      seen = turns.count;
      await watch.checkEnds(outsides);
    }
    const ended = watch.broken.length > 0 ? undefined : await this.#checkEnd();
    return {
      broken: ended?.broken ?? watch.broken,
      steps: this.#trace.steps,
      calls: this.#calls,
      lastLines: this.#trace.last,
      sitesOn: this.#dice.sitesOn,
      tally: ended?.tally,
      hash: this.#trace.digest(),
    };
  }

  async #checkEnd() {
    const doctor = await this.#doctor();
    if (this.#options.isHeld === true) this.#ground.watch.checkHeld(this.#ground.houses);
    const { watch, houses } = this.#ground;
    const notices = watch.checkNotices(houses.map(({ outside }) => outside));
    const now = this.#agenda.now;
    const { broken, tally } = await checkEnd(this.#store, houses, { end: now, notices });
    return { broken: [...watch.broken, ...doctor, ...broken], tally };
  }

  /** The product's own doctor over all rows. */
  async #doctor(): Promise<readonly Broken[]> {
    const found = await this.#store.findViolations(5, this.#agenda.now);
    return found
      .filter(({ invariant }) => !EXPLAINED.has(invariant))
      .map(({ invariant, id, sentence }) => ({ invariant, sentence: `${id}: ${sentence}` }));
  }

  #startProcesses(): void {
    this.#processes = [1, 2].map((number) => this.#newProcess(number));
  }

  #newProcess(number: number): Process {
    this.#born += 1;
    const actor: Actor = { name: `worker ${number} (${this.#born})`, isDead: false };
    const skew: Skew = { milliseconds: 0 };
    const rng = this.#rng.fork(actor.name);
    const jobs = jobsOf(this.#ground, { actor, rng, skew });
    const hand = async (url: string) => {
      for (const { outside } of this.#ground.houses) outside.visit(url);
    };
    const worker = new Worker(actor, {
      jobs: () => jobs,
      hand,
      trace: this.#trace,
      onFailure: (failed, error) => this.#ground.watch.noteFailure(failed, error),
    });
    return { worker, skew, number };
  }

  #planDays(): void {
    for (let day = 0; day < this.#options.days; day += 1) {
      this.#agenda.after(day * DAY + 7_800 + (day % 7) * 60, () => this.#beginDay(day));
    }
    this.#agenda.after((this.#calmFrom - this.#agenda.nowMilliseconds) / 1000, () => {
      this.#trace.add('from here on nothing goes wrong');
      this.#dice.calm();
      this.#dice.rest();
    });
  }

  #known: { readonly count: number; readonly due: number | undefined } = {
    count: -1,
    due: undefined,
  };
  #wanted: Look = 'due';
  #isDeskDay = false;

  /**
   * Once a day, after ten in the morning: the bills, every few days the whole work, and what goes
   * wrong for long. A look that would only find that there was no trade is spared.
   */
  #beginDay(day: number): void {
    if (day % WHOLE_DAYS === 0) this.#wanted = 'whole';
    else this.#wanted = 'bills';
    const rng = this.#rng;
    for (const { outside } of this.#ground.houses) {
      for (const [rail, wire] of outside.wires) {
        if (!this.#dice.fires(`${rail} is not there`, 60)) continue;
        const seconds = rng.pick([3600, DAY, 3 * DAY]);
        this.#trace.add(`${rail} is not there for ${seconds} s`);
        wire.cut(seconds);
      }
    }
    for (const { skew, worker } of this.#processes) {
      const isOff = this.#dice.fires('a clock is off', 200);
      skew.milliseconds = isOff ? rng.pick([-7_200, -90, 90, 7_200]) * 1000 : 0;
      if (isOff) this.#trace.add(`the clock of ${worker.actor.name} is off`);
    }
    if (this.#dice.fires('the platform is down', 50))
      this.#stopFor(rng.pick([7_200, DAY, 3 * DAY]));
    this.#isDeskDay = true;
  }

  #hadTrade({ outside }: House): boolean {
    const since = this.#agenda.now.subtract({ hours: 24 * TRADE_DAYS });
    const isFresh = ({ seenAt, paidAt }: Order) =>
      Temporal.Instant.compare(paidAt ?? seenAt, since) > 0;
    return [...outside.rails.values()].some((books) => [...books.orders.values()].some(isFresh));
  }

  #stopFor(seconds: number): void {
    this.#trace.add(`the platform is down for ${seconds} s`);
    this.#isServerDown = true;
    for (const { worker } of this.#processes) worker.actor.isDead = true;
    this.#processes = [];
    this.#agenda.after(seconds, () => {
      this.#isServerDown = false;
      this.#startProcesses();
      this.#wanted = 'whole';
    });
  }

  async #step(): Promise<void> {
    const { turns } = this.#ground;
    const due = await this.#nextDue();
    const now = this.#agenda.nowMilliseconds;
    const isBehind = due !== undefined && due <= now;
    // Due and not done: a clock is off, a process is gone. It is looked at again, ever less often.
    this.#fruitless = isBehind ? this.#fruitless + 1 : 0;
    const again = isBehind ? now + Math.min(3600, 5 * 2 ** this.#fruitless) * 1000 : due;
    const times = [again, this.#agenda.next, turns.next, this.#end];
    const known = times.filter((time) => time !== undefined);
    this.#agenda.advanceTo(Math.max(now + 1, Math.min(...known)));
    await turns.runUntilQuiet();
    if (this.#isDeskDay) await this.#workAtDesks();
    if (this.#wanted !== 'due') {
      const look = this.#wanted;
      this.#wanted = 'due';
      await this.#lookAll(look);
    }
    const next = await this.#nextDue();
    if (next !== undefined && next <= this.#agenda.nowMilliseconds) await this.#lookAll('due');
  }

  async #lookAll(kind: Look): Promise<void> {
    this.#raiseTheDead();
    const { houses } = this.#ground;
    const trading = new Set(
      houses.flatMap((house) => (this.#hadTrade(house) ? [house.merchant.id] : [])),
    );
    const isWanted = ({ merchant }: Job) => kind !== 'bills' || trading.has(merchant.id);
    const second = kind === 'due' ? 500 : 150;
    for (const [index, { worker }] of this.#processes.entries()) {
      if (index === 0 || this.#fruitless > 0 || this.#rng.chance(second)) {
        worker.look(kind, isWanted);
      }
    }
    await this.#ground.turns.runUntilQuiet();
  }

  #raiseTheDead(): void {
    this.#processes = this.#processes.map((process) => {
      if (!process.worker.actor.isDead) return process;
      this.#trace.add(`${process.worker.actor.name} is dead; another takes its place`);
      return this.#newProcess(process.number);
    });
  }

  /** When the next row falls due, in milliseconds. Rows that wait for a person are not counted. */
  async #nextDue(): Promise<number | undefined> {
    // In quarantine what is due stays due, and is looked at once a day.
    if (this.#processes.length === 0 || this.#options.isHeld === true) return undefined;
    const { count } = this.#ground.turns;
    // Rows change in turns only.
    if (this.#known.count === count) return this.#known.due;
    const { rows } = await this.#store.rawSql(NEXT_DUE);
    const due = rows[0]?.[0];
    this.#known = { count, due: due === null || due === undefined ? undefined : Number(due) };
    return this.#known.due;
  }

  /** What people at the merchants do today. */
  async #workAtDesks(): Promise<void> {
    this.#isDeskDay = false;
    if (this.#isServerDown) return;
    for (const { merchant, work } of await this.#desks.ofDay(this.#agenda.now)) {
      this.#atDesk(merchant, work);
      // Two people at once: what comes in pairs is begun before either has ended.
      if (this.#rng.chance(500)) await this.#ground.turns.runUntilQuiet();
    }
    await this.#ground.turns.runUntilQuiet();
  }

  #atDesk(merchant: MerchantId, work: DeskWork): void {
    this.#born += 1;
    const actor: Actor = { name: `desk ${this.#born}`, isDead: false };
    const process = { actor, rng: this.#rng.fork(actor.name), skew: { milliseconds: 0 } };
    const job = jobsOf(this.#ground, process).find((one) => one.merchant.id === merchant);
    work(present(job, 'the job of a merchant')).then(
      (done) => this.#trace.add(`${actor.name}: ${done.ok ? 'done' : done.refusal.code}`),
      (error: unknown) => this.#ground.watch.noteFailure(actor, error),
    );
  }
}

/**
 * Checks of the doctor that a run breaks by nature: they compare times of two clocks (a process's
 * that is off, the rail's that is right), or an end of a mandate that we could only learn of later.
 * The watch has a stricter check of each from the books of the outside.
 */
const EXPLAINED: ReadonlySet<string> = new Set(['I2 intent first', 'I7 active mandate']);

const HOLD = `
  insert into quarantines (merchant_id, restored_at, backup_made_at, state, progress)
  select id, '2026-11-20T00:00:00Z', '2026-11-19T00:00:00Z', 'open', '{}' from merchants`;

// Checkups are not named: notices and debits are, whose looks take them along, and one that holds
// its debit would else be looked at every hour.
const NEXT_DUE = `
  select (extract(epoch from least(
    (select min(next_bill_at) from subscriptions where state in ('active', 'paused')),
    (select min(issue_at) from invoices where state = 'draft'),
    (select min(due_at) from notices where state = 'planned'),
    (select min(greatest(due_at, lease_until)) from notices where state = 'sending'),
    (select min(follow_at) from notices where follow_at is not null),
    (select min(collect_at) from debits where state = 'scheduled' and blocked_by is null),
    (select min(announce_at) from debits where state = 'scheduled'),
    (select min(ask_at) from attempts where state in ('submitting', 'accepted', 'unknown')),
    (select min(next_try_at) from mandate_ends),
    (select min(ask_at) from pay_links),
    (select min(due_at) from refunds where state = 'approved'),
    (select min(ask_at) from refunds where state in ('submitting', 'accepted', 'unknown')),
    (select min(act_at) from money_exceptions where state = 'open'),
    (select min(look_at) from late_fees where state = 'watched'),
    (select min(next_look_at) from arrears_states where next_look_at is not null),
    (select min(next_step_at) from dunning_cases where next_step_at is not null),
    (select min((i.due_date + 1)::timestamp at time zone m.zone)
       from invoices i join merchants m on m.id = i.merchant_id
      where i.state = 'open' and not exists (
        select from arrears_states a
         where a.bucket = i.bucket and a.merchant_id = i.merchant_id
           and a.customer_id = i.customer_id and a.next_look_at is not null))
  )) * 1000)::bigint as due`;
