import { mkdtempSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DebitRequest, money, type Rail } from '@daikou/core';
import type { SepaConfig } from './config.ts';

/** Test fixture: a made-up creditor with the account that the IBAN registry prints as a sample. */
export const CREDITOR = {
  name: 'Daikou Beispiel GmbH',
  iban: 'DE89 3704 0044 0532 0130 00',
  bic: 'COBADEFFXXX',
  creditorId: 'DE98ZZZ09999999999',
} as const;

export const FIXED_NOW = Temporal.Instant.from('2026-12-01T07:00:00Z');

/** Test keys are made here and sealed with nothing real. */
export const VAULT_KEY = Buffer.alloc(32, 7).toString('base64');

/** A configuration with folders of its own under the system's temporary directory. */
export async function freshConfig(change: Partial<SepaConfig> = {}): Promise<SepaConfig> {
  const home = mkdtempSync(join(tmpdir(), 'daikou-sepa-'));
  const config: SepaConfig = {
    outbox: join(home, 'outbox'),
    inbox: join(home, 'inbox'),
    archive: join(home, 'archive'),
    creditor: CREDITOR,
    vaultKey: VAULT_KEY,
    now: () => FIXED_NOW,
    ...change,
  };
  await mkdir(config.inbox, { recursive: true });
  if (change.outbox === undefined) await mkdir(config.outbox, { recursive: true });
  return config;
}

/** Sample accounts of the IBAN registry: a German, a French and a Dutch one. */
export const PAYERS = [
  { iban: 'DE02120300000000202051', bic: 'BYLADEM1001', holderName: 'Jörg Groß & Söhne' },
  { iban: 'FR1420041010050500013M02606', holderName: 'Éloïse Lefèvre' },
  { iban: 'NL91ABNA0417164300', holderName: '王小明' },
] as const;

/** A mandate on paper, signed a month before. */
export async function signPaper(rail: Rail, contractCode: string, payer = 0): Promise<string> {
  const started = await rail.beginSigning({
    flow: 'paper',
    account: {
      kind: 'bank_account',
      ...(PAYERS[payer] ?? PAYERS[0]),
      signedOn: Temporal.PlainDate.from('2026-11-02'),
    },
    contractCode,
    displayAccount: contractCode,
    singleCap: money(500_000n, 'EUR'),
    requestSerial: '1',
    clientIp: '192.0.2.10',
  });
  if (started.kind !== 'signed' || started.report.kind !== 'active') {
    throw new Error(`signing: ${started.kind}`);
  }
  return started.report.railReference;
}

/** A debit of 29.85 euros for the first of December 2026. */
export function debitOf(orderNumber: string, railReference: string): DebitRequest {
  return {
    orderNumber,
    railReference,
    amount: money(2_985n, 'EUR'),
    description: '专业版 Pro, Dezember',
    collectDate: Temporal.PlainDate.from('2026-12-01'),
  };
}
