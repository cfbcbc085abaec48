import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readBankFile } from './bank-file.ts';

const READER = { iban: 'DE89370400440532013000', zone: 'Europe/Berlin' };

function balance(code: string, amount: string, side = 'CRDT'): string {
  return (
    `<Bal><Tp><CdOrPrtry><Cd>${code}</Cd></CdOrPrtry></Tp><Amt Ccy="EUR">${amount}</Amt>` +
    `<CdtDbtInd>${side}</CdtDbtInd><Dt><Dt>2026-03-02</Dt></Dt></Bal>`
  );
}

function entry(amount: string, side: string, state = 'BOOK'): string {
  return (
    `<Ntry><Amt Ccy="EUR">${amount}</Amt><CdtDbtInd>${side}</CdtDbtInd>` +
    `<Sts><Cd>${state}</Cd></Sts></Ntry>`
  );
}

async function read(inside: string): Promise<string> {
  const account = `<Acct><Id><IBAN>${READER.iban}</IBAN></Id></Acct>`;
  const statement = `<Stmt><Id>S1</Id>${account}${inside}</Stmt>`;
  const text = `<Document><BkToCstmrStmt>${statement}</BkToCstmrStmt></Document>`;
  const chunks = async function* () {
    yield Buffer.from(text);
  };
  try {
    return (await Array.fromAsync(readBankFile(chunks(), READER))).map(({ kind }) => kind).join();
  } catch (error) {
    return error instanceof Error ? error.message : 'thrown';
  }
}

const OPEN = balance('OPBD', '100.00');
const MORE = entry('29.85', 'CRDT') + entry('10.00', 'DBIT');
const page = (number: number, isLast: boolean) =>
  `<StmtPgntn><PgNb>${number}</PgNb><LastPgInd>${isLast}</LastPgInd></StmtPgntn>`;

const CASES: readonly (readonly [what: string, inside: string, says: RegExp])[] = [
  ['every entry is there', OPEN + balance('CLBD', '119.85') + MORE, /^statement$/],
  ['from below zero', balance('OPBD', '1.00', 'DBIT') + balance('CLBD', '18.85') + MORE, /^statem/],
  [
    'what is pending is no money yet',
    OPEN + balance('CLBD', '119.85') + MORE + entry('5.00', 'CRDT', 'PDNG'),
    /^statement$/,
  ],
  [
    'an entry was cut out',
    OPEN + balance('CLBD', '119.85') + entry('29.85', 'CRDT'),
    /entries add up to 2985, the balances of the statement to 1985/,
  ],
  ['an entry stands twice', OPEN + balance('CLBD', '119.85') + MORE + MORE, /add up to 3970/],
  [
    'one page of two proves nothing',
    page(1, false) + balance('CLBD', '7.00') + OPEN,
    /^statement$/,
  ],
  ['nor does one without its opening', balance('CLBD', '7.00') + MORE, /^statement$/],
];
for (const [what, inside, says] of CASES) {
  test(`a statement: ${what}`, async () => assert.match(await read(inside), says));
}
