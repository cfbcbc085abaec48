import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Rail, Store } from '@daikou/core';
import type { Engine } from '@daikou/engine';
import { type Failpoint, makeDice, parseFailpoints, withFailpoints } from './failpoints.ts';

describe('the moments at which a process may be made to die', () => {
  const readable: readonly (readonly [text: string, odds: readonly [Failpoint, number][]])[] = [
    ['after-rail:0.03', [['after-rail', 0.03]]],
    [
      'before-commit:0.5, after-commit:1,seed:7',
      [
        ['before-commit', 0.5],
        ['after-commit', 1],
      ],
    ],
  ];
  for (const [text, odds] of readable) {
    test(text, () => assert.deepEqual([...(parseFailpoints(text)?.odds ?? [])], odds));
  }
  for (const text of ['', 'seed:7', 'after-lunch:0.5', 'after-rail:2', 'after-rail', 'seed:1.5']) {
    test(`“${text}” is no plan`, () => assert.equal(parseFailpoints(text), undefined));
  }

  test('the same seed dies at the same point', () => {
    const plan = { odds: new Map<Failpoint, number>([['after-rail', 0.1]]), seed: 7 };
    const deaths = () => {
      const found: number[] = [];
      let at = 0;
      const hit = makeDice(plan, () => found.push(at));
      for (at = 0; at < 1000; at += 1) hit(at % 2 === 0 ? 'after-rail' : 'before-rail');
      return found;
    };
    assert.deepEqual(deaths(), deaths());
    assert.ok(deaths().length > 20 && deaths().length < 90);
    assert.ok(deaths().every((one) => one % 2 === 0));
  });

  test('a commit and a call to a rail are surrounded; the work is done all the same', async () => {
    const points: string[] = [];
    const transact: Store['transact'] = async (_merchant, work) => {
      const result = await work({} as Parameters<typeof work>[0]);
      points.push('commit');
      return result;
    };
    const submit: Rail['submit'] = async () => {
      points.push('call');
      return { kind: 'accepted' };
    };
    const nothing = async () => ({ kind: 'accepted' }) as const;
    const rail = { id: 'example', submit, ask: nothing, close: nothing } as unknown as Rail;
    const engine = withFailpoints(
      { store: { transact } as Store, rails: new Map([[rail.id, rail]]) } as unknown as Engine,
      (point) => points.push(point),
    );
    assert.equal(await engine.store.transact('mer_0', async () => 5), 5);
    const request = {} as Parameters<Rail['submit']>[0];
    assert.deepEqual(await engine.rails.get('example')?.submit(request), { kind: 'accepted' });
    assert.deepEqual(points, [
      'before-commit',
      'commit',
      'after-commit',
      'before-rail',
      'call',
      'after-rail',
    ]);
  });
});
