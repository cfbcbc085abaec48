import { createReadStream } from 'node:fs';
import { access, readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { ensureFolder, type FileExchange, type PutOutcome, putFile } from './exchange.ts';

/** What the register keeps of one number that went to the bank. Nothing here is readable data. */
export type SentOrder = {
  readonly number: string;
  readonly minor: bigint;
  /** The group of the file that holds it (`PmtInfId`). */
  readonly groupId: string;
  /** The sealed account. */
  readonly railReference: string;
  /** The order of which a refund returns money. */
  readonly refundOf?: string;
};

export type SentMessage = {
  readonly id: string;
  readonly xml: string;
  readonly orders: readonly SentOrder[];
};

/**
 * `sent`: the file is durably with the bank's client, or will be put there again after a crash.
 * `not_sent`: proved that nothing left and nothing is kept.
 */
export type SendOutcome = 'sent' | 'not_sent' | 'unknown';

/** A file that was begun this long ago and not finished belongs to a process that died. */
const ABANDONED_MILLISECONDS = 60_000;

/** A folder that changed this recently may change again within one tick of its clock. */
const FRESH_MILLISECONDS = 2_000;

/**
 * Our own register of every number that was given to the bank. A bank refuses the same file twice
 * but not the same number in two files: this register does, and it alone can prove that a number
 * was never sent. Only one worker holds a number at a time, as its row is locked.
 */
export class Archive {
  readonly #folder: string;
  readonly #exchange: FileExchange;
  readonly #messageOf = new Map<string, string>();
  readonly #loaded = new Set<string>();
  #seenAt = -1;
  #refreshing: Promise<void> | undefined;

  constructor(folder: string, exchange: FileExchange) {
    this.#folder = folder;
    this.#exchange = exchange;
  }

  /** Makes the folders of the register. */
  async prepare(): Promise<void> {
    for (const part of ['orders', 'waiting', 'ended', 'read', 'refused']) {
      await ensureFolder(this.place(part));
    }
  }

  place(...parts: readonly string[]): string {
    return join(this.#folder, ...parts);
  }

  /** Learns what other processes sent since the last look. Throws when the register is gone. */
  async refresh(): Promise<void> {
    this.#refreshing ??= this.#learn().finally(() => {
      this.#refreshing = undefined;
    });
    await this.#refreshing;
  }

  /** The file in which a number was sent, by the last {@link refresh}; undefined: never. */
  messageOf(orderNumber: string): string | undefined {
    return this.#messageOf.get(orderNumber);
  }

  /** One number of the register. */
  async orderOf(orderNumber: string): Promise<SentOrder | undefined> {
    const message = this.messageOf(orderNumber);
    if (message === undefined) return undefined;
    return (await this.ordersOf(message)).find((order) => order.number === orderNumber);
  }

  /** Every number of one file; empty when the file is none of ours. */
  async ordersOf(messageId: string): Promise<readonly SentOrder[]> {
    if (!/^[A-Z0-9]{1,35}$/.test(messageId)) return [];
    try {
      await access(this.place('orders', `${messageId}.jsonl`));
    } catch {
      return [];
    }
    const orders: SentOrder[] = [];
    for await (const order of this.#linesOf(`${messageId}.jsonl`)) orders.push(order);
    return orders;
  }

  /**
   * Sends a file in four steps, of which the second is the point of no return: the file is kept,
   * its numbers are registered, it is put into the outbox, the copy that names accounts is deleted.
   * A crash after the second step is repaired by {@link repair}: the same file is put again under
   * the same name with the same message id, which the bank takes at most once.
   */
  async send(message: SentMessage): Promise<SendOutcome> {
    const waiting = this.place('waiting');
    const name = `${message.id}.xml`;
    if ((await putFile(waiting, name, message.xml)) !== 'put') return 'not_sent';
    const register = await putFile(
      this.place('orders'),
      `${message.id}.jsonl`,
      message.orders.map(toLine).join(''),
    );
    if (register === 'not_put') {
      await rm(join(waiting, name), { force: true });
      return 'not_sent';
    }
    for (const order of message.orders) this.#messageOf.set(order.number, message.id);
    if (register === 'unknown') return 'unknown';
    return await this.#handOver(message, await this.#exchange.put(name, message.xml));
  }

  async #handOver(message: SentMessage, outcome: PutOutcome): Promise<SendOutcome> {
    if (outcome === 'not_put') return this.#takeBack(message);
    if (outcome === 'unknown') return 'unknown';
    await rm(this.place('waiting', `${message.id}.xml`), { force: true });
    return 'sent';
  }

  /** Nothing reached the outbox: the registration is undone, and only that proves "not sent". */
  async #takeBack(message: SentMessage): Promise<SendOutcome> {
    try {
      await rm(this.place('orders', `${message.id}.jsonl`), { force: true });
    } catch {
      return 'unknown';
    }
    // A copy that stays is never put: the repair deletes what no register names.
    await rm(this.place('waiting', `${message.id}.xml`), { force: true }).catch(() => undefined);
    for (const order of message.orders) this.#messageOf.delete(order.number);
    this.#loaded.delete(`${message.id}.jsonl`);
    return 'not_sent';
  }

  /** Finishes what a crash left half done. Called before every file and every look at news. */
  async repair(): Promise<void> {
    const nowMilliseconds = Temporal.Now.instant().epochMilliseconds;
    for (const name of await readdir(this.place('waiting'))) {
      if (!name.endsWith('.xml') || name.startsWith('.')) continue;
      const path = this.place('waiting', name);
      const found = await stat(path).catch(() => undefined);
      if (found === undefined || nowMilliseconds - found.mtimeMs < ABANDONED_MILLISECONDS) continue;
      const id = name.slice(0, -'.xml'.length);
      const isRegistered = (await this.ordersOf(id)).length > 0;
      if (isRegistered) {
        const xml = await readFile(path, 'utf8');
        if ((await this.#exchange.put(name, xml)) !== 'put') continue;
      }
      await rm(path, { force: true });
    }
  }

  async #learn(): Promise<void> {
    const { mtimeMs } = await stat(this.place('orders'));
    if (mtimeMs === this.#seenAt) return;
    const names = await readdir(this.place('orders'));
    for (const name of names) {
      if (!name.endsWith('.jsonl') || name.startsWith('.') || this.#loaded.has(name)) continue;
      const id = name.slice(0, -'.jsonl'.length);
      for await (const order of this.#linesOf(name)) this.#messageOf.set(order.number, id);
      this.#loaded.add(name);
    }
    const after = await stat(this.place('orders'));
    const isQuiet = Temporal.Now.instant().epochMilliseconds - mtimeMs > FRESH_MILLISECONDS;
    this.#seenAt = isQuiet && after.mtimeMs === mtimeMs ? mtimeMs : -1;
  }

  async *#linesOf(name: string): AsyncGenerator<SentOrder> {
    const input = createReadStream(this.place('orders', name), 'utf8');
    for await (const line of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
      if (line !== '') yield fromLine(line);
    }
  }
}

function toLine(order: SentOrder): string {
  const { number, minor, groupId, railReference, refundOf } = order;
  return `${JSON.stringify([number, minor.toString(), groupId, railReference, refundOf ?? ''])}\n`;
}

function fromLine(line: string): SentOrder {
  const [number = '', minor = '0', groupId = '', railReference = '', refundOf = ''] = JSON.parse(
    line,
  ) as string[];
  const about = refundOf === '' ? {} : { refundOf };
  return { number, minor: BigInt(minor), groupId, railReference, ...about };
}
