import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { type BankStatement, checkStatement, formatDecimal } from '@daikou/core';
import fc from 'fast-check';
import iconv from 'iconv-lite';
import { readStatement, STATEMENT_READERS } from './readers.ts';

function read(text: string | Uint8Array, encoding = 'utf-8') {
  const bytes = typeof text === 'string' ? iconv.encode(text, encoding) : text;
  return readStatement({
    name: 'statement',
    bytes,
    contentHash: createHash('sha256').update(bytes).digest('hex'),
    account: '基本户',
  });
}

/** A bank's export as it came: real columns and encodings, invented rows. */
const golden = (name: string) => readFileSync(new URL(`golden/${name}`, import.meta.url));

function theStatement(text: string | Uint8Array, encoding?: string): BankStatement {
  const answer = read(text, encoding);
  assert.equal(answer.kind, 'ready', answer.kind === 'damaged' ? answer.detail : '');
  const [only, ...others] = answer.kind === 'ready' ? answer.statements : [];
  assert.ok(only !== undefined && others.length === 0);
  return only;
}

/** "2026-12-01 +100.00 张三 货款 → 1100.00" */
function toldBy(statement: BankStatement): readonly string[] {
  return statement.lines.map(({ bookedOn, amount, counterparty, remittance, balanceAfter }) => {
    const sign = amount.minor > 0n ? '+' : '';
    const balance = balanceAfter === undefined ? '' : ` → ${formatDecimal(balanceAfter)}`;
    const words = [counterparty, remittance].map((one) => one ?? '-').join(' | ');
    return `${bookedOn} ${sign}${formatDecimal(amount)} ${words}${balance}`;
  });
}

function damage(text: string | Uint8Array): string {
  const answer = read(text);
  return answer.kind === 'damaged' ? answer.detail : answer.kind;
}

type Layout = readonly [bank: string, file: string, told: readonly string[]];

const LAYOUTS: readonly Layout[] = [
  [
    'a signed amount, newest first, title above (中国银行)',
    'boc.csv',
    [
      '2026-12-01 -1050.00 示例商行 | 跨行转账 → 3588.17',
      '2026-12-02 +50.00 示例公司 | 网上快捷退款 · 订单退款 → 3638.17',
    ],
  ],
  [
    'compact dates, plus signs, a serial number with spaces in its title (农业银行)',
    'abc.csv',
    [
      '2026-12-01 +10000.00 示例公司 | 转存 · 货款 → 11000.00',
      '2026-12-02 -12.50 示例商行 | 付款 → 10987.50',
    ],
  ],
  [
    'an amount and 借/贷 (交通银行)',
    'bocom.csv',
    [
      '2026-12-01 +1.23 应付利息 | 存款利息 → 101.23',
      '2026-12-01 -1.00 示例商行 | 转账 · 货款 → 100.23',
    ],
  ],
  [
    'income and outgo columns with tabs, masks and a total row (工商银行)',
    'icbc.csv',
    [
      '2026-12-01 +1234.56 示例公司 | 他行汇入 → 1234.56',
      '2026-12-02 -13.40 示例商行 | 消费 → 1221.16',
    ],
  ],
  [
    'the name and the number of the other side in one cell (招商银行)',
    'cmb.csv',
    [
      '2026-12-01 +1234.00 示例公司 | 汇入汇款 · D-2026-0001 → 1271.66',
      '2026-12-02 -3.00 - | 手续费 → 1268.66',
    ],
  ],
  [
    'a corporate account: 借方金额 and 贷方金额, guarded numbers (对公账户)',
    'corporate.csv',
    [
      '2026-12-01 +500.00 示例客户 | 网银 · 会员费 C-0001 → 1500.00',
      '2026-12-02 -200.00 示例客户 | 网银 · 退款 → 1300.00',
    ],
  ],
];

describe('the CSV exports of Chinese banks', () => {
  for (const [bank, file, told] of LAYOUTS) {
    test(bank, () => {
      const statement = theStatement(golden(file));
      assert.deepEqual(toldBy(statement), told);
      const checked = checkStatement(statement);
      assert.ok(checked.ok, checked.ok ? '' : checked.refusal.sentence);
    });
  }

  test('a number of the bank is kept; without one the line is named by what it says', () => {
    const [, abc, , , , corporate] = LAYOUTS.map(([, file]) => theStatement(golden(file)));
    assert.deepEqual(
      corporate?.lines.map((line) => line.bankReference),
      ['F0001', 'F0002'],
    );
    const [first, second] = abc?.lines ?? [];
    assert.equal(first?.bankReference, '369396693');
    assert.equal(second?.bankReference, second?.rawHash);
  });

  test('two equal lines without a number are two lines', () => {
    const row = '2026-12-01,5.00,示例客户\n';
    const { lines } = theStatement(`交易日期,金额,对方户名\n${row}${row}`);
    assert.equal(lines.length, 2);
    assert.equal(new Set(lines.map(({ bankReference }) => bankReference)).size, 2);
    assert.equal(new Set(lines.map(({ rawHash }) => rawHash)).size, 1);
  });

  test('a figure that is changed breaks the running balance', () => {
    const file = golden('boc.csv').toString().replace('"3,588.17"', '"3,588.18"');
    const checked = checkStatement(theStatement(file));
    assert.equal(!checked.ok && checked.refusal.code, 'statement_running_balance_breaks');
  });

  const bad: readonly (readonly [what: string, file: string, says: RegExp])[] = [
    ['no amount', '交易日期,金额\n2026-12-01,壹佰\n', /Row 2: “壹佰” is not an amount/],
    ['an exponent', '交易日期,金额\n2026-12-01,1e3\n', /is not an amount/],
    ['three decimals', '交易日期,金额\n2026-12-01,1.005\n', /is not an amount/],
    ['a wrong group', '交易日期,金额\n2026-12-01,"1,00.00"\n', /is not an amount/],
    ['no such day', '交易日期,金额\n2026-02-30,1.00\n', /is not a date/],
    ['another currency', '交易日期,金额,币种\n2026-12-01,1.00,贝壳\n', /currency “贝壳”/],
    ['neither in nor out', '交易日期,交易金额,借贷\n2026-12-01,1.00,?\n', /neither in nor out/],
    [
      'a last row that is cut before its amounts',
      '交易日期,收入,支出,余额\n2026-12-01,1.00,,1.00\n2026-12-02',
      /Row 3 ends before its amounts/,
    ],
    ['a table without lines', '交易日期,金额\n合计,1.00\n', /no line of money/],
  ];
  for (const [what, file, says] of bad) {
    test(`${what}: damaged, with its row`, () => assert.match(damage(file), says));
  }

  test('another table, a picture and an empty file are of another format', () => {
    for (const file of ['name,colour\na,b\n', '', Buffer.from([0x89, 0x50, 0, 1, 2])]) {
      assert.equal(read(file).kind, 'other_format');
    }
  });

  test('what is written is read back, whatever the bytes between the lines', () => {
    const amounts = fc.bigInt({ min: -99_999_999n, max: 99_999_999n }).filter((one) => one !== 0n);
    fc.assert(
      fc.property(
        fc.array(amounts, { minLength: 1, maxLength: 20 }),
        fc.boolean(),
        (all, isGbk) => {
          let balance = 500_000_000_000n;
          const money = (minor: bigint) => formatDecimal({ minor, currency: 'CNY' });
          const rows = all.map((minor) => {
            balance += minor;
            return `2026-12-01,${money(minor)},${money(balance)},示例客户`;
          });
          const file = `标题\n交易日期,金额,余额,对方户名\n${rows.join('\n')}\n`;
          const statement = theStatement(file, isGbk ? 'gbk' : 'utf-8');
          assert.deepEqual(
            statement.lines.map(({ amount }) => amount.minor),
            all,
          );
          assert.ok(checkStatement(statement).ok);
        },
      ),
      { numRuns: 60 },
    );
  });
});

const MT940 = `{1:F01EXAMPLEBANK0000000000}{4:
:20:STARTUMS
:25:00000000/0000
:28C:336/1
:60F:C261130CNY1000,00
:61:2612011201C500,00NTRFINV-0001//B0001
:86:166?00GUTSCHRIFT?20C-0001 会员费?21 12月?32示例客户
:61:2612011201RC100,50NTRFNONREF//B0002
:86:reversal of a credit
:62F:C261201CNY1399,50
-}
`;

describe('MT940', () => {
  test('lines, sides, references and words', () => {
    const statement = theStatement(MT940);
    assert.deepEqual(toldBy(statement), [
      '2026-12-01 +500.00 - | INV-0001 · C-0001 会员费 12月 示例客户',
      '2026-12-01 -100.50 - | NONREF · reversal of a credit',
    ]);
    assert.deepEqual(
      statement.lines.map(({ bankReference }) => bankReference),
      ['B0001', 'B0002'],
    );
    assert.ok(checkStatement(statement).ok);
  });

  test('two messages are two statements; the booking of a new year keeps its own', () => {
    const next = MT940.replaceAll('C261130CNY1000,00', 'C261201CNY1399,50')
      .replace(':61:2612011201C500,00', ':61:2701011231C500,00')
      .replace('C261201CNY1399,50\n-', 'C270101CNY1799,00\n-');
    const answer = read(MT940 + next);
    assert.equal(answer.kind === 'damaged' ? answer.detail : answer.kind, 'ready');
    if (answer.kind !== 'ready') return;
    assert.equal(answer.statements.length, 2);
    assert.equal(answer.statements[1]?.lines[0]?.bookedOn.toString(), '2026-12-31');
    assert.equal(answer.statements[1]?.lines[0]?.valueOn?.toString(), '2027-01-01');
  });

  const bad: readonly (readonly [what: string, from: string, to: string, says: RegExp])[] = [
    ['no closing balance', ':62F:C261201CNY1399,50\n', '', /:62: is not a balance/],
    ['an amount without comma', 'C500,00', 'C500', /is not a line/],
    ['an unknown currency', 'CNY1000,00', 'ABC1000,00', /currency “ABC”/],
  ];
  for (const [what, from, to, says] of bad) {
    test(`${what}: damaged`, () => assert.match(damage(MT940.replace(from, to)), says));
  }

  test('a line that is cut out does not make the closing balance', () => {
    const cut = MT940.replace(/:61:.*RC.*\n:86:.*\n/, '');
    const checked = checkStatement(theStatement(cut));
    assert.equal(!checked.ok && checked.refusal.code, 'statement_totals_do_not_match');
  });
});

function balanceOf(code: string, amount: string): string {
  return `<Bal><Tp><CdOrPrtry><Cd>${code}</Cd></CdOrPrtry></Tp><Amt Ccy="EUR">${amount}</Amt>
<CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>2026-12-01</Dt></Dt></Bal>`;
}

function camt(version: string, entries: string): string {
  return `<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.${version}"><BkToCstmrStmt>
<GrpHdr><MsgId>M1</MsgId><CreDtTm>2026-12-01T22:00:00</CreDtTm></GrpHdr>
<Stmt><Id>S1</Id><CreDtTm>2026-12-01T22:00:00</CreDtTm>
<FrToDt><FrDtTm>2026-12-01T00:00:00</FrDtTm><ToDtTm>2026-12-01T23:59:59</ToDtTm></FrToDt>
<Acct><Id><Othr><Id>A</Id></Othr></Id><Ccy>EUR</Ccy></Acct>
${balanceOf('OPBD', '100.00')}
${balanceOf('CLBD', '120.50')}
${entries}</Stmt></BkToCstmrStmt></Document>
`;
}

function entry(facts: { amount: string; side: string; status: string; words: string }): string {
  const { amount, side, status, words } = facts;
  const party = side === 'CRDT' ? 'Dbtr' : 'Cdtr';
  return `<Ntry><Amt Ccy="EUR">${amount}</Amt><CdtDbtInd>${side}</CdtDbtInd>${status}
<BookgDt><Dt>2026-12-01</Dt></BookgDt><ValDt><Dt>2026-12-01</Dt></ValDt>
<AcctSvcrRef>R${amount}</AcctSvcrRef>
<NtryDtls><TxDtls><Refs><EndToEndId>E${amount}</EndToEndId></Refs>
<RltdPties><${party}><Nm>A &amp; B</Nm></${party}></RltdPties>
<RmtInf><Ustrd>${words}</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>`;
}

describe('camt.053', () => {
  const versions: readonly (readonly [version: string, booked: string, pending: string])[] = [
    ['02', '<Sts>BOOK</Sts>', '<Sts>PDNG</Sts>'],
    ['08', '<Sts><Cd>BOOK</Cd></Sts>', '<Sts><Cd>PDNG</Cd></Sts>'],
  ];
  for (const [version, booked, pending] of versions) {
    test(`version ${version}: booked entries count, pending ones do not`, () => {
      const statement = theStatement(
        camt(
          version,
          entry({ amount: '25.00', side: 'CRDT', status: booked, words: 'C-0001' }) +
            entry({ amount: '4.50', side: 'DBIT', status: booked, words: 'fee' }) +
            entry({ amount: '9.00', side: 'CRDT', status: pending, words: 'later' }),
        ),
      );
      assert.deepEqual(toldBy(statement), [
        '2026-12-01 +25.00 A & B | C-0001 · E25.00',
        '2026-12-01 -4.50 A & B | fee · E4.50',
      ]);
      assert.ok(checkStatement(statement).ok);
    });
  }

  const whole = camt('08', '');
  const bad: readonly (readonly [what: string, file: string, says: RegExp])[] = [
    ['cut off', whole.slice(0, -30), /cut off/],
    [
      'an XML bomb',
      whole.replace('<Document', '<!DOCTYPE a [<!ENTITY b "bb">]><Document'),
      /document type/,
    ],
    ['no statement', whole.replace(/<Stmt>.*<\/Stmt>/s, ''), /no statement/],
    ['a side that is none', whole.replace('<CdtDbtInd>CRDT', '<CdtDbtInd>UP'), /neither CRDT/],
    ['a float', whole.replace('100.00', '1.0E2'), /is not an amount/],
  ];
  for (const [what, file, says] of bad) {
    test(`${what}: damaged`, () => assert.match(damage(file), says));
  }
});

test('every reader has a name of its own', () => {
  const names = STATEMENT_READERS.map(({ id }) => id);
  assert.equal(new Set(names).size, names.length);
});
