import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { csvLine } from './csv.ts';

describe('a line of a table', () => {
  const lines: readonly (readonly [string, Parameters<typeof csvLine>[0], string])[] = [
    ['plain texts', ['销售部', 'lab'], '销售部,lab'],
    ['a name that is a formula', ['=HYPERLINK("http://x")'], '"\'=HYPERLINK(""http://x"")"'],
    ['plus, minus, at', ['+1', '-1', '@a'], "'+1,'-1,'@a"],
    ['full-width signs', ['＝1+1', '＋1', '－1', '＠a'], "'＝1+1,'＋1,'－1,'＠a"],
    ['a formula behind a line break', ['\n=1+1'], '"\'\n=1+1"'],
    ['a number below zero is a number', [-200n, 3], '-200,3'],
    [
      'an amount in major units',
      [
        { minor: -205n, currency: 'CNY' },
        { minor: 7n, currency: 'JPY' },
      ],
      '-2.05,7',
    ],
    ['commas, quotes, line breaks', ['a,b', 'say "x"', 'a\nb'], '"a,b","say ""x""","a\nb"'],
    ['nothing', [undefined, ''], ','],
  ];
  for (const [what, cells, expected] of lines) {
    test(what, () => assert.equal(csvLine(cells), `${expected}\r\n`));
  }
});
