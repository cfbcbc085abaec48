import type { Books, Table } from './books.ts';
import { Chaos } from './chaos.ts';
import { DROPPED, type Reply, textReply } from './http.ts';
import { OUTCOMES, REFUND_OUTCOMES } from './outcomes.ts';
import { isBankFault } from './sepa/outcomes.ts';

/** Everything outside that can have a fault: rails and message channels. */
export const FAULT_RAILS = [
  'wechat',
  'alipay',
  'sms',
  'smtp',
  'sepa',
  'unionpay',
  'dingtalk',
  'wecom',
  'official_account',
  'webhook_target',
] as const;

export type FaultRail = (typeof FAULT_RAILS)[number];

/** The message channels: what they take can be lost on the way. */
const CHANNELS: ReadonlySet<FaultRail> = new Set<FaultRail>([
  'sms',
  'smtp',
  'dingtalk',
  'wecom',
  'official_account',
  'webhook_target',
]);

/** Faults of the reply to one request. */
export const REPLY_FAULTS: ReadonlySet<string> = new Set([
  'http_500',
  'html_error',
  'connection_reset',
  'garbage_body',
  'truncated_body',
  'wrong_signature',
  'slow',
]);

/** Faults that name another amount or order, in the first reply or callback that carries one. */
export const SWAP_FAULTS: ReadonlySet<string> = new Set(['swapped_amount', 'swapped_order']);

/** An answer that is right in every way but one: its business result is a failure. */
export const BUSINESS_FAULTS: ReadonlySet<string> = new Set(['business_fail']);

/** A message that is taken and never arrives, and nobody says so. */
export const LOSS_FAULTS: ReadonlySet<string> = new Set(['never_delivered']);

/** Faults of the contract inside a payment: the payment goes on (支付中签约). */
export const CONTRACT_FAULTS: ReadonlySet<string> = new Set(['CONTRACT_REFUSED']);

/** Faults of the delivery of a callback. */
export const CALLBACK_FAULTS: ReadonlySet<string> = new Set([
  'duplicate_callback',
  'reordered_callback',
  'lost_callback',
  'signtest_callback',
]);

/** These three lose the request itself unless the script says `processed: true`. */
const UNPROCESSED_FAULTS = new Set(['http_500', 'html_error', 'connection_reset']);

/** One scripted fault. Every field that is given must match; `times` counts down to zero. */
export interface Fault {
  readonly id: string;
  readonly rail: FaultRail;
  readonly operation?: string;
  readonly contractCode?: string;
  readonly orderNumber?: string;
  readonly fault: string;
  readonly times: number;
  /** How long `slow` waits, in milliseconds. */
  readonly ms?: number;
  /** What `business_fail` answers as the rail's code. */
  readonly code?: string;
  /** Whether the request is carried out although its reply is spoiled. */
  readonly processed?: boolean;
}

/** What is happening, for a script to match. A callback answers to several operation names. */
export interface Occasion {
  readonly rail: FaultRail;
  readonly operations: readonly string[];
  readonly contractCode?: string | undefined;
  readonly orderNumber?: string | undefined;
}

/** The scripts that wait, in the order in which they were posted. */
export class Faults {
  readonly #table: Table<Fault>;
  readonly #counter: Table<{ readonly last: number }>;
  /** What happens by chance, after every script. */
  readonly chaos: Chaos;

  constructor(books: Books) {
    this.chaos = new Chaos(books);
    this.#table = books.table('faults');
    this.#counter = books.table('fault_counter');
  }

  list(): readonly Fault[] {
    return [...this.#table.values()];
  }

  clear(): void {
    for (const fault of this.list()) this.#table.delete(fault.id);
  }

  /** Adds a script; returns it, or a sentence when it is wrong. */
  add(script: unknown): Fault | string {
    const given = script as Partial<Fault> | null;
    if (typeof given !== 'object' || given === null) return 'A fault must be a JSON object.';
    const { rail, fault } = given;
    if (rail === undefined || !FAULT_RAILS.includes(rail)) {
      return `rail must be one of ${FAULT_RAILS.join(', ')}.`;
    }
    if (typeof fault !== 'string' || !isKnownFault(rail, fault)) {
      return `${String(fault)} is not a fault of ${rail}.`;
    }
    const times = given.times ?? 1;
    if (!Number.isInteger(times) || times < 1) return 'times must be a whole number of 1 or more.';
    const last = (this.#counter.get('fault')?.last ?? 0) + 1;
    this.#counter.put('fault', { last });
    const added: Fault = {
      id: `fault-${last}`,
      rail,
      fault,
      times,
      ...(given.operation !== undefined && { operation: String(given.operation) }),
      ...(given.contractCode !== undefined && { contractCode: String(given.contractCode) }),
      ...(given.orderNumber !== undefined && { orderNumber: String(given.orderNumber) }),
      ...(given.ms !== undefined && { ms: Number(given.ms) }),
      ...(given.code !== undefined && { code: String(given.code) }),
      ...(given.processed !== undefined && { processed: given.processed === true }),
    };
    this.#table.put(added.id, added);
    return added;
  }

  /** Takes the first script among `kinds` that matches, and uses it up once; else asks chance. */
  take(occasion: Occasion, kinds: ReadonlySet<string>): Fault | undefined {
    return this.#takeScript(occasion, kinds) ?? this.#drawFault(occasion, kinds);
  }

  #drawFault(occasion: Occasion, kinds: ReadonlySet<string>): Fault | undefined {
    const fault = this.chaos.draw(occasion, kinds);
    return fault === undefined ? undefined : { id: 'chance', rail: occasion.rail, fault, times: 1 };
  }

  #takeScript(occasion: Occasion, kinds: ReadonlySet<string>): Fault | undefined {
    if (this.#table.size === 0) return undefined;
    for (const fault of this.#table.values()) {
      if (!kinds.has(fault.fault) || !matches(fault, occasion)) continue;
      if (fault.times > 1) this.#table.put(fault.id, { ...fault, times: fault.times - 1 });
      else this.#table.delete(fault.id);
      return fault;
    }
    return undefined;
  }
}

/** Says whether a rail can be told to have this fault. */
export function isKnownFault(rail: FaultRail, fault: string): boolean {
  if (rail === 'sepa') return isBankFault(fault);
  if (REPLY_FAULTS.has(fault)) return true;
  if (CHANNELS.has(rail)) return isKnownOfChannel(rail, fault);
  if (rail !== 'wechat' && rail !== 'alipay' && rail !== 'unionpay') return false;
  if (REFUND_OUTCOMES[rail]?.has(fault)) return true;
  if (rail === 'wechat' && (CONTRACT_FAULTS.has(fault) || BUSINESS_FAULTS.has(fault))) return true;
  return SWAP_FAULTS.has(fault) || CALLBACK_FAULTS.has(fault) || OUTCOMES[rail].has(fault);
}

function isKnownOfChannel(rail: FaultRail, fault: string): boolean {
  if (rail !== 'webhook_target' && LOSS_FAULTS.has(fault)) return true;
  if (CALLBACK_FAULTS.has(fault)) return rail === 'official_account';
  return BUSINESS_FAULTS.has(fault) && rail !== 'sms' && rail !== 'smtp';
}

function matches(fault: Fault, occasion: Occasion): boolean {
  return (
    fault.rail === occasion.rail &&
    (fault.operation === undefined || occasion.operations.includes(fault.operation)) &&
    (fault.contractCode === undefined || fault.contractCode === occasion.contractCode) &&
    (fault.orderNumber === undefined || fault.orderNumber === occasion.orderNumber)
  );
}

/** How one rail answers: the real work, and its own way to spoil a signature. */
export interface Answering {
  readonly act: () => Reply | Promise<Reply>;
  readonly forge: (reply: Reply) => Reply;
}

/** Answers a request, through a reply fault when one is scripted for it. */
export async function answerThroughFaults(
  faults: Faults,
  occasion: Occasion,
  answering: Answering,
): Promise<Reply> {
  const fault = faults.take(occasion, REPLY_FAULTS);
  if (fault === undefined) return answering.act();
  const processed = fault.processed ?? !UNPROCESSED_FAULTS.has(fault.fault);
  const reply = processed ? await answering.act() : textReply(200, '');
  if (fault.fault === 'slow') await waitMs(fault.ms ?? 1_000);
  return spoil(fault, reply, answering);
}

function spoil(fault: Fault, reply: Reply, answering: Answering): Reply {
  switch (fault.fault) {
    case 'http_500':
      return textReply(500, 'Internal Server Error');
    case 'html_error':
      return textReply(502, '<html><body><h1>502 Bad Gateway</h1></body></html>', 'text/html');
    case 'connection_reset':
      return DROPPED;
    case 'garbage_body':
      return { ...reply, body: Buffer.from('\u0000\u0001{"<xml>]]>&\ufffd\u{1f4a5}', 'utf8') };
    case 'truncated_body':
      return { ...reply, end: 'cut' };
    case 'wrong_signature':
      return answering.forge(reply);
    default:
      return reply;
  }
}

function waitMs(delayMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, delayMs));
}
