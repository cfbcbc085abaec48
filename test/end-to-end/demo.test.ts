import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { DemoReport } from '../../packages/server/src/demo/report.ts';
import { daikou, type Finished, type Running, startDaikou } from '../kit/command-line.ts';
import { readWitness } from '../kit/sandbox-witness.ts';
import { makeTelcoSlice, type TelcoSlice, temporaryFolder } from '../kit/telco.ts';

const ROWS = 150;

const folder = temporaryFolder();
const home = join(folder.path, 'home');
let slice: TelcoSlice;
let done: Finished;

before(async () => {
  slice = makeTelcoSlice(folder.path, ROWS);
  done = await daikou(['demo', '--fresh', '--json', '--data', slice.path], { home });
});
after(() => folder.remove());

/** The words of a JSON value: names and types, for comparing with what is promised. */
function shapeOf(value: unknown): unknown {
  if (Array.isArray(value)) return 'array';
  if (value === null || typeof value !== 'object') return typeof value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, shapeOf(part)]));
}

const TOTAL = { count: 'number', minor: 'number' };
const REPORT_SHAPE = {
  customers: 'number',
  refused_rows: 'number',
  rejections: 'array',
  warnings: 'array',
  blank_total_charges: 'number',
  invoices: 'number',
  invoiced_minor: 'number',
  by_method: {
    'Bank transfer (automatic)': TOTAL,
    'Credit card (automatic)': TOTAL,
    'Electronic check': TOTAL,
    'Mailed check': TOTAL,
  },
  notices: { sent: 'number', delivered: 'number', failed: 'number', announced: 'number' },
  debits: {
    succeeded: 'number',
    refused: 'number',
    unknown: 'number',
    blocked: 'number',
    waiting: 'number',
    succeeded_minor: 'number',
  },
  reconciliation: {
    rail_rows: 'number',
    matched: 'number',
    breaks: 'number',
    fee_minor: 'number',
  },
  ledger: { balanced: 'boolean', journals: 'number' },
  double_debits: 'number',
  seconds: 'number',
};

describe('a month of real subscribers', () => {
  const report = () => JSON.parse(done.stdout) as DemoReport;

  test('ends well, with exactly one JSON object on standard output', () => {
    assert.equal(done.code, 0, done.stderr);
    assert.equal(done.stdout.trimEnd().split('\n').length, 1);
    assert.deepEqual(shapeOf(report()), REPORT_SHAPE);
  });

  test('every amount is a whole number of fen', () => {
    const numbers = JSON.stringify(report(), (key, value) => (key === 'seconds' ? 0 : value));
    assert.doesNotMatch(numbers, /\d\.\d/);
  });

  test('invoices what the file says, to the fen, in total and by payment method', () => {
    const { customers, refused_rows, rejections, invoices, invoiced_minor, by_method } = report();
    assert.deepEqual(
      { customers, refused_rows, rejections, invoices, invoiced_minor },
      {
        customers: ROWS,
        refused_rows: 0,
        rejections: [],
        invoices: ROWS,
        invoiced_minor: slice.totalMinor,
      },
    );
    assert.deepEqual({ ...by_method }, slice.byMethod);
  });

  test('no debit without a notice, and every debit has an end', () => {
    const { notices, debits, by_method } = report();
    const toDebit =
      (by_method['Credit card (automatic)']?.count ?? 0) +
      (by_method['Bank transfer (automatic)']?.count ?? 0);
    assert.equal(debits.succeeded + debits.refused + debits.unknown + debits.blocked, toDebit);
    assert.equal(debits.unknown, 0);
    assert.ok(notices.delivered >= debits.succeeded + debits.refused);
    assert.ok(notices.sent >= notices.delivered + notices.failed);
    assert.ok(notices.announced >= (by_method['Credit card (automatic)']?.count ?? 0) - 2);
  });

  test('every row of the rails’ bills is one of our payments, and the books balance', () => {
    const { reconciliation, debits, ledger } = report();
    const { rail_rows, matched, breaks } = reconciliation;
    assert.deepEqual(
      { rail_rows, matched, breaks },
      { rail_rows: debits.succeeded, matched: debits.succeeded, breaks: 0 },
    );
    assert.equal(ledger.balanced, true);
  });

  test('the simulators’ own books name the same money, taken once', async () => {
    const witness = await readWitness(join(home, 'sandbox'));
    const { debits, double_debits } = report();
    assert.deepEqual(witness, {
      succeeded: debits.succeeded,
      succeededMinor: debits.succeeded_minor,
      doubleDebits: [],
    });
    assert.equal(double_debits, 0);
  });
});

type Diagnosis = {
  readonly ok: boolean;
  readonly violations: readonly { readonly table: string; readonly id: string }[];
};

describe('the doctor', () => {
  let server: Running;

  test('finds nothing on books that nobody touched', async () => {
    const healthy = await daikou(['doctor', '--json'], { home });
    assert.deepEqual(JSON.parse(healthy.stdout), { ok: true, violations: [] });
    assert.equal(healthy.code, 0);
  });

  describe('after one row was changed by hand', () => {
    // Commands run inside the process that serves, which is faster than opening the books anew.
    before(async () => {
      server = startDaikou(['serve', '--no-worker'], { home });
      await server.says(/^ready /m);
    });
    after(async () => {
      server.child.kill('SIGINT');
      await server.ended;
    });

    const sql = async (statement: string) => {
      const answer = await daikou(['sql', '--json', statement], { home });
      assert.equal(answer.code, 0, answer.stderr);
      return JSON.parse(answer.stdout) as { rows: readonly (readonly unknown[])[] };
    };

    const FLIPS = [
      { table: 'entries', columns: ['minor'], of: 'journal_id', where: 'position = 1' },
      { table: 'attempts', columns: ['amount_minor'], of: 'id', where: "state = 'succeeded'" },
      {
        table: 'invoices',
        columns: ['total_minor', 'net_minor'],
        of: 'id',
        where: "state = 'paid'",
      },
    ];
    for (const { table, columns, of, where } of FLIPS) {
      test(`names the row of ${table} whose ${columns.join(' and ')} is one fen off`, async () => {
        const named = table === 'entries' ? 'journals' : table;
        const picked = await sql(
          `select ${of} from ${table} where ${where} order by ${of} limit 1`,
        );
        const id = String(picked.rows[0]?.[0]);
        const shift = (sign: string) => {
          const set = columns.map((column) => `${column} = ${column} ${sign} 1`).join(', ');
          return sql(`update ${table} set ${set} where ${of} = '${id}' and ${where}`);
        };
        await shift('+');
        const sick = await daikou(['doctor', '--json'], { home });
        await shift('-');
        assert.equal(sick.code, 1);
        const { ok, violations } = JSON.parse(sick.stdout) as Diagnosis;
        assert.equal(ok, false);
        const bare = id.replaceAll('-', '');
        assert.ok(
          violations.some((one) => one.table === named && one.id.endsWith(bare)),
          `${named} ${bare} is not among ${sick.stdout}`,
        );
      });
    }

    test('an invoice’s total alone cannot be changed: the database refuses it', async () => {
      const statement = 'update invoices set total_minor = total_minor + 1';
      const answer = await daikou(['sql', '--json', statement], { home });
      assert.equal(answer.code, 1);
      assert.match(answer.stdout, /"code":"sql_refused"/);
    });

    test('finds nothing once every row is as it was', async () => {
      const healed = await daikou(['doctor', '--json'], { home });
      assert.deepEqual(JSON.parse(healed.stdout), { ok: true, violations: [] });
    });
  });
});
