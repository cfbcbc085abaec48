import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { aCustomer, at, countingIds } from '../../../../test/kit/builders.ts';
import { bucketOf, bucketOfKey } from '../ids/ids.ts';
import { type Customer, isConsumer, isPayer } from './customer.ts';
import {
  decideChildMove,
  decideChildren,
  decidePayer,
  decidePayerChange,
  type NewChild,
} from './organisation.ts';

const context = () => ({ now: at('2026-03-01 09:00'), ids: countingIds() });
const organisation = (changes: Partial<Customer> = {}) =>
  aCustomer({ kind: 'organisation', externalReference: 'O-1', ...changes });
const other = () => organisation({ id: countingIds(9)('cus', 700), externalReference: 'O-2' });
const sales: NewChild = { kind: 'department', externalReference: 'sales', name: '销售部' };
const li: NewChild = {
  kind: 'member',
  externalReference: 'li',
  name: '李雷',
  mail: 'li@example.test',
};

function departmentOf(payer: Customer): Customer {
  const made = decideChildren(payer, [sales], context());
  assert.ok(made.ok);
  const [child] = made.value.customers;
  assert.ok(child);
  return child;
}

describe('who pays', () => {
  test('an organisation is made in the bucket of its reference and may consolidate', () => {
    const { merchantId } = aCustomer();
    const made = decidePayer(
      {
        kind: 'organisation',
        externalReference: 'O-9',
        name: '示例公司',
        consolidatedBilling: true,
      },
      { ...context(), merchantId },
    );
    assert.ok(made.ok);
    const [customer] = made.value.customers;
    assert.ok(customer);
    assert.equal(bucketOf(customer.id), bucketOfKey(merchantId, 'O-9'));
    assert.equal(customer.consolidatedBilling, true);
    assert.deepEqual(
      made.value.events.map(({ type, subjectId }) => [type, subjectId]),
      [['customer.created', customer.id]],
    );
  });

  test('a person cannot consolidate, and nobody is without reference or name', () => {
    const { merchantId } = aCustomer();
    const person = { kind: 'person', externalReference: 'C-9', name: '王小明' } as const;
    const refusals = [
      { ...person, consolidatedBilling: true },
      { ...person, externalReference: ' ' },
      { ...person, name: '' },
    ].map((payer) => {
      const made = decidePayer(payer, { ...context(), merchantId });
      return made.ok ? 'made' : `${made.refusal.code} ${made.refusal.field}`;
    });
    assert.deepEqual(refusals, [
      'not_an_organisation consolidated_billing',
      'reference_missing external_reference',
      'name_missing name',
    ]);
  });

  test('a person may turn out to be a company, and then consolidates', () => {
    const changed = decidePayerChange(aCustomer(), {
      kind: 'organisation',
      consolidatedBilling: true,
    });
    assert.ok(changed.ok);
    assert.deepEqual(
      [changed.value.kind, changed.value.consolidatedBilling],
      ['organisation', true],
    );
    const back = decidePayerChange(changed.value, { consolidatedBilling: false });
    assert.ok(back.ok && back.value.consolidatedBilling === undefined);
  });

  test('departments and members neither pay nor are consumers', () => {
    const child = departmentOf(organisation());
    assert.deepEqual([isPayer(child), isConsumer(child)], [false, false]);
    assert.deepEqual([isPayer(aCustomer()), isConsumer(aCustomer())], [true, true]);
    const changed = decidePayerChange(child, { consolidatedBilling: true });
    assert.ok(!changed.ok && changed.refusal.code === 'not_a_payer');
  });
});

describe('departments and members', () => {
  test('live in the bucket of their organisation and speak its language', () => {
    const payer = organisation({ locale: 'en' });
    const made = decideChildren(payer, [sales, li], context());
    assert.ok(made.ok);
    assert.deepEqual(
      made.value.customers.map((one) => [one.kind, one.payerId, bucketOf(one.id), one.locale]),
      [
        ['department', payer.id, bucketOf(payer.id), 'en'],
        ['member', payer.id, bucketOf(payer.id), 'en'],
      ],
    );
    assert.equal(made.value.events.length, 2);
  });

  const refused: readonly (readonly [string, Customer, readonly NewChild[], string])[] = [
    ['of a person', aCustomer(), [sales], 'not_an_organisation id'],
    ['none at all', organisation(), [], 'no_children children'],
    [
      'one twice',
      organisation(),
      [sales, li, sales],
      'reference_twice children/2/external_reference',
    ],
    ['one without a name', organisation(), [{ ...li, name: ' ' }], 'name_missing children/0/name'],
    [
      'more than a thousand',
      organisation(),
      Array.from({ length: 1_001 }, (_, n) => ({ ...li, externalReference: `m${n}` })),
      'too_many_children children',
    ],
  ];
  for (const [what, payer, children, code] of refused) {
    test(`${what}: refused as ${code}`, () => {
      const made = decideChildren(payer, children, context());
      assert.ok(!made.ok);
      assert.equal(`${made.refusal.code} ${made.refusal.field}`, code);
    });
  }

  test('a department moves to another organisation and both rows name each other', () => {
    const child = departmentOf(organisation());
    const to = other();
    const moved = decideChildMove(child, to, context());
    assert.ok(moved.ok);
    const { before, after, events } = moved.value;
    assert.deepEqual(
      [before.movedTo, after.movedFrom, after.payerId, bucketOf(after.id)],
      [after.id, child.id, to.id, bucketOf(to.id)],
    );
    assert.equal(before.payerId, child.payerId, 'the history of the old row stays');
    assert.deepEqual(
      events.map(({ customerId, type }) => [customerId, type]),
      [
        [before.id, 'customer.moved'],
        [after.id, 'customer.moved'],
      ],
    );
    const again = decideChildMove(before, to, context());
    assert.ok(!again.ok && again.refusal.code === 'moved_already');
  });

  test('only a child moves, and only to another organisation', () => {
    const child = departmentOf(organisation());
    const codes = [
      decideChildMove(aCustomer(), other(), context()),
      decideChildMove(child, organisation(), context()),
      decideChildMove(child, aCustomer(), context()),
    ].map((moved) => (moved.ok ? 'moved' : moved.refusal.code));
    assert.deepEqual(codes, ['not_a_child', 'same_payer', 'not_an_organisation']);
  });
});
