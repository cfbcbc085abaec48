import { existsSync, readdirSync } from 'node:fs';
import type { AttemptOutcome, MandateReport, NewsReading, Rail, RefundOutcome } from '@daikou/core';
import { refuseCallback } from '../callback.ts';
import { unknownOutcome } from '../outcomes.ts';
import { toDetail } from '../rail-text.ts';
import { Archive } from './archive.ts';
import { fetchBill } from './bill.ts';
import { SEPA_CAPABILITIES } from './capabilities.ts';
import { openSepaConfig, type SepaConfig, type SepaSettings } from './config.ts';
import { type FileExchange, makeFolderExchange } from './exchange.ts';
import { BankInbox } from './inbox.ts';
import { beginPaperSigning, endSealedMandate, querySealedMandate } from './mandates.ts';
import { refundByTransfer } from './refunds.ts';
import { submitBatch } from './submit.ts';

type Connection = {
  readonly settings: SepaSettings;
  readonly archive: Archive;
  readonly exchange: FileExchange;
  readonly inbox: BankInbox;
  /** Makes the register's folders once; every operation waits for it. */
  readonly ready: () => Promise<void>;
};

/**
 * The rail of one creditor at its bank, by files. Throws a sentence when the configuration cannot
 * be used, or when the bank's files are there and our register is not: without it no number can be
 * proved unsent. `exchange` is another way than folders to hand files over.
 */
export function makeSepaRail(config: SepaConfig, exchange?: FileExchange): Rail {
  const connection = connect(openSepaConfig(config), exchange);
  const { settings, archive } = connection;
  const ask = (orderNumber: string) => askOrder(connection, orderNumber);
  const askRefund = (refundNumber: string) => askTransfer(connection, refundNumber);
  return {
    id: 'sepa',
    capabilities: SEPA_CAPABILITIES,
    beginSigning: async (request) => beginPaperSigning(settings, request),
    queryMandate: (mandate) =>
      told(connection, () => querySealedMandate(settings, archive, mandate)),
    endMandate: (mandate) => told(connection, () => endSealedMandate(settings, archive, mandate)),
    submit: async (request) => {
      await connection.ready();
      const [outcome] = await submitBatch({ settings, archive, ask }, [request]);
      return outcome ?? unknownOutcome('no outcome');
    },
    submitMany: async (requests) => {
      await connection.ready();
      return submitBatch({ settings, archive, ask }, requests);
    },
    ask,
    // Only camt.055 calls a file back, which few banks take; the number stays what it is.
    close: ask,
    readCallback: () =>
      refuseCallback('unsupported', () => ({ contentType: 'text/plain', body: 'no callbacks' })),
    fetchBill: async (date) => {
      await connection.ready();
      await archive.refresh();
      return fetchBill(connection, date);
    },
    refund: async (request) => {
      await connection.ready();
      return refundByTransfer({ settings, archive, ask: askRefund }, request);
    },
    askRefund: (refund) => askRefund(refund.refundNumber),
    fetchNews: (cursor) => fetchNews(connection, cursor),
  };
}

function connect(settings: SepaSettings, given: FileExchange | undefined): Connection {
  if (!existsSync(settings.archive) && holdsFiles(settings.inbox)) {
    throw new Error(
      'SEPA: the archive folder is missing although the bank has sent files. Restore it: without ' +
        'it nothing proves which collections were sent.',
    );
  }
  const exchange = given ?? makeFolderExchange(settings);
  const archive = new Archive(settings.archive, exchange);
  const inbox = new BankInbox(settings, archive, exchange);
  let preparing: Promise<void> | undefined;
  const ready = () => {
    preparing ??= archive.prepare().catch((error: unknown) => {
      preparing = undefined;
      throw error;
    });
    return preparing;
  };
  return { settings, archive, exchange, inbox, ready };
}

function holdsFiles(folder: string): boolean {
  return existsSync(folder) && readdirSync(folder).length > 0;
}

async function told(
  { ready }: Connection,
  tell: () => Promise<MandateReport>,
): Promise<MandateReport> {
  try {
    await ready();
    return await tell();
  } catch (error) {
    return { kind: 'unknown', detail: causeOf(error) };
  }
}

/**
 * What the bank's files say of a number. Where they say nothing, our register decides: a number in
 * it is with the bank, one that is not was never sent.
 */
async function askOrder(rail: Connection, orderNumber: string): Promise<AttemptOutcome> {
  try {
    await rail.ready();
    const message = await messageOf(rail, orderNumber);
    const outcome = await rail.inbox.outcomeOf(orderNumber);
    if (outcome !== undefined) return outcome;
    return message === undefined ? { kind: 'not_found' } : { kind: 'accepted' };
  } catch (error) {
    return unknownOutcome(causeOf(error));
  }
}

async function askTransfer(rail: Connection, refundNumber: string): Promise<RefundOutcome> {
  try {
    await rail.ready();
    const message = await messageOf(rail, refundNumber);
    const outcome = await rail.inbox.refundOf(refundNumber);
    if (outcome !== undefined) return outcome;
    return message === undefined ? { kind: 'not_found' } : { kind: 'accepted' };
  } catch (error) {
    return { kind: 'unknown', detail: causeOf(error) };
  }
}

/** The file that holds a number; what a crash left half done is finished first. */
async function messageOf({ archive }: Connection, number: string): Promise<string | undefined> {
  await archive.repair();
  await archive.refresh();
  return archive.messageOf(number);
}

async function fetchNews(rail: Connection, cursor: string | undefined): Promise<NewsReading> {
  try {
    await rail.ready();
    await rail.archive.repair();
    await rail.archive.refresh();
    return await rail.inbox.news(cursor);
  } catch (error) {
    return { kind: 'unknown', detail: causeOf(error) };
  }
}

/** A code of the system or the kind of error; never a path, which may name a merchant. */
function causeOf(error: unknown): string {
  const code: unknown = error instanceof Error ? Reflect.get(error, 'code') : undefined;
  if (typeof code === 'string' && /^[A-Z0-9_]{2,40}$/.test(code)) return code;
  return toDetail(error instanceof Error ? error.name : 'thrown');
}
