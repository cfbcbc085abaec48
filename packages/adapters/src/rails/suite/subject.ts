import { randomBytes } from 'node:crypto';
import {
  type CallbackRefusal,
  type MandateReport,
  money,
  type Rail,
  type RailCapabilities,
  type RawCallback,
  type RefusalClass,
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
  const { headers, body } = received;
  return { headers, body, receivedAt: Temporal.Now.instant() };
}

let serial = 0;

/** A number that no other test uses; letters and digits. */
export function freshNumber(prefix: string): string {
  serial += 1;
  return `${prefix}${serial}X${randomBytes(6).toString('hex').toUpperCase()}`;
}

export type SignedMandate = { readonly contractCode: string; readonly railReference: string };

/** Signs a mandate through the rail and the wallet's page, and returns it as the query names it. */
export async function signMandate(
  rail: Rail,
  firstPlannedDate: Temporal.PlainDate,
): Promise<SignedMandate & { readonly report: MandateReport }> {
  const contractCode = freshNumber('C');
  const started = await rail.beginSigning({
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
