import assert from 'node:assert/strict';
import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import fc from 'fast-check';
import { Books } from './books.ts';

describe('the books', () => {
  const root = mkdtempSync(join(tmpdir(), 'daikou-books-'));
  let homes = 0;
  const freshHome = () => join(root, String(homes++));
  after(() => rmSync(root, { recursive: true }));

  test('any history of changes is the same after it is read again', () => {
    const change = fc.record({
      table: fc.constantFrom('orders', 'contracts'),
      key: fc.constantFrom('a', 'b', 'c'),
      value: fc.option(fc.string()),
      flush: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(change, { maxLength: 30 }), (changes) => {
        const home = freshHome();
        const books = Books.open(home);
        for (const { table, key, value, flush } of changes) {
          if (value === null) books.table(table).delete(key);
          else books.table<{ value: string }>(table).put(key, { value });
          if (flush) books.flush();
        }
        const before = books.snapshot();
        books.close();
        const again = Books.open(home);
        const filled = (tables: Record<string, Record<string, unknown>>) =>
          Object.entries(tables).filter(([, rows]) => Object.keys(rows).length > 0);
        assert.deepEqual(filled(again.snapshot()), filled(before));
        again.close();
      }),
      { numRuns: 60 },
    );
  });

  test('a torn last line is dropped, and what follows it is whole', () => {
    const home = freshHome();
    const books = Books.open(home);
    books.table('orders').put('1', { state: 'ACCEPT' });
    books.close();
    const journal = join(home, 'journal.jsonl');
    appendFileSync(journal, '[["orders","2",{"state":"ACC');
    const second = Books.open(home);
    assert.deepEqual([...second.table('orders').entries()], [['1', { state: 'ACCEPT' }]]);
    second.table('orders').put('3', { state: 'CLOSED' });
    second.close();
    const third = Books.open(home);
    assert.deepEqual(
      [...third.table('orders').entries()].map(([key]) => key),
      ['1', '3'],
    );
    third.close();
  });

  test('all changes of one step are one line, so a kill keeps all of them or none', () => {
    const home = freshHome();
    const books = Books.open(home);
    books.table('orders').put('1', { state: 'SUCCESS' });
    books.table('notices').put('n', { closedBy: '1' });
    books.close();
    const lines = readFileSync(join(home, 'journal.jsonl'), 'utf8').trim().split('\n');
    assert.equal(lines.length, 1);
  });

  test('a question finds a document by its present answer only', () => {
    const books = Books.open(freshHome());
    const orders = books.table<{ state: string }>('orders');
    orders.put('1', { state: 'ACCEPT' });
    const byState = orders.indexBy((order) => order.state);
    orders.put('2', { state: 'ACCEPT' });
    orders.put('1', { state: 'SUCCESS' });
    assert.deepEqual(
      [byState('ACCEPT'), byState('SUCCESS')],
      [[{ state: 'ACCEPT' }], [{ state: 'SUCCESS' }]],
    );
    orders.delete('2');
    assert.deepEqual(byState('ACCEPT'), []);
    books.close();
  });
});
