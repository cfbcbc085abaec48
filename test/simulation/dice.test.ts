import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Dice, Rng } from './dice.ts';

describe('seeded numbers', () => {
  test('are the same for the same name, whatever other streams did', () => {
    const draw = (name: string) =>
      Array.from(
        { length: 5 },
        (
          (rng) => () =>
            rng.int(1000)
        )(new Rng(name)),
      );
    assert.deepEqual(draw('seed 1'), draw('seed 1'));
    assert.notDeepEqual(draw('seed 1'), draw('seed 2'));
    const parent = new Rng('seed 1');
    const before = parent.fork('a').int(1_000_000);
    parent.int(10);
    assert.equal(parent.fork('a').int(1_000_000), before);
  });

  test('stay in their bounds and reach them', () => {
    const rng = new Rng('bounds');
    const seen = new Set(Array.from({ length: 500 }, () => rng.between(3, 6)));
    assert.deepEqual([...seen].sort(), [3, 4, 5, 6]);
  });
});

describe('the dice of faults', () => {
  test('switch on about a quarter of the sites, which fire about a quarter of the time', () => {
    const dice = new Dice(new Rng('dice'));
    let fired = 0;
    for (let site = 0; site < 400; site += 1) {
      for (let roll = 0; roll < 40; roll += 1) if (dice.fires(`site ${site}`)) fired += 1;
    }
    assert.ok(dice.sitesOn.length > 60 && dice.sitesOn.length < 140, `${dice.sitesOn.length}`);
    const rate = fired / (dice.sitesOn.length * 40);
    assert.ok(rate > 0.2 && rate < 0.3, `${rate}`);
  });

  test('never fire once it is calm', () => {
    const dice = new Dice(new Rng('calm'), ['a site']);
    assert.ok(Array.from({ length: 50 }, () => dice.fires('a site')).includes(true));
    dice.calm();
    assert.ok(!Array.from({ length: 50 }, () => dice.fires('a site')).includes(true));
  });

  test('fire at the chosen sites only', () => {
    const dice = new Dice(new Rng('chosen'), ['lost']);
    for (let roll = 0; roll < 100; roll += 1) assert.ok(!dice.fires('a crash'));
    for (let roll = 0; roll < 20; roll += 1) dice.fires('a callback is lost');
    assert.deepEqual(dice.sitesOn, ['a callback is lost']);
  });
});
