import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { type Sandbox, startSandbox } from '../sandbox.ts';
import { isAccount, settlementDay, settlesOn } from './calendar.ts';
import { CREDITOR } from './records.ts';

const PAYER = 'DE02120300000000202051';

interface Debit {
  readonly number: string;
  readonly iban?: string;
  readonly mandate?: string;
  readonly signed?: string;
}

/** A payment file as a merchant would write it by hand. */
function fileOf(id: string, debits: readonly Debit[], change: (text: string) => string = String) {
  const payments = debits.map(
    ({ number, iban = PAYER, mandate = `M${number}`, signed = '2026-11-02' }) =>
      `<DrctDbtTxInf><PmtId><EndToEndId>${number}</EndToEndId></PmtId>` +
      `<InstdAmt Ccy="EUR">10.00</InstdAmt><DrctDbtTx><MndtRltdInf><MndtId>${mandate}</MndtId>` +
      `<DtOfSgntr>${signed}</DtOfSgntr></MndtRltdInf></DrctDbtTx><Dbtr><Nm>A</Nm></Dbtr>` +
      `<DbtrAcct><Id><IBAN>${iban}</IBAN></Id></DbtrAcct></DrctDbtTxInf>`,
  );
  const namespace = 'urn:iso:std:iso:20022:tech:xsd:pain.008.001.08';
  return change(
    `<Document xmlns="${namespace}"><CstmrDrctDbtInitn><GrpHdr><MsgId>${id}</MsgId>` +
      `<NbOfTxs>${debits.length}</NbOfTxs><CtrlSum>${debits.length * 10}.00</CtrlSum></GrpHdr>` +
      `<PmtInf><PmtInfId>${id}-1</PmtInfId><ReqdColltnDt>2026-12-02</ReqdColltnDt>` +
      `<CdtrAcct><Id><IBAN>${CREDITOR.iban}</IBAN></Id></CdtrAcct><CdtrSchmeId><Id><PrvtId><Othr>` +
      `<Id>${CREDITOR.creditorId}</Id></Othr></PrvtId></Id></CdtrSchmeId>` +
      `${payments.join('')}</PmtInf></CstmrDrctDbtInitn></Document>`,
  );
}

class Town {
  readonly home: string;
  readonly sandbox: Sandbox;

  private constructor(home: string, sandbox: Sandbox) {
    this.home = home;
    this.sandbox = sandbox;
  }

  static async open(home = mkdtempSync(join(tmpdir(), 'daikou-bank-'))): Promise<Town> {
    return new Town(home, await startSandbox({ home }));
  }

  async admin(method: string, path: string, body?: unknown): Promise<Record<string, unknown>> {
    const response = await fetch(`${this.sandbox.endpoints.admin}${path}`, {
      method,
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    assert.ok(response.ok, await response.clone().text());
    return (await response.json()) as Record<string, unknown>;
  }

  async moveTo(now: string): Promise<void> {
    await this.admin('PUT', '/admin/clock', { now });
  }

  async send(name: string, text: string): Promise<void> {
    writeFileSync(join(this.sandbox.endpoints.sepa.outbox, name), text);
    await this.admin('POST', '/admin/idle');
  }

  /** Reports of a kind, oldest first. */
  reports(kind: string): readonly string[] {
    const { inbox } = this.sandbox.endpoints.sepa;
    const names = readdirSync(inbox).filter((name) => name.includes(kind));
    return names.sort().map((name) => readFileSync(join(inbox, name), 'utf8'));
  }

  async books(): Promise<Record<string, unknown>> {
    return (await this.admin('GET', '/admin/books/summary'))['sepa'] as Record<string, unknown>;
  }

  async close(): Promise<void> {
    await this.sandbox.stop();
    rmSync(this.home, { recursive: true, force: true });
  }
}

/** A bank of its own for one story, on a Tuesday morning. */
async function newTown(): Promise<Town> {
  const town = await Town.open();
  after(() => town.close());
  await town.moveTo('2026-12-01T09:00:00+01:00');
  return town;
}

describe('the bank', () => {
  test('collects on the date, tells at once, and states the day after it', async () => {
    const town = await newTown();
    await town.send('1.xml', fileOf('F1', [{ number: 'D1' }, { number: 'D2' }]));
    assert.match(town.reports('pain002')[0] ?? '', /<GrpSts>ACCP/);
    await town.moveTo('2026-12-02T07:59:00+01:00');
    assert.equal((await town.books())['succeeded'], 0);
    await town.moveTo('2026-12-02T08:00:00+01:00');
    assert.equal((await town.books())['succeededMinor'], 2_000);
    assert.match(town.reports('camt054')[0] ?? '', /20\.00.*<EndToEndId>D1<.*<EndToEndId>D2</s);
    await town.moveTo('2026-12-03T00:00:00+01:00');
    assert.match(town.reports('camt053').at(-1) ?? '', /CLBD.*20\.00.*D1.*D2/s);
  });

  test('a second file of the same number is refused whole and collects nothing', async () => {
    const town = await newTown();
    await town.send('1.xml', fileOf('F1', [{ number: 'D1' }]));
    await town.send('1.xml', fileOf('F1', [{ number: 'D1' }]));
    assert.match(town.reports('pain002')[1] ?? '', /<GrpSts>RJCT.*AM05/s);
    await town.moveTo('2026-12-02T09:00:00+01:00');
    assert.equal((await town.books())['succeeded'], 1);
  });

  test('the same number in two files is collected twice, and the books say so', async () => {
    const town = await newTown();
    await town.send('1.xml', fileOf('F1', [{ number: 'D1' }]));
    await town.send('2.xml', fileOf('F2', [{ number: 'D1' }]));
    await town.moveTo('2026-12-02T09:00:00+01:00');
    const doubles = (await town.books())['doubleDebits'] as readonly unknown[];
    assert.equal(doubles.length, 2, 'by its number and by its mandate');
  });

  const faulty: readonly (readonly [string, string, Omit<Debit, 'number'>, string?, string?])[] = [
    ['a wrong account', 'AC01', { iban: 'DE03120300000000202051' }],
    ['a mandate of tomorrow', 'MD02', { signed: '2026-12-02' }],
    ['another creditor', 'BE05', {}, 'DE98ZZZ0', 'DE98ZZZ1'],
    ['another account of the merchant', 'AC01', {}, CREDITOR.iban, PAYER],
    ['a sum that is wrong', 'FF01', {}, '10.00</CtrlSum>', '9.00</CtrlSum>'],
  ];
  for (const [name, code, debit, from = '', to = ''] of faulty) {
    test(`${name} is refused with ${code}`, async () => {
      const town = await newTown();
      const spoil = (text: string) => text.replace(from, to);
      await town.send('1.xml', fileOf('F1', [{ number: 'D1', ...debit }], spoil));
      assert.match(town.reports('pain002')[0] ?? '', new RegExp(`RJCT.*<Cd>${code}`, 's'));
      await town.moveTo('2026-12-04T09:00:00+01:00');
      assert.equal((await town.books())['succeeded'], 0);
    });
  }

  test('a file after the day is collected on the next that is possible', async () => {
    const town = await newTown();
    await town.moveTo('2026-12-24T12:00:00+01:00');
    await town.send('1.xml', fileOf('F1', [{ number: 'D1' }]));
    await town.moveTo('2026-12-27T12:00:00+01:00');
    assert.equal((await town.books())['succeeded'], 0);
    await town.moveTo('2026-12-28T12:00:00+01:00');
    assert.equal((await town.books())['succeeded'], 1);
  });

  test('what waits survives a restart, and a late file comes with the next move', async () => {
    const town = await newTown();
    await town.admin('POST', '/admin/faults', {
      rail: 'sepa',
      fault: 'late_file',
      operation: 'camt.054',
    });
    await town.send('1.xml', fileOf('F1', [{ number: 'D1' }]));
    await town.moveTo('2026-12-02T09:00:00+01:00');
    assert.deepEqual(town.reports('camt054'), []);
    await town.sandbox.stop();
    const again = await Town.open(town.home);
    after(() => again.sandbox.stop());
    await again.moveTo('2026-12-02T10:00:00+01:00');
    assert.equal(again.reports('camt054').length, 1);
    assert.equal((await again.books())['succeeded'], 1);
  });

  test('an account draws its outcomes from the seed: the same on every machine', async () => {
    const town = await newTown();
    const table = { SUCCESS: 5_000, AM04: 5_000 };
    await town.admin('PUT', '/admin/outcomes', {
      seed: 'demo',
      sepa: { first: table, later: table },
    });
    const numbers = Array.from({ length: 20 }, (_, index) => ({ number: `D${index}` }));
    await town.send('1.xml', fileOf('F1', numbers));
    await town.moveTo('2026-12-02T09:00:00+01:00');
    const { succeeded, refused } = await town.books();
    assert.equal(Number(succeeded) + Number(refused), 20);
    // What this seed draws for the first twenty collections of this account.
    assert.equal(succeeded, 9);
  });
});

describe('the bank’s calendar', () => {
  test('Christmas and Easter are no days of settlement', () => {
    for (const text of ['2026-12-25', '2026-12-26', '2027-01-01', '2026-04-03', '2026-04-06']) {
      assert.equal(settlesOn(Temporal.PlainDate.from(text)), false, text);
    }
    assert.equal(settlementDay(Temporal.PlainDate.from('2026-12-24'), 1).toString(), '2026-12-28');
    assert.equal(settlementDay(Temporal.PlainDate.from('2026-12-26'), 0).toString(), '2026-12-28');
  });

  test('accounts have check digits', () => {
    assert.ok(isAccount(PAYER));
    assert.ok(!isAccount('DE03120300000000202051'));
  });
});
