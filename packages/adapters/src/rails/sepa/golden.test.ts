import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import { money } from '@daikou/core';
import fc from 'fast-check';
import { expectGolden } from '../../kit/golden.ts';
import { checkAgainst, readSchema, type Schema } from '../../kit/xsd.ts';
import { openSepaConfig, type SepaConfig } from './config.ts';
import { debitOf, FIXED_NOW, freshConfig, PAYERS, signPaper } from './fixture.ts';
import { groupCollections, toPain008 } from './pain008.ts';
import { makeSepaRail } from './rail.ts';

const FIXED_NOW_DAY = Temporal.PlainDate.from('2026-12-01');
const SCHEMAS = new URL('./schemas/', import.meta.url);

/** The file that a rail hands over for three payers, one of them the last of a series. */
async function handOver(change: Partial<SepaConfig>): Promise<string> {
  const config = await freshConfig(change);
  const rail = makeSepaRail(config);
  const debits = [];
  for (const [index] of PAYERS.entries()) {
    debits.push(debitOf(`D00${index}`, await signPaper(rail, `C00${index}`, index)));
  }
  const [first, second, third] = debits;
  assert.ok(first !== undefined && second !== undefined && third !== undefined);
  const outcomes = await rail.submitMany?.([first, second, { ...third, sequence: 'final' }]);
  assert.deepEqual(outcomes, [{ kind: 'accepted' }, { kind: 'accepted' }, { kind: 'accepted' }]);
  return onlyFile(config.outbox);
}

async function onlyFile(folder: string): Promise<string> {
  const names = await readdir(folder);
  assert.equal(names.length, 1);
  return readFile(join(folder, names[0] ?? ''), 'utf8');
}

async function refundFile(): Promise<string> {
  const config = await freshConfig();
  const rail = makeSepaRail(config);
  const outcome = await rail.refund?.({
    refundNumber: 'R000',
    orderNumber: 'D000',
    paymentReference: 'B1',
    paid: money(2_985n, 'EUR'),
    paidAt: FIXED_NOW,
    amount: money(1_000n, 'EUR'),
    reason: 'Gutschrift für März',
    railReference: await signPaper(rail, 'C000'),
  });
  assert.deepEqual(outcome, { kind: 'accepted' });
  return onlyFile(config.outbox);
}

const FILES = [
  ['pain.008.001.08', 'debits-08.xml', () => handOver({})],
  [
    'pain.008.001.02',
    'debits-02-b2b.xml',
    () => handOver({ schema: 'pain.008.001.02', scheme: 'B2B' }),
  ],
  ['pain.001.001.09', 'refund.xml', refundFile],
] as const;

for (const [schemaName, golden, make] of FILES) {
  describe(golden, () => {
    let text = '';
    let schema: Schema;
    before(async () => {
      text = await make();
      schema = readSchema(await readFile(new URL(`${schemaName}.xsd`, SCHEMAS), 'utf8'));
    });

    test('leaves as recorded', () => {
      expectGolden(new URL(`./golden/${golden}`, import.meta.url), text);
    });

    test(`is valid by ${schemaName}`, () => assert.deepEqual(checkAgainst(schema, text), []));

    test('is valid by xmllint, where it is installed', (context) => {
      const schemaPath = new URL(`${schemaName}.xsd`, SCHEMAS).pathname;
      const run = spawnSync('xmllint', ['--noout', '--schema', schemaPath, '-'], { input: text });
      if (run.error !== undefined) context.diagnostic('SKIPPED: xmllint is not installed');
      else assert.equal(run.status, 0, run.stderr.toString());
    });

    test('a change that the schema forbids is found: the check can fail', () => {
      const broken = [
        text.replace(/<NbOfTxs>\d+<\/NbOfTxs>/, ''),
        text.replace(/<IBAN>[^<]+<\/IBAN>/, '<IBAN>12</IBAN>'),
        text.replace('Ccy="EUR"', ''),
        text.replace(/(<EndToEndId>)/, `$1${'X'.repeat(36)}`),
        text.replace(/(<MsgId>[^<]*<\/MsgId>)(<CreDtTm>[^<]*<\/CreDtTm>)/, '$2$1'),
        text.replace('</Document>', '<Extra/></Document>'),
        text.replace(/(<InstdAmt[^>]*>)[\d.]+/, '$11.234567'),
      ];
      for (const [index, one] of broken.entries()) {
        assert.notEqual(one, text, `change ${index}`);
        assert.notDeepEqual(checkAgainst(schema, one), [], `change ${index}`);
      }
    });
  });
}

test('whatever a name or a description holds, the file is valid', async () => {
  const settings = openSepaConfig(await freshConfig());
  const schema = readSchema(await readFile(new URL('pain.008.001.08.xsd', SCHEMAS), 'utf8'));
  const text = fc.string({ unit: 'binary', maxLength: 200 });
  fc.assert(
    fc.property(text, text, fc.bigInt({ min: 1n, max: 10n ** 11n }), (name, words, minor) => {
      const collection = {
        orderNumber: 'D1',
        amount: money(minor, 'EUR'),
        description: words,
        dueDate: Temporal.PlainDate.from('2026-12-02'),
        sequence: 'RCUR' as const,
        mandateId: 'C1',
        debtor: { iban: PAYERS[0].iban, holderName: name, signedOn: FIXED_NOW_DAY },
      };
      const groups = groupCollections('M1', [collection]);
      const written = toPain008(settings, { id: 'M1', at: FIXED_NOW, groups });
      assert.deepEqual(checkAgainst(schema, written), []);
    }),
  );
});

test('the same batch in another order is the same message with the same groups', async () => {
  const settings = openSepaConfig(await freshConfig());
  const debtor = { ...PAYERS[0], signedOn: Temporal.PlainDate.from('2026-11-02') };
  const [first, second] = ['2026-12-03', '2026-12-02'].map((date, index) => ({
    orderNumber: `D${index}`,
    amount: money(100n, 'EUR'),
    description: '',
    dueDate: Temporal.PlainDate.from(date),
    sequence: 'RCUR' as const,
    mandateId: 'C1',
    debtor,
  }));
  assert.ok(first !== undefined && second !== undefined);
  const write = (batch: Parameters<typeof groupCollections>[1]) =>
    toPain008(settings, { id: 'M1', at: FIXED_NOW, groups: groupCollections('M1', batch) });
  assert.equal(write([first, second]), write([second, first]));
});
