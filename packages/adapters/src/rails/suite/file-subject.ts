import assert from 'node:assert/strict';
import {
  type DebitRequest,
  type Money,
  money,
  type Rail,
  type RailCapabilities,
  type RailEvent,
  type RefusalClass,
  type SigningRequest,
} from '@daikou/core';
import type { Sandbox } from '../../kit/sandbox.ts';
import { freshNumber } from './subject.ts';

/**
 * What the test file of a rail that exchanges files tells the family suite. Such a rail has no
 * wallet page, no reply to spoil and no callback to forge, so it runs these checks in the place of
 * those of `rail-suite.ts`; the promises are the same.
 */
export type FileRailFacts = {
  readonly railName: string;
  readonly capabilities: RailCapabilities;
  /** A rail on the sandbox; `again` opens a second process on the register of the last. */
  readonly open: (sandbox: Sandbox, change?: FileRailChange) => Promise<Rail>;
  /** What the signed form says, besides the common parts of a request. */
  readonly form: () => Partial<SigningRequest>;
  /** A form that nobody could collect by. */
  readonly badForm: () => Partial<SigningRequest>;
  /** Scripted outcomes of the sandbox and the class that each must have. */
  readonly refusals: readonly (readonly [outcome: string, expected: RefusalClass])[];
  /** Scripted outcomes that take a payment back, what they say and after how many days. */
  readonly returns: readonly ReturnFacts[];
  /** Scripted ends of a refund. */
  readonly refunds: { readonly refused: string; readonly comesBack: string };
  /** The kind of file that tells of a payment first, for scripted faults. */
  readonly firstTold: string;
  /** A file of the day that tells of payments again. */
  readonly dayFile: string;
};

export type ReturnFacts = {
  readonly outcome: string;
  readonly code: string;
  readonly afterDays: number;
  readonly mandateGone: boolean;
};

export type FileRailChange = {
  readonly again?: boolean;
  /** The way out is broken: nothing can be handed over. */
  readonly broken?: boolean;
};

/** What every check is given. `rail`, `sandbox` and `day` are set before the first test runs. */
export type FileBench = {
  readonly facts: FileRailFacts;
  rail: Rail;
  sandbox: Sandbox;
  /** The sandbox's present day. */
  day: Temporal.PlainDate;
};

/** A Tuesday; every suite of this family begins on its morning. */
export const FIRST_TUESDAY = Temporal.PlainDate.from('2026-12-01');

/** Days after which a collection of today is settled, weekends included. */
export const SETTLED_DAYS = 4;

/** Moves the sandbox to the morning some days on, in the bank's winter time. */
export async function passDays(bench: FileBench, days: number): Promise<void> {
  bench.day = bench.day.add({ days });
  await bench.sandbox.setClock(`${bench.day}T09:00:00+01:00`);
}

export const AMOUNT: Money = money(2_985n, 'EUR');

/** A mandate on paper. */
export async function signForm(bench: FileBench, change: Partial<SigningRequest> = {}) {
  const contractCode = freshNumber('C');
  const started = await bench.rail.beginSigning({
    contractCode,
    displayAccount: freshNumber('customer'),
    singleCap: money(500_000n, 'EUR'),
    requestSerial: '1',
    clientIp: '192.0.2.10',
    ...bench.facts.form(),
    ...change,
  });
  if (started.kind !== 'signed' || started.report.kind !== 'active') {
    throw new Error(`signing: ${started.kind}`);
  }
  return { contractCode, railReference: started.report.railReference, report: started.report };
}

/** A debit of today on a mandate of its own. */
export async function fileDebit(bench: FileBench): Promise<DebitRequest> {
  const { railReference } = await signForm(bench);
  return {
    orderNumber: freshNumber('D'),
    railReference,
    amount: AMOUNT,
    description: '专业版 12 月',
    collectDate: bench.day,
  };
}

/** Scripts one outcome or fault of the sandbox. */
export async function scriptFile(
  bench: FileBench,
  fault: Readonly<Record<string, unknown>>,
): Promise<void> {
  const rail = bench.rail.id;
  await bench.sandbox.admin('POST', '/admin/faults', { rail, times: 1, ...fault });
}

/** Hands debits over and waits until the bank has taken the file. */
export async function submitNow(bench: FileBench, ...debits: readonly DebitRequest[]) {
  const outcomes = (await bench.rail.submitMany?.(debits)) ?? [];
  await bench.sandbox.idle();
  return outcomes;
}

/** Every event from the beginning, as a reader without a place would get them. */
export async function allNews(rail: Rail) {
  const events: RailEvent[] = [];
  const problems: string[] = [];
  let cursor: string | undefined;
  for (let reading = 0; reading < 100; reading += 1) {
    const news = await rail.fetchNews?.(cursor);
    assert.equal(news?.kind, 'ready');
    if (news?.kind !== 'ready') break;
    events.push(...news.events);
    problems.push(...(news.problems ?? []).map((problem) => problem.sentence));
    cursor = news.cursor;
    if (!news.more) break;
  }
  // The last place is handed back, so that what was told now is not told by the next call.
  await rail.fetchNews?.(cursor);
  return { events, problems };
}

/** The bank's own books of this rail. */
export async function bankBooks(bench: FileBench) {
  const summary = await bench.sandbox.admin('GET', '/admin/books/summary');
  const books = (summary as Readonly<Record<string, BankSummary>>)[bench.rail.id];
  assert.ok(books !== undefined);
  assert.deepEqual(books.doubleDebits, []);
  return books;
}

type BankSummary = {
  readonly succeeded: number;
  readonly succeededMinor: number;
  readonly returnedMinor: number;
  readonly refundedMinor: number;
  readonly files: number;
  readonly doubleDebits: readonly unknown[];
};
