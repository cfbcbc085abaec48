import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Rng } from './dice.ts';
import { Trace } from './trace.ts';
import { type Actor, Crash, Turns } from './turns.ts';

function makeTurns(seed: string) {
  const trace = new Trace(() => Temporal.Instant.fromEpochMilliseconds(0));
  const endless: string[] = [];
  const turns = new Turns({
    rng: new Rng(seed),
    trace,
    now: () => 0,
    stallOf: () => 0,
    isOver: () => endless.length > 0,
    onEndless: (label) => endless.push(label),
  });
  return { turns, endless };
}

const newActor = (name: string): Actor => ({ name, isDead: false });

/** The order in which two processes of three steps each get their turns. */
async function orderOf(seed: string): Promise<string> {
  const { turns } = makeTurns(seed);
  const order: string[] = [];
  const live = async (actor: Actor) => {
    for (let step = 1; step <= 3; step += 1) {
      await turns.enter(actor, 'a step', async () => order.push(`${actor.name}${step}`));
    }
  };
  const done = [live(newActor('a')), live(newActor('b'))];
  await turns.runUntilQuiet();
  await Promise.all(done);
  return order.join(' ');
}

describe('turns', () => {
  test('come in an order that the seed decides, and each process keeps its own', async () => {
    const orders = new Set<string>();
    for (let seed = 0; seed < 12; seed += 1) {
      const order = await orderOf(`${seed}`);
      assert.equal(await orderOf(`${seed}`), order);
      assert.equal(order.replaceAll(/b\d ?/g, '').trim(), 'a1 a2 a3');
      orders.add(order);
    }
    assert.ok(orders.size > 3, [...orders].join(' | '));
  });

  test('of a process that was killed never come', async () => {
    const { turns } = makeTurns('killed');
    const actor = newActor('a');
    let isDone = false;
    const waiting = turns.enter(actor, 'a step', async () => {
      isDone = true;
    });
    actor.isDead = true;
    const refused = assert.rejects(waiting, Crash);
    await turns.runUntilQuiet();
    await refused;
    await assert.rejects(
      turns.enter(actor, 'another', async () => {}),
      Crash,
    );
    assert.equal(isDone, false);
  });

  test('that never end are noticed and stopped', async () => {
    const { turns, endless } = makeTurns('endless');
    const actor = newActor('a');
    const live = async (): Promise<void> => {
      await turns.enter(actor, 'one more step', async () => {});
      await live();
    };
    void live();
    await turns.runUntilQuiet();
    assert.deepEqual(endless, ['one more step']);
  });
});
