import { randomBytes } from 'node:crypto';
import {
  type CallbackRefusal,
  type Id,
  type MandateReport,
  makeId,
  money,
  type Rail,
  type RailCapabilities,
  type RawCallback,
  type RefundRefusalClass,
  type RefusalClass,
  type SigningFlow,
  type SigningRequest,
  type SigningStarted,
  toContractCode,
  toOrderNumber,
  toRefundNumber,
} from '@daikou/core';
import { type Listener, listen, type Received } from '../../kit/listener.ts';
import type { Sandbox } from '../../kit/sandbox.ts';
import { decideOnPage } from '../../kit/wallet.ts';

/**
 * What a rail's own test file tells the family suite about its rail. Data only; the checks are
 * shared.
 */
export type RailFacts = {
  readonly railName: string;
  /** What the rail declares; checks apply or not by these. */
  readonly capabilities: RailCapabilities;
  /** A rail on the sandbox, its callbacks sent to `inbox`. */
  readonly open: (world: RailWorld, change?: RailChange) => Rail;
  /** Scripted outcomes of the sandbox and the class that each must have. */
  readonly refusals: readonly (readonly [outcome: string, expected: RefusalClass])[];
  /** Where the sandbox is told to send what it does not send to a request's own address. */
  readonly configure: (inbox: string) => unknown;
  /** The operation names of submit and query, for scripted faults. */
  readonly operations: { readonly submit: string; readonly ask: string };
  /** Callbacks that belong to somebody else, or are attacks: bytes → a whole callback. */
  readonly attacks: readonly Attack[];
  /** The wallet's own end of a mandate. */
  readonly endInWallet: (railReference: string) => unknown;
  /** The rail sends no message when the payer ends a mandate: only a query finds it. */
  readonly endsSilently?: boolean;
  /** How the payer finishes each flow; a flow that is absent ends on a page of its own. */
  readonly flows?: Partial<Readonly<Record<SigningFlow, FlowFacts>>>;
  /** Present exactly where the rail declares refunds. */
  readonly refunds?: RefundFacts;
  /** Present exactly where the rail has pay links: the payer's hand, which throws when refused. */
  readonly payLinks?: {
    readonly pay: (url: string, world: RailWorld) => Promise<void>;
    /** The rail makes the order only when the payer opens the link: until then nobody knows it. */
    readonly madeWhenOpened?: true;
  };
  /** Present exactly where the rail has an account statement. */
  readonly settlements?: SettlementFacts;
};

/** What the account statement of the suite's day must hold. */
export type SettlementFacts = {
  /** Fees stand in rows of their own; otherwise payments and refunds are told without their fee. */
  readonly feeRows: boolean;
  /** The money of the day is sent on to the bank, as a row. */
  readonly hasPayout: boolean;
};

/** What the suite must know to sign by one flow. */
export type FlowFacts = {
  /** What this flow wants of a request besides the common parts. */
  readonly request?: () => Partial<SigningRequest>;
  /** The payer's hand; absent: agrees on the page of an `open_url`, or did so with `signed`. */
  readonly finish?: (
    started: SigningStarted,
    about: { readonly world: RailWorld; readonly rail: Rail; readonly request: SigningRequest },
  ) => Promise<void>;
};

/**
 * Refund faults are scripted by the number of the paid order, with the operation of the refund. The
 * sandbox's summary has `refundedMinor` for the rail: its own books, counted once a number.
 */
export type RefundFacts = {
  /** The operation names of refund and refund query, for scripted faults. */
  readonly operations: { readonly refund: string; readonly ask: string };
  /** Scripted outcomes of the sandbox, and the class that each must have; or `failed`. */
  readonly refusals: readonly (readonly [
    outcome: string,
    expected: RefundRefusalClass | 'failed',
  ])[];
  /** The rail tells the end of a refund by callback. */
  readonly hasCallback: boolean;
};

export type RailWorld = { readonly sandbox: Sandbox; readonly inbox: Inbox };

/** Changes to the configuration that the suite asks for. */
export type RailChange = { readonly origin?: string; readonly stranger?: boolean };

/** A change to a true callback after which it must be refused. */
export type Attack = {
  readonly name: string;
  /** The reason that the refusal must give, where only one is right. */
  readonly reason?: CallbackRefusal;
  readonly change: (true_: RawCallback) => RawCallback;
};

/** Callbacks as they came, answered as the rail wants. */
export type Inbox = Listener & {
  /** The first callback that `isWanted`, waiting up to five seconds. */
  readonly wait: (isWanted: (callback: RawCallback) => boolean) => Promise<RawCallback>;
};

const PATIENCE_MILLISECONDS = 5_000;

/** Opens an inbox. Every rail of ours takes one of these two words as "taken". */
export async function openInbox(): Promise<Inbox> {
  const xml = '<xml><return_code>SUCCESS</return_code><return_msg>OK</return_msg></xml>';
  const listener = await listen((request) => ({
    status: 200,
    body: Buffer.from(request.body).toString('latin1').startsWith('<') ? xml : 'success',
  }));
  return {
    ...listener,
    wait: async (isWanted) => {
      const deadline = performance.now() + PATIENCE_MILLISECONDS;
      while (performance.now() < deadline) {
        const found = listener.received.map(toRaw).find(isWanted);
        if (found !== undefined) return found;
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
      throw new Error('the callback did not come');
    },
  };
}

function toRaw(received: Received): RawCallback {
  const { headers, body, target } = received;
  return { headers, body, target, receivedAt: Temporal.Now.instant() };
}

let serial = 0;

/**
 * A number that no other test uses; letters and digits. Those of orders, contracts and refunds are
 * real ones, as a rail may read the time out of them.
 */
export function freshNumber(prefix: string): string {
  serial += 1;
  switch (prefix) {
    case 'D':
      return toOrderNumber(freshId('dbt'), 1);
    case 'C':
      return toContractCode(freshId('man'));
    case 'R':
      return toRefundNumber(freshId('rfd'));
  }
  return `${prefix}${serial}X${randomBytes(6).toString('hex').toUpperCase()}`;
}

function freshId<P extends 'dbt' | 'man' | 'rfd'>(prefix: P): Id<P> {
  const { epochMilliseconds } = Temporal.Now.instant();
  return makeId(prefix, { epochMilliseconds, random: randomBytes(10), bucket: 0 });
}

export type SignedMandate = { readonly contractCode: string; readonly railReference: string };

/** A flow that ends on a page, which every check can drive; absent where the rail has none. */
export function pageFlow(rail: Rail): { readonly flow?: SigningFlow } {
  const { signingFlows } = rail.capabilities;
  const flow = signingFlows.find((one) => one === 'wallet_page' || one === 'browser_page');
  return flow === undefined ? {} : { flow };
}

/** Signs a mandate through the rail and the wallet's page, and returns it as the query names it. */
export async function signMandate(
  rail: Rail,
  firstPlannedDate: Temporal.PlainDate,
): Promise<SignedMandate & { readonly report: MandateReport }> {
  const contractCode = freshNumber('C');
  const started = await rail.beginSigning({
    ...pageFlow(rail),
    contractCode,
    displayAccount: freshNumber('customer-'),
    singleCap: money(50_000n, 'CNY'),
    firstPlannedDate,
    requestSerial: String(1_000_000 + serial),
    clientIp: '192.0.2.10',
  });
  if (started.kind !== 'open_url') throw new Error(`signing: ${JSON.stringify(started)}`);
  await decideOnPage(started.url, 'agree');
  const report = await rail.queryMandate({ contractCode });
  if (report.kind !== 'active') throw new Error(`after signing: ${report.kind}`);
  return { contractCode, railReference: report.railReference, report };
}

/** The morning on which every suite begins, in Beijing. */
export const FIRST_DAY = Temporal.PlainDate.from('2026-12-01');

/** What every check is given. `rail` and `world` are set before the first test runs. */
export type Bench = {
  readonly facts: RailFacts;
  rail: Rail;
  world: RailWorld;
};

/** The day of the checks that come after those of bills: signing flows, refunds, statements. */
export const LATER_DAY = FIRST_DAY.add({ days: 20 });

/** Moves the sandbox's clock forward by this many seconds. */
export async function pass(bench: Bench, seconds: number): Promise<void> {
  const { now } = (await bench.world.sandbox.admin('GET', '/admin/clock')) as { now: string };
  const later = Temporal.Instant.from(now).add({ seconds });
  await bench.world.sandbox.setClock(later.toString({ timeZone: 'Asia/Shanghai' }).slice(0, 25));
}
