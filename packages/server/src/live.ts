import type { AddressInfo } from 'node:net';
import type { Merchant } from '@daikou/core';
import {
  ALL_BUCKETS,
  type Engine,
  type Job,
  type Log,
  NO_PROGRESS,
  type Progress,
  withNoticeRules,
} from '@daikou/engine';
import type { OpenedStore } from '@daikou/store';
import type { FastifyInstance } from 'fastify';
import { type Connections, composeEngine, readConnections } from './compose.ts';
import {
  DEMO_MERCHANT,
  type DemoWorld,
  eraseSandboxBooks,
  markErasing,
  openDemoWorld,
  unmarkErasing,
} from './demo/world.ts';
import { openWorldListener, type WorldListener } from './demo/world-listener.ts';
import { type Failpoint, makeDice, withFailpoints } from './failpoints.ts';
import { makeApp } from './http/app.ts';
import type { CallbackTarget } from './http/callbacks.ts';
import { Inbox } from './http/inbox.ts';
import type { Settings } from './settings.ts';
import { vaultKeyOf } from './vault-key.ts';

/**
 * The running process: the open database, the HTTP server that callbacks reach, the demo's outside
 * world when it is open, and an engine per merchant. Every command works on one of these, its own
 * or the one of the live server that owns the database.
 */
export class Live {
  readonly settings: Settings;
  readonly store: OpenedStore;
  readonly log: Log;
  readonly #app: FastifyInstance;
  readonly #targets = new Map<string, CallbackTarget>();
  readonly #connections: Readonly<Record<string, Connections>>;
  #world: DemoWorld | undefined;
  #opening: Promise<DemoWorld> | undefined;
  #worldListener: WorldListener | undefined;
  readonly #hit: ((point: Failpoint) => void) | undefined;
  #url = '';
  #isReady = false;
  #demoQueue: Promise<unknown> = Promise.resolve();

  private constructor(
    parts: { readonly settings: Settings; readonly store: OpenedStore; readonly log: Log },
    app: FastifyInstance,
  ) {
    this.settings = parts.settings;
    this.store = parts.store;
    this.log = parts.log;
    this.#app = app;
    this.#connections = readConnections(parts.settings.home);
    const { failpoints } = parts.settings;
    if (failpoints !== undefined) this.#hit = makeDice(failpoints, dieHere);
  }

  /** Opens nothing by itself: the store is given, the server is made and does not listen yet. */
  static async make(parts: {
    readonly settings: Settings;
    readonly store: OpenedStore;
    readonly log: Log;
  }): Promise<Live> {
    // The routes ask the object that is made from them, so they reach it through this box.
    const box: { live?: Live } = {};
    const app = await makeApp({
      store: parts.store,
      log: parts.log,
      isReady: () => box.live?.isReady ?? false,
      targetOf: async (code) => box.live?.targetOf(code),
    });
    const live = new Live(parts, app);
    box.live = live;
    return live;
  }

  get isReady(): boolean {
    return this.#isReady;
  }

  markReady(): void {
    this.#isReady = true;
  }

  /** Where this process answers, e.g. `http://127.0.0.1:8787`. */
  get url(): string {
    return this.#url;
  }

  get world(): DemoWorld | undefined {
    return this.#world;
  }

  /** Listens on `port` (0: any free one); throws the system's error when it is taken. */
  async listen(port: number): Promise<void> {
    if (this.#url !== '') return;
    const { host } = this.settings;
    await this.#app.listen({ host, port });
    const bound = this.#app.server.address() as AddressInfo;
    this.#url = `http://${host.includes(':') ? `[${host}]` : host}:${bound.port}`;
  }

  /** The address that rails are told: the public one where there is one. */
  get callbackBase(): string {
    return this.settings.publicUrl ?? this.#url;
  }

  /** Starts the simulators when they do not run yet, and connects the demo merchant to them. */
  async openWorld(): Promise<DemoWorld> {
    if (this.#world !== undefined) return this.#world;
    this.#opening ??= this.#makeWorld();
    try {
      this.#world = await this.#opening;
    } finally {
      this.#opening = undefined;
    }
    await this.#forget(DEMO_MERCHANT);
    return this.#world;
  }

  async #makeWorld(): Promise<DemoWorld> {
    await this.#app.ready();
    this.#worldListener ??= await openWorldListener(this.settings.home, (request, response) =>
      this.#app.routing(request, response),
    );
    return openDemoWorld(this.settings.home, this.#worldListener.url);
  }

  /**
   * Tells the planner how large the tables have become. The embedded database has no autovacuum, so
   * without this its plans stay those of empty tables; on PostgreSQL there is nothing to do.
   */
  async refreshStatistics(): Promise<void> {
    if (this.store.backend === 'pglite') await this.store.rawSql('analyze');
  }

  /** Erases the demo: both sets of books, under a mark that a kill cannot lose. */
  async eraseDemo(): Promise<void> {
    const merchants = await this.store.listMerchants();
    markErasing(this.settings.home);
    await this.#world?.stop();
    this.#world = undefined;
    await this.#forget(DEMO_MERCHANT);
    eraseSandboxBooks(this.settings.home);
    const demo = merchants.find((merchant) => merchant.code === DEMO_MERCHANT && merchant.demo);
    if (demo !== undefined) await this.store.eraseDemoMerchant(demo.id);
    unmarkErasing(this.settings.home);
  }

  /** One demo at a time in this process: a second waits and then finds everything done. */
  async inDemoTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#demoQueue.then(work);
    this.#demoQueue = turn.catch(() => undefined);
    return turn;
  }

  /** The engine of a merchant with its rails; the same object until its connections change. */
  async engineOf(code: string): Promise<Engine> {
    return (await this.#target(code)).engine;
  }

  async jobOf(merchant: Merchant, progress: Progress = NO_PROGRESS): Promise<Job> {
    const engine = await this.engineOf(merchant.code);
    return withNoticeRules({ engine, merchant, buckets: ALL_BUCKETS, progress });
  }

  /** What callbacks of a merchant are read with; undefined for a merchant that is not here. */
  async targetOf(code: string): Promise<CallbackTarget | undefined> {
    // The simulators begin with what a killed process left unheard: it waits for our connections.
    if (code === DEMO_MERCHANT && this.#opening !== undefined) await this.openWorld();
    const known = this.#targets.get(code);
    if (known !== undefined) return known;
    const merchant = await this.store.findMerchant(code);
    return merchant === undefined ? undefined : this.#target(code);
  }

  async #target(code: string): Promise<CallbackTarget> {
    const known = this.#targets.get(code);
    if (known !== undefined) return known;
    const isSandboxed = code === DEMO_MERCHANT && this.#world !== undefined;
    const connections = isSandboxed ? this.#world?.connections : this.#connections[code];
    const composed = composeEngine({
      store: this.store,
      log: this.log,
      connections: isSandboxed
        ? { ...connections, webhooks: TO_THIS_MACHINE }
        : (connections ?? {}),
      baseUrl: isSandboxed ? (this.#worldListener?.url ?? '') : this.callbackBase,
      merchantCode: code,
      folderKey: () => vaultKeyOf(this.settings.home),
    });
    const engine = this.#hit === undefined ? composed : withFailpoints(composed, this.#hit);
    const target: CallbackTarget = {
      engine,
      inbox: new Inbox(async () => {
        // The merchant's clock may have moved since the last batch.
        const merchant = await this.store.findMerchant(code);
        if (merchant === undefined) throw new Error(`the merchant ${code} is gone`);
        return withNoticeRules({ engine, merchant, buckets: ALL_BUCKETS, progress: NO_PROGRESS });
      }),
    };
    this.#targets.set(code, target);
    return target;
  }

  async #forget(code: string): Promise<void> {
    const target = this.#targets.get(code);
    this.#targets.delete(code);
    for (const channel of target?.engine.channels.values() ?? []) await channel.close();
  }

  /** Stops taking requests, then ends the outside world and the database, in this order. */
  async close(): Promise<void> {
    this.#isReady = false;
    await this.#app.close();
    await this.#world?.stop();
    await this.#worldListener?.close();
    for (const code of [...this.#targets.keys()]) await this.#forget(code);
    await this.store.close();
  }
}

/** The demo's webhooks may go to a receiver that runs beside it. */
const TO_THIS_MACHINE = { allowLoopback: true } as const;

/** Ends this process as a power cut would: nothing is finished, nobody is told. */
function dieHere(): void {
  process.kill(process.pid, 'SIGKILL');
}
