import assert from 'node:assert/strict';
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  bucketOf,
  type Customer,
  type DaikouEvent,
  type Debit,
  fromMoney,
  type Merchant,
  makeId,
  money,
  type Rail,
  type RailId,
  toOrderNumber,
} from '../../packages/core/src/index.ts';
import {
  ALL_BUCKETS,
  type Engine,
  idSource,
  importSubscriberFile,
  type Job,
  NO_PROGRESS,
  signMandates,
} from '../../packages/engine/src/index.ts';
import { type Sandbox, startSandbox } from '../../packages/sandbox/src/index.ts';
import { type Connections, callbackUrl, composeEngine } from '../../packages/server/src/compose.ts';
import { SandboxAdmin } from '../../packages/server/src/demo/sandbox-admin.ts';
import { makeApp } from '../../packages/server/src/http/app.ts';
import type { CallbackTarget } from '../../packages/server/src/http/callbacks.ts';
import { Inbox } from '../../packages/server/src/http/inbox.ts';
import { reconcileDue } from '../../packages/server/src/worker/loop.ts';
import { pumpAll, pumpWebhooks } from '../../packages/server/src/worker/pump.ts';
import type { OpenedStore } from '../../packages/store/src/index.ts';
import { at, clockOf, ZONE } from './builders.ts';
import { toWitness, type Witness } from './sandbox-witness.ts';

import { storyOf } from './story.ts';
import { type SubscriberLine, writeSubscribers } from './subscriber-lines.ts';
import { temporaryFolder } from './telco.ts';

/** Rounds in which one instant may cause new work before we call it a loop. */
const ROUNDS = 20;
/** Instants that one move of the clock may pass through. */
const INSTANTS = 500;
/**
 * Milliseconds after which the world reports what became of a message or an order: longer than we
 * take to note its reply, so that a story has one order of events.
 */
const NEWS_MILLISECONDS = 120;
const REPORT_TOKEN = 'test-only-report-token';
/** Test only: seals the addresses of robots. */
const VAULT_KEY = Buffer.alloc(32, 7).toString('base64');

/** Tells what a test says from what the simulators say. */
const SAID_BY_TEST = 'x-said-by-test';

/** A scripted fault of the simulators; see packages/sandbox/README.md. */
export type Fault = Readonly<Record<string, string | number | boolean>>;

/** A callback as it arrived at our server. */
export type Heard = {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
};

/**
 * The whole platform in one process: a real database, the simulators over loopback, our HTTP
 * server for their callbacks, the worker's own functions. Time moves only when a test moves it,
 * here and outside at once.
 */
export class Stage {
  readonly store: OpenedStore;
  readonly #folder = temporaryFolder();
  readonly #targets = new Map<string, CallbackTarget>();
  readonly #app;
  readonly #plays: Play[] = [];
  #url = '';
  readonly #log: string[];
  readonly #heard: Heard[] = [];
  #isDeaf = false;

  private constructor(
    store: OpenedStore,
    parts: { readonly app: Awaited<ReturnType<typeof makeApp>>; readonly log: string[] },
  ) {
    this.store = store;
    this.#app = parts.app;
    this.#log = parts.log;
  }

  static async open(store: OpenedStore): Promise<Stage> {
    const box: { stage?: Stage } = {};
    const log: string[] = [];
    const app = await makeApp({
      store,
      log: { info() {}, warn: (message) => log.push(message) },
      isReady: () => true,
      targetOf: async (code) => box.stage?.targetOf(code),
    });
    const stage = new Stage(store, { app, log });
    box.stage = stage;
    await app.listen({ host: '127.0.0.1', port: 0 });
    const address = app.server.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    stage.#url = `http://127.0.0.1:${address.port}`;
    // The simulators make their keys once; every play starts on a copy.
    const template = await startSandbox({ home: stage.#sandboxHome(0) });
    await template.stop();
    return stage;
  }

  get url(): string {
    return this.#url;
  }

  /** Every callback that the simulators sent until now, oldest first. */
  heard(path = ''): readonly Heard[] {
    return this.#heard.filter((one) => one.path.startsWith(path));
  }

  /** From now on callbacks of the simulators are remembered and not taken; `say` is heard. */
  goDeaf(): void {
    this.#isDeaf = true;
  }

  /** Sends a callback once more, as it came or altered. */
  async say({ path, headers, body }: Heard): Promise<Response> {
    return await fetch(`${this.#url}${path}`, {
      method: 'POST',
      headers: { ...headers, [SAID_BY_TEST]: 'yes' },
      body: Buffer.from(body),
    });
  }

  /** What the log was told since the stage was opened: warnings only. */
  get warnings(): readonly string[] {
    return this.#log;
  }

  targetOf(code: string): CallbackTarget | undefined {
    return this.#targets.get(code);
  }

  #sandboxHome(play: number): string {
    return join(this.#folder.path, `sandbox-${play}`);
  }

  /**
   * A new merchant with simulators of its own; both clocks stand at `start` in Beijing. `connect`
   * may change how the merchant is connected to them.
   */
  async newPlay(
    start = '2026-11-20 09:00',
    connect: (connections: Connections) => Connections = (connections) => connections,
  ): Promise<Play> {
    const number = this.#plays.length + 1;
    const home = this.#sandboxHome(number);
    cpSync(this.#sandboxHome(0), home, { recursive: true });
    const sandbox = await startSandbox({ home });
    const admin = new SandboxAdmin(sandbox.endpoints);
    const merchant: Merchant = {
      id: makeId('mer', {
        epochMilliseconds: at(start).epochMilliseconds,
        random: crypto.getRandomValues(new Uint8Array(10)),
        bucket: 0,
      }),
      code: `play-${number}`,
      name: '示例通信',
      zone: ZONE,
      mode: 'test',
      testClock: at(start),
      demo: false,
    };
    await this.store.saveMerchant(merchant);
    const rail = (id: string) => callbackUrl(this.#url, id, merchant.code);
    const processingMs = NEWS_MILLISECONDS;
    await admin.configure({
      wechat: { terminationUrl: rail('wechat'), callbackTimeScale: 0.001, processingMs },
      alipay: { appGatewayUrl: rail('alipay'), callbackTimeScale: 0.001, processingMs },
      unionpay: { callbackTimeScale: 0.001, processingMs },
      sms: { reportDelayMs: 1 },
      smtp: {
        reportUrl: rail('notices/mail'),
        reportToken: REPORT_TOKEN,
        reportDelayMs: NEWS_MILLISECONDS,
      },
      officialAccount: {
        eventUrl: rail('notices/official_account'),
        reportDelayMs: NEWS_MILLISECONDS,
      },
    });
    await admin.moveClock(at(start));
    const connections = connect(await admin.connections(REPORT_TOKEN));
    const folder = join(this.#folder.path, merchant.code);
    mkdirSync(folder);
    const used = new Set<RailId>();
    const begin = (store: OpenedStore, known: Merchant): Play => {
      const composed = composeEngine({
        store,
        log: { info() {}, warn: (message) => this.#log.push(message) },
        connections,
        baseUrl: this.#url,
        merchantCode: merchant.code,
        folderKey: () => VAULT_KEY,
      });
      const engine = { ...composed, rails: noting(composed.rails, used) };
      const play = new Play({ stage: this, sandbox, admin, engine, folder, used, begin }, known);
      this.#plays.push(play);
      this.#targets.set(merchant.code, {
        engine: this.#overhear(engine, merchant.code),
        inbox: new Inbox(async () => play.job()),
      });
      return play;
    };
    return begin(this.store, merchant);
  }

  /** The same engine; what its rails are told over HTTP is remembered, to be said again. */
  #overhear(engine: Engine, code: string): Engine {
    const rails = [...engine.rails.values()].map((rail): [string, Rail] => [
      rail.id,
      {
        ...rail,
        readCallback: (raw) => {
          if (SAID_BY_TEST in raw.headers) return rail.readCallback(raw);
          const path = `/callbacks/${rail.id}/${code}`;
          this.#heard.push({ path, headers: plainHeaders(raw.headers), body: raw.body.slice() });
          if (!this.#isDeaf) return rail.readCallback(raw);
          const answer = { status: 503, contentType: 'text/plain', body: '' };
          return { kind: 'refused', reason: 'unsupported', answer };
        },
      },
    ]);
    return { ...engine, rails: new Map(rails) };
  }

  /** Ends what is still open, also of stories that failed in the middle. */
  async close(): Promise<void> {
    for (const play of this.#plays) await play.stop();
    await this.#app.close();
    this.#folder.remove();
  }
}

type Parts = {
  readonly stage: Stage;
  readonly sandbox: Sandbox;
  readonly admin: SandboxAdmin;
  readonly engine: Engine;
  readonly folder: string;
  /** Rails at which somebody signed or paid in this story: the others' bills are empty. */
  readonly used: ReadonlySet<RailId>;
  /** The same merchant, connected to the same world, on these books. */
  readonly begin: (store: OpenedStore, merchant: Merchant) => Play;
};

/** One merchant's story: who subscribes, what time it is, what the world does. */
export class Play {
  readonly engine: Engine;
  readonly admin: SandboxAdmin;
  readonly #parts: Parts;
  #merchant: Merchant;
  #files = 0;
  #isStopped = false;

  constructor(parts: Parts, merchant: Merchant) {
    this.#parts = parts;
    this.engine = parts.engine;
    this.admin = parts.admin;
    this.#merchant = merchant;
  }

  get merchant(): Merchant {
    return this.#merchant;
  }

  get url(): string {
    return this.#parts.stage.url;
  }

  /**
   * The same story on other books, as a restore leaves them: the world goes on where it is, and its
   * callbacks come to the new books from now on.
   */
  async goOnWith(store: OpenedStore): Promise<Play> {
    const { testClock } = this.#merchant;
    const restored = await store.findMerchant(this.#merchant.code);
    assert.ok(restored !== undefined && testClock !== undefined, 'the merchant is restored');
    const merchant = { ...restored, testClock };
    await store.saveMerchant(merchant);
    for (const channel of this.engine.channels.values()) await channel.close();
    return this.#parts.begin(store, merchant);
  }

  /** A piece of work at this moment, as the worker would be given. */
  job(): Job {
    const { engine } = this;
    return { engine, merchant: this.#merchant, buckets: ALL_BUCKETS, progress: NO_PROGRESS };
  }

  /** Imports these subscribers, T being `firstDueDate`, and has them sign in their wallets. */
  async subscribe(
    lines: readonly SubscriberLine[],
    firstDueDate = '2026-12-01',
  ): Promise<readonly Customer[]> {
    this.#files += 1;
    const path = join(this.#parts.folder, `subscribers-${this.#files}.csv`);
    writeFileSync(path, writeSubscribers(lines));
    const cap = money(20_000n, 'CNY');
    const imported = await importSubscriberFile(this.job(), path, {
      methods: new Map([
        ['alipay', { collection: 'auto_debit', rail: 'alipay', singleCap: cap }],
        ['wechat', { collection: 'auto_debit', rail: 'wechat', singleCap: cap }],
        ['unionpay', { collection: 'auto_debit', rail: 'unionpay', singleCap: cap }],
        ['transfer', { collection: 'by_hand' }],
      ]),
      firstDueDate: Temporal.PlainDate.from(firstDueDate),
      addressOf: (reference) => ({ name: reference }),
    });
    assert.ok(imported.ok && imported.value.refused === 0, JSON.stringify(imported));
    await signMandates(this.job(), agree);
    await this.admin.idle();
    return await Promise.all(lines.map(({ reference }) => this.customer(reference)));
  }

  /** The same customer takes the plan once more, at another charge, billed on the same days. */
  async subscribeAgain(reference: string, chargeMinor: bigint): Promise<void> {
    const customer = await this.customer(reference);
    const ids = idSource(this.engine);
    await this.engine.store.transact(this.#merchant.id, async (tx) => {
      const [known] = await tx.listSubscriptions({ customerId: customer.id, limit: 1 });
      const [item] = known?.items ?? [];
      assert.ok(known !== undefined && item !== undefined, `${reference} has a subscription`);
      const bucket = bucketOf(customer.id);
      const amount = fromMoney(money(chargeMinor, 'CNY'));
      const agreedModel = { type: 'flat' as const, amount };
      const items = [{ ...item, id: ids('sit', bucket), agreedModel }];
      await tx.save({ subscriptions: [{ ...known, id: ids('sub', bucket), items }] });
    });
  }

  /** The one debit of the only customer. */
  async debit(): Promise<Debit> {
    const debits = await this.engine.store.transact(this.#merchant.id, (tx) =>
      tx.listDebits({ limit: 10 }),
    );
    const [only, ...others] = debits;
    assert.ok(only !== undefined && others.length === 0, `${debits.length} debits`);
    return only;
  }

  /** The number under which the customer's newest debit will be sent first. */
  async nextOrderNumber(reference: string): Promise<string> {
    const { id } = await this.customer(reference);
    const debits = await this.engine.store.transact(this.#merchant.id, (tx) =>
      tx.listDebits({ customerId: id, limit: 10 }),
    );
    const newest = debits.at(-1);
    assert.ok(newest, `${reference} has a debit`);
    return toOrderNumber(newest.id, 1);
  }

  /** The customer ends the agreement in the wallet, without asking us. */
  async endInWallet(reference: string): Promise<void> {
    const { id } = await this.customer(reference);
    const [mandate] = await this.engine.store.transact(this.#merchant.id, (tx) =>
      tx.listMandates({ customerId: id, limit: 1 }),
    );
    assert.ok(mandate?.railReference);
    const { rail, railReference } = mandate;
    await this.endReferenceInWallet(rail, railReference);
  }

  /** The same for an agreement that only the rail's own number is known of. */
  async endReferenceInWallet(rail: string, railReference: string): Promise<void> {
    const names = { rail, contractId: railReference, agreementNo: railReference };
    await this.#post('/admin/wallet/terminate', names);
    await this.admin.idle();
  }

  async customer(reference: string): Promise<Customer> {
    const found = await this.engine.store.transact(this.#merchant.id, (tx) =>
      tx.findCustomerByReference(reference),
    );
    assert.ok(found, `there is no customer ${reference}`);
    return found;
  }

  /** The world, in the simulators' own way of being told. */
  async fault(fault: Fault): Promise<void> {
    await this.#post('/admin/faults', fault);
  }

  async #post(path: string, body: unknown): Promise<void> {
    const response = await fetch(`${this.#parts.sandbox.endpoints.admin}${path}`, {
      method: 'POST',
      body: JSON.stringify(body),
    });
    assert.ok(response.ok, await response.text());
  }

  /** Both clocks, forward; nothing is done. What happens while our process is down. */
  async sleepUntil(local: string): Promise<void> {
    await this.#moveTo(at(local));
  }

  async #moveTo(instant: Temporal.Instant): Promise<void> {
    this.#merchant = { ...this.#merchant, testClock: instant };
    await this.engine.store.saveMerchant(this.#merchant);
    await this.admin.moveClock(instant);
  }

  /** Passes through every instant at which something is due, doing it, up to `local`. */
  async advanceTo(local: string): Promise<void> {
    const end = at(local);
    await this.settle();
    for (let instant = 0; instant < INSTANTS; instant += 1) {
      const due = await this.#nextDue();
      if (due === undefined || Temporal.Instant.compare(due, end) > 0) {
        await this.#moveTo(end);
        await this.settle();
        return;
      }
      const now = this.#merchant.testClock ?? due;
      assert.ok(Temporal.Instant.compare(due, now) > 0, `work of ${clockOf(due)} is never done`);
      await this.#moveTo(due);
      await this.settle();
    }
    assert.fail(`${local} is never reached`);
  }

  /** Everything that is due now and what follows from it at once, as the worker does it. */
  async settle(): Promise<void> {
    for (let round = 0; round < ROUNDS; round += 1) {
      const counts = await pumpAll(this.job());
      await this.admin.idle();
      const { delivered, givenUp } = await pumpWebhooks(this.job());
      const { blocked: _, ...steps } = counts;
      const work = { ...steps, delivered, givenUp };
      const isQuiet = Object.values(work).every((count) => count === 0);
      if (isQuiet && !(await this.#isAnythingDue())) break;
    }
    await reconcileDue(this.#jobOfUsedRails());
    // A bill can bring a payment that nobody else told of; what it changes is looked at next.
    if (await this.#isAnythingDue()) await pumpAll(this.job());
  }

  /** Bills of rails that nobody uses are compared in the stories about bills. */
  #jobOfUsedRails(): Job {
    const { used } = this.#parts;
    const job = this.job();
    const rails = new Map([...job.engine.rails].filter(([id]) => used.has(id)));
    return { ...job, engine: { ...job.engine, rails } };
  }

  async #isAnythingDue(): Promise<boolean> {
    const now = this.#merchant.testClock;
    const due = await this.#nextDue();
    return due !== undefined && now !== undefined && Temporal.Instant.compare(due, now) <= 0;
  }

  #nextDue(): Promise<Temporal.Instant | undefined> {
    return this.engine.store.transact(this.#merchant.id, (tx) => tx.findNextDue());
  }

  /** All that happened to the customer, in order: time, type and what is interesting of it. */
  async eventsOf(reference: string): Promise<readonly string[]> {
    return storyOf(await this.rawEventsOf(reference));
  }

  async rawEventsOf(reference: string): Promise<readonly DaikouEvent[]> {
    const customer = await this.customer(reference);
    return await this.engine.store.transact(this.#merchant.id, (tx) =>
      tx.loadEventsOf(customer.id, { afterSequence: 0, limit: 1000 }),
    );
  }

  /** The balance of every account, debit less credit, in 分. */
  async books(): Promise<Readonly<Record<string, bigint>>> {
    const rows = await this.engine.store.transact(this.#merchant.id, (tx) => tx.loadTrialBalance());
    const entries = rows.map((row) => [row.account, row.debitMinor - row.creditMinor] as const);
    return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  async witness(): Promise<Witness> {
    return toWitness(await this.admin.summary());
  }

  /**
   * What must hold after every story: our invariants, balanced books, nobody debited twice, and
   * these amounts (分) taken according to the simulators' own books.
   */
  async end(...taken: readonly number[]): Promise<void> {
    assert.deepEqual(await this.engine.store.findViolations(10), []);
    const balance = Object.values(await this.books()).reduce((total, one) => total + one, 0n);
    assert.equal(balance, 0n);
    assert.deepEqual(await this.witness(), {
      succeeded: taken.length,
      succeededMinor: taken.reduce((total, one) => total + one, 0),
      doubleDebits: [],
    });
    await this.stop();
  }

  async stop(): Promise<void> {
    if (this.#isStopped) return;
    this.#isStopped = true;
    for (const channel of this.engine.channels.values()) await channel.close();
    await this.#parts.sandbox.stop();
  }
}

async function agree(url: string): Promise<void> {
  const body = new URLSearchParams({ decision: 'agree' });
  await (await fetch(url, { method: 'POST', body })).arrayBuffer();
}

/** The same rails; whatever makes an order or a mandate at one puts its name into `used`. */
function noting(rails: Engine['rails'], used: Set<RailId>): Engine['rails'] {
  const noted = [...rails].map(([id, rail]): [RailId, Rail] => {
    const { beginSigning, beginPayment, submit, submitMany } = rail;
    const note = <A extends unknown[], R>(call: (...given: A) => R) => {
      return (...given: A): R => {
        used.add(id);
        return call(...given);
      };
    };
    return [
      id,
      {
        ...rail,
        beginSigning: note(beginSigning),
        submit: note(submit),
        ...(beginPayment && { beginPayment: note(beginPayment) }),
        ...(submitMany && { submitMany: note(submitMany) }),
      },
    ];
  });
  return new Map(noted);
}

/** Headers to send again; those of the connection belong to the connection. */
function plainHeaders(headers: Readonly<Record<string, unknown>>): Record<string, string> {
  const ofConnection = ['host', 'connection', 'content-length', 'transfer-encoding'];
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      typeof value === 'string' && !ofConnection.includes(name) ? [[name, value]] : [],
    ),
  );
}
