import assert from 'node:assert/strict';
import { createWriteStream, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { after, before, describe, test } from 'node:test';
import {
  bucketOfKey,
  DEFAULT_TIMETABLE,
  type Merchant,
  makeId,
  money,
  type PriceModel,
  type Rail,
  toMoney,
} from '@daikou/core';
import { BACKENDS, type FreshStore } from '../../../../test/kit/stores.ts';
import { type Engine, type Job, NO_PROGRESS } from '../job.ts';
import { IMPORT_BATCH_ROWS, type ImportResult, importSubscriberFile } from './import-file.ts';
import { checkSubscriberFile } from './read-file.ts';
import type { SubscriberImport } from './subscriber-import.ts';

const COLUMNS = [
  'customerID',
  'tenure',
  'InternetService',
  'MultipleLines',
  'OnlineSecurity',
  'OnlineBackup',
  'DeviceProtection',
  'TechSupport',
  'StreamingTV',
  'StreamingMovies',
  'Contract',
  'PaperlessBilling',
  'PaymentMethod',
  'MonthlyCharges',
  'TotalCharges',
];
const HEADER = COLUMNS.join(',');

type Cells = Partial<Record<string, string>>;

function row(reference: string, cells: Cells = {}): string {
  const base: Record<string, string> = Object.fromEntries(COLUMNS.map((name) => [name, 'No']));
  const full: Cells = {
    ...base,
    customerID: reference,
    tenure: '5',
    InternetService: 'DSL',
    Contract: 'Month-to-month',
    PaymentMethod: 'check',
    MonthlyCharges: '29.85',
    TotalCharges: '149.25',
    ...cells,
  };
  return COLUMNS.map((name) => full[name] ?? '').join(',');
}

const PLAN: SubscriberImport = {
  methods: new Map([
    ['check', { collection: 'by_hand' }],
    ['debit', { collection: 'auto_debit', rail: 'a-rail', singleCap: money(20_000n, 'CNY') }],
  ]),
  firstDueDate: Temporal.PlainDate.from('2026-12-01'),
  addressOf: (reference) => ({ name: reference }),
};

/** What the import asks of a rail: whether it keeps a planned date. */
const RAIL = { capabilities: {} } as unknown as Rail;

const backend = BACKENDS[0];
assert.ok(backend !== undefined);

describe('a subscriber file', () => {
  const databases = backend.databases();
  const folder = mkdtempSync(join(tmpdir(), 'daikou-import-'));
  let store: FreshStore;
  let files = 0;
  before(async () => {
    store = await databases.fresh();
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  const newJob = async (): Promise<Job> => {
    const random = () => crypto.getRandomValues(new Uint8Array(10));
    const merchant: Merchant = {
      id: makeId('mer', { epochMilliseconds: Date.now(), random: random(), bucket: 0 }),
      code: `m-${crypto.randomUUID()}`,
      name: '示例通信',
      zone: 'Asia/Shanghai',
      mode: 'test',
      testClock: Temporal.Instant.from('2026-11-20T01:00:00Z'),
      demo: false,
    };
    await store.saveMerchant(merchant);
    const engine: Engine = {
      store,
      rails: new Map([['a-rail', RAIL]]),
      channels: new Map(),
      clock: { now: () => Temporal.Now.instant() },
      entropy: { bytes: (length) => crypto.getRandomValues(new Uint8Array(length)) },
      timetable: DEFAULT_TIMETABLE,
      railNames: new Map(),
      log: { info() {}, warn() {} },
    };
    return { engine, merchant, buckets: { from: 0, until: 1024 }, progress: NO_PROGRESS };
  };
  const write = (content: string | Uint8Array): string => {
    files += 1;
    const path = join(folder, `file-${files}.csv`);
    writeFileSync(path, content);
    return path;
  };
  const importText = async (content: string | Uint8Array, job?: Job) =>
    importSubscriberFile(job ?? (await newJob()), write(content), PLAN);
  const accepted = async (content: string | Uint8Array, job?: Job): Promise<ImportResult> => {
    const result = await importText(content, job);
    assert.ok(result.ok, JSON.stringify(result));
    return result.value;
  };
  const customersOf = (job: Job) =>
    store.transact(job.merchant.id, (tx) => tx.listCustomers({ limit: 1000 }));

  describe('is refused whole, and nothing is written', () => {
    const long = Array.from({ length: 2000 }, (_, index) => `${row(`N${index}`)},\n`).join('');
    const gbk = Uint8Array.from([...new TextEncoder().encode(`${HEADER}\nA,`), 0xd6, 0xd0, 0x0a]);
    const utf16 = Uint8Array.from([
      0xff,
      0xfe,
      ...Buffer.from(`${HEADER}\n${row('A')}\n`, 'utf16le'),
    ]);
    const latin1 = Uint8Array.from([...new TextEncoder().encode(`${HEADER}\nCaf`), 0xe9, 0x0a]);
    const table: readonly (readonly [string, string | Uint8Array, string])[] = [
      ['an empty file', '', 'file_empty'],
      ['only blank lines', '\n\n', 'file_empty'],
      ['a header without rows', `${HEADER}\n`, 'file_empty'],
      ['a header without a line end', HEADER, 'file_empty'],
      ['a missing column', `${HEADER.replace(',MonthlyCharges', '')}\nA\n`, 'columns_missing'],
      ['rows without a header', `${row('A')}\n${row('B')}\n`, 'columns_missing'],
      ['GBK', gbk, 'file_not_utf8'],
      ['UTF-16 with its mark', utf16, 'file_not_utf8'],
      ['Latin-1', latin1, 'file_not_utf8'],
      ['NUL bytes', `${HEADER}\nA\u0000B\n`, 'file_not_utf8'],
      [
        'a NUL byte far from the beginning',
        `${HEADER},Name\n${long}${row('Z')},a\u0000b\n`,
        'file_not_utf8',
      ],
      ['a column of money twice', `${HEADER},MonthlyCharges\n${row('A')},9\n`, 'columns_repeated'],
      ['a column of addresses twice', `${HEADER},Mail,Mail\n${row('A')},,\n`, 'columns_repeated'],
      ['semicolons for commas', `${HEADER.replaceAll(',', ';')}\nA\n`, 'columns_missing'],
    ];
    for (const [name, content, code] of table) {
      test(name, async () => {
        const job = await newJob();
        const result = await importText(content, job);
        assert.equal(result.ok ? 'accepted' : result.refusal.code, code);
        assert.ok(!result.ok && /\.$/.test(result.refusal.sentence) && result.refusal.next !== '');
        assert.deepEqual(await customersOf(job), []);
      });
    }

    test('a column that is missing is named', async () => {
      const result = await importText(`${HEADER.replace(',tenure', '')}\nA\n`);
      assert.ok(!result.ok);
      assert.equal(result.refusal.field, 'tenure');
    });

    test('a file that is not there, and a folder', async () => {
      for (const path of [join(folder, 'nowhere.csv'), folder]) {
        const result = await importSubscriberFile(await newJob(), path, PLAN);
        assert.equal(result.ok ? 'accepted' : result.refusal.code, 'file_unreadable');
      }
    });
  });

  describe('refuses one row and goes on with the others', () => {
    const table: readonly (readonly [string, Cells, string, string])[] = [
      ['no number', { customerID: '' }, 'customerID', 'blank'],
      ['a number of 65 characters', { customerID: 'x'.repeat(65) }, 'customerID', 'too_long'],
      ['a charge of letters', { MonthlyCharges: 'abc' }, 'MonthlyCharges', 'amount_not_a_number'],
      ['NaN', { MonthlyCharges: 'NaN' }, 'MonthlyCharges', 'amount_not_a_number'],
      ['Infinity', { MonthlyCharges: 'Infinity' }, 'MonthlyCharges', 'amount_not_a_number'],
      ['an exponent', { MonthlyCharges: '1e5' }, 'MonthlyCharges', 'amount_not_a_number'],
      ['full-width digits', { MonthlyCharges: '２９' }, 'MonthlyCharges', 'amount_not_a_number'],
      ['grouping', { MonthlyCharges: '"1,000"' }, 'MonthlyCharges', 'amount_not_a_number'],
      ['a formula', { MonthlyCharges: '=1+1' }, 'MonthlyCharges', 'amount_not_a_number'],
      ['no charge', { MonthlyCharges: '' }, 'MonthlyCharges', 'amount_not_a_number'],
      ['a negative charge', { MonthlyCharges: '-1' }, 'MonthlyCharges', 'negative'],
      ['a tenth of a fen', { MonthlyCharges: '29.855' }, 'MonthlyCharges', 'amount_too_precise'],
      ['20 digits', { MonthlyCharges: '9'.repeat(20) }, 'MonthlyCharges', 'amount_too_large'],
      ['a total of letters', { TotalCharges: 'x' }, 'TotalCharges', 'amount_not_a_number'],
      ['half a month', { tenure: '1.5' }, 'tenure', 'not_a_number'],
      ['an unknown service', { InternetService: 'Cable' }, 'InternetService', 'unknown_value'],
      ['an unknown term', { Contract: 'Five year' }, 'Contract', 'unknown_value'],
      ['an unknown method', { PaymentMethod: 'Cash' }, 'PaymentMethod', 'unknown_value'],
    ];
    for (const [name, cells, field, reason] of table) {
      test(name, async () => {
        const job = await newJob();
        const text = [HEADER, row('A'), row('B', cells), row('C')].join('\n');
        const result = await accepted(`${text}\n`, job);
        assert.deepEqual(result.rejections, [{ line: 3, field, reason }]);
        const names = (await customersOf(job)).map((one) => one.externalReference).sort();
        assert.deepEqual(names, ['A', 'C']);
      });
    }

    test('too few or too many cells, each with its line', async () => {
      const text = [HEADER, row('A'), 'short,row', `${row('B')},more`, row('C')].join('\n');
      const result = await accepted(`${text}\n`);
      const refused = result.rejections.map(({ line, reason }) => [line, reason]);
      assert.deepEqual(refused, [
        [3, 'wrong_number_of_columns'],
        [4, 'wrong_number_of_columns'],
      ]);
    });

    test('a number that comes twice: in one batch, across batches, across files', async () => {
      const job = await newJob();
      const many = Array.from({ length: IMPORT_BATCH_ROWS }, (_, index) => row(`N${index}`));
      const text = [HEADER, row('A'), row('A'), ...many, row('N0')].join('\n');
      const result = await accepted(`${text}\n`, job);
      const lines = result.rejections.map(({ line, reason }) => `${line} ${reason}`);
      const last = IMPORT_BATCH_ROWS + 4;
      assert.deepEqual(lines, ['3 duplicate_customer', `${last} duplicate_customer`]);
      const again = await accepted(`${HEADER}\n${row('A')}\n${row('Z')}\n`, job);
      assert.deepEqual(
        again.rejections.map(({ line, reason }) => `${line} ${reason}`),
        ['2 duplicate_customer'],
      );
    });
  });

  describe('is accepted', () => {
    const quoted = row('"Q ""1"""').replace('No,No', '"No",No');
    const table: readonly (readonly [string, string, readonly string[]])[] = [
      ['with a byte order mark', `\ufeff${HEADER}\n${row('A')}\n`, ['A']],
      ['with CRLF', `${HEADER}\r\n${row('A')}\r\n${row('B')}\r\n`, ['A', 'B']],
      ['without a last line end', `${HEADER}\n${row('A')}`, ['A']],
      ['with blank lines between', `${HEADER}\n${row('A')}\n\n${row('B')}\n`, ['A', 'B']],
      [
        'with spaces around the names of columns',
        `${HEADER.replaceAll(',', ' , ')}\n${row('A')}\n`,
        ['A'],
      ],
      ['with quoted cells', `${HEADER}\n${quoted}\n`, ['Q "1"']],
      ['with Chinese, spaces and an emoji', `${HEADER}\n${row('客户 甲😀')}\n`, ['客户 甲😀']],
    ];
    for (const [name, text, names] of table) {
      test(name, async () => {
        const job = await newJob();
        assert.equal((await accepted(text, job)).refused, 0);
        const found = (await customersOf(job)).map((one) => one.externalReference).sort();
        assert.deepEqual(found, names);
      });
    }

    const NAMES: readonly (readonly [string, string, string])[] = [
      ['a formula', '=HYPERLINK(1)', '=HYPERLINK(1)'],
      ['an emoji', '小明 👩‍👩‍👧', '小明 👩‍👩‍👧'],
      ['a comma and quotes', '"Li, ""the"" Ming"', 'Li, "the" Ming'],
      ['a line break', '"Li\nMing"', 'Li Ming'],
      ['10,000 letters', 'x'.repeat(10_000), 'x'.repeat(200)],
      ['emoji to beyond the end', '😀'.repeat(300), '😀'.repeat(200)],
    ];
    for (const [what, written, kept] of NAMES) {
      test(`a name with ${what}`, async () => {
        const job = await newJob();
        await accepted(`${HEADER},Name\n${row('A')},${written}\n${row('B')},\n`, job);
        const found = new Map((await customersOf(job)).map((one) => [one.externalReference, one]));
        assert.equal(found.get('A')?.name, kept);
        assert.equal(found.get('B')?.name, 'B');
      });
    }

    test('a row after one that spans lines is refused with its own line', async () => {
      const text = [`${HEADER},Name`, `${row('A')},"a\nb\nc"`, `${row('B', { tenure: 'x' })},`];
      const result = await accepted(`${text.join('\n')}\n`);
      assert.deepEqual(
        result.rejections.map(({ line }) => line),
        [5],
      );
    });

    test('unknown columns are a warning each', async () => {
      const result = await accepted(`${HEADER},Extra\n${row('A')},x\n`);
      assert.deepEqual(result.warnings, ['unknown column ignored: Extra']);
    });

    test('a blank TotalCharges is counted, not refused', async () => {
      const result = await accepted(`${HEADER}\n${row('A', { TotalCharges: ' ' })}\n`);
      assert.deepEqual([result.imported, result.blankTotals], [1, 1]);
    });

    test('the items add up to the charge, above and below the modules’ list prices', async () => {
      const modules = { StreamingTV: 'Yes', StreamingMovies: 'Yes', TechSupport: 'Yes' };
      for (const [charge, minor] of [
        ['29.85', 2985n],
        ['7.01', 701n],
        ['0', 0n],
      ] as const) {
        const job = await newJob();
        await accepted(`${HEADER}\n${row('A', { ...modules, MonthlyCharges: charge })}\n`, job);
        const [subscription] = await store.transact(job.merchant.id, (tx) =>
          tx.listSubscriptions({ limit: 1 }),
        );
        const { versions } = await store.transact(job.merchant.id, (tx) => tx.loadCatalog());
        const listed = new Map(versions.map((one) => [one.id, fenOf(one.model)]));
        const total = (subscription?.items ?? []).reduce(
          (sum, item) =>
            sum +
            (item.agreedModel === undefined
              ? (listed.get(item.priceVersionId) ?? 0n)
              : fenOf(item.agreedModel)),
          0n,
        );
        assert.equal(total, minor, charge);
        assert.ok(
          subscription?.items.every(
            ({ agreedModel }) => agreedModel === undefined || fenOf(agreedModel) >= 0n,
          ),
        );
      }
    });

    test('a mandate is drafted for who is debited, none for who pays by hand', async () => {
      const job = await newJob();
      const text = [
        HEADER,
        row('A', { PaymentMethod: 'debit' }),
        row('客户', { PaymentMethod: 'debit' }),
      ];
      await accepted(`${[...text, row('B')].join('\n')}\n`, job);
      const mandates = await store.transact(job.merchant.id, (tx) => tx.listMandates({ limit: 9 }));
      assert.equal(mandates.length, 2);
      // The wallet shows the number itself where it is plain, and a digest of it where it is not.
      assert.ok(mandates.some((one) => one.displayAccount === 'A'));
      assert.ok(mandates.every((one) => /^[A-Za-z0-9-]{1,32}$/.test(one.displayAccount)));
    });
  });

  test('the same file again changes nothing and answers the same', async () => {
    const job = await newJob();
    const text = `${HEADER}\n${row('A')}\n${row('B', { tenure: 'x' })}\n`;
    const first = await accepted(text, job);
    assert.deepEqual(await accepted(text, job), first);
    assert.equal((await customersOf(job)).length, 1);
  });

  test('a file that was cut off goes on where it stopped, without a twin or a gap', async () => {
    const job = await newJob();
    const rows = Array.from({ length: IMPORT_BATCH_ROWS * 3 }, (_, index) => row(`R${index}`));
    const path = write(`${[HEADER, ...rows].join('\n')}\n`);
    let transactions = 0;
    const failing: Engine = {
      ...job.engine,
      store: {
        ...store,
        transact: async (merchant, work) => {
          transactions += 1;
          if (transactions === 5) throw new Error('the process is killed here');
          return store.transact(merchant, work);
        },
      },
    };
    await assert.rejects(importSubscriberFile({ ...job, engine: failing }, path, PLAN));
    const counted = async () =>
      (
        await store.rawSql(`select count(*)::int from customers c join merchants m
        on m.id = c.merchant_id where m.code = '${job.merchant.code}'`)
      ).rows[0]?.[0] as number;
    const before = await counted();
    assert.ok(before > 0 && before < rows.length, `${before} rows before`);
    const result = await importSubscriberFile(job, path, PLAN);
    assert.ok(result.ok);
    assert.deepEqual([result.value.rows, result.value.refused], [rows.length, 0]);
    assert.equal(await counted(), rows.length);
  });

  test('a quote that is never closed ends the file with a sentence, not with memory', async () => {
    const rest = Array.from({ length: 3000 }, (_, index) => row(`R${index}`)).join('\n');
    const result = await importText(`${HEADER}\n${row('A')}\n"B,${rest}\n`);
    assert.equal(result.ok ? 'accepted' : result.refusal.code, 'file_malformed');
  });

  test('a million rows are checked as a stream', { timeout: 60_000 }, async () => {
    const path = join(folder, 'huge.csv');
    const out = createWriteStream(path);
    out.write(`${HEADER}\n`);
    for (let block = 0; block < 100; block += 1) {
      const rows = Array.from({ length: 10_000 }, (_, index) => row(`H${block * 10_000 + index}`));
      if (!out.write(`${rows.join('\n')}\n`)) await new Promise((done) => out.once('drain', done));
    }
    out.end();
    await finished(out);
    const before = process.memoryUsage().rss;
    const checked = await checkSubscriberFile(path);
    assert.ok(checked.ok);
    assert.equal(checked.value.rows, 1_000_000);
    const grown = (process.memoryUsage().rss - before) / 2 ** 20;
    assert.ok(grown < 150, `memory grew by ${grown.toFixed(0)} MB`);
  });

  test('a customer lives in the bucket of merchant and number', async () => {
    const job = await newJob();
    await accepted(`${HEADER}\n${row('A')}\n`, job);
    const [customer] = await customersOf(job);
    assert.equal(
      Number.parseInt(customer?.id.slice(-3) ?? '', 16) & 1023,
      bucketOfKey(job.merchant.id, 'A'),
    );
  });
});

/** What one unit costs in fen. */
function fenOf(model: PriceModel): bigint {
  assert.equal(model.type, 'per_unit');
  return model.type === 'per_unit' ? toMoney(model.unitAmount, 'CNY').minor : 0n;
}
