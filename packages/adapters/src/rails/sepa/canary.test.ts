import assert from 'node:assert/strict';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { describeConfig } from './config.ts';
import { debitOf, freshConfig, PAYERS, signPaper } from './fixture.ts';
import { makeSepaRail } from './rail.ts';

/** What must never be seen outside the payment file. */
const [payer] = PAYERS;
const SECRETS = [payer.iban, payer.iban.slice(4), payer.holderName, 'Jorg Gross'] as const;

/** The text of everything under a folder. */
async function textOf(folder: string): Promise<string> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  const texts = await Promise.all(
    files.map((entry) => readFile(join(entry.parentPath, entry.name), 'utf8')),
  );
  return texts.join('\n');
}

test('accounts and names are in the payment file and nowhere else', async () => {
  const config = await freshConfig();
  const rail = makeSepaRail(config);
  const seen: unknown[] = [describeConfig(config)];
  const common = {
    contractCode: 'C9',
    displayAccount: 'C9',
    singleCap: { minor: 1n, currency: 'EUR' as const },
    requestSerial: '1',
    clientIp: '192.0.2.10',
  };
  const signedOn = Temporal.PlainDate.from('2026-11-02');
  const form = { kind: 'bank_account', ...payer, signedOn } as const;
  const spoilt = [
    { ...form, iban: `${payer.iban.slice(0, -1)}0` },
    { ...form, bic: `${payer.iban}` },
    { ...form, holderName: ' ' },
  ];
  for (const account of spoilt) seen.push(await rail.beginSigning({ ...common, account }));
  const railReference = await signPaper(rail, 'C1');
  seen.push(railReference, await rail.queryMandate({ contractCode: 'C1', railReference }));
  seen.push(await rail.queryMandate({ contractCode: 'C2', railReference }));
  const debit = debitOf('D1', railReference);
  seen.push(await rail.submit(debit), await rail.submit({ ...debit, railReference: 's1.C1.AAAA' }));
  // The bank's files name payers too: what we say of a file must not repeat it.
  const bad = `<Document><x>${payer.iban} ${payer.holderName}</y></Document>`;
  await writeFile(join(config.inbox, '1.xml'), bad);
  await writeFile(join(config.inbox, '2.xml'), `<a><b>${payer.iban}</b></a>`);
  seen.push(await rail.fetchNews?.(undefined), await rail.ask('D1'), await rail.ask('D2'));
  seen.push(await rail.fetchBill(Temporal.PlainDate.from('2026-12-01')));
  seen.push(await rail.endMandate({ contractCode: 'C1', railReference }, 'x'));
  const told = inspect(seen, { depth: 20, maxStringLength: null });
  const kept = await textOf(config.archive);
  for (const secret of SECRETS) {
    assert.ok(!told.includes(secret), 'nothing that was answered');
    assert.ok(!kept.includes(secret), 'nothing that is kept');
  }
  assert.ok((await textOf(config.outbox)).includes(payer.iban), 'the payment file has it');
});
