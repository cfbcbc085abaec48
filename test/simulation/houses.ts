import { DEFAULT_TIMETABLE, type Merchant } from '../../packages/core/src/index.ts';
import {
  ALL_BUCKETS,
  type Engine,
  type Job,
  NO_PROGRESS,
} from '../../packages/engine/src/index.ts';
import type { OpenedStore } from '../../packages/store/src/index.ts';
import type { Agenda } from './agenda.ts';
import type { Dice, Rng } from './dice.ts';
import { type Gate, gateAll, gateChannel, gateRail, gateStore } from './gates.ts';
import type { Outside } from './outside.ts';
import type { Trace } from './trace.ts';
import type { Actor, Turns } from './turns.ts';
import type { Watch } from './watch.ts';

/** A merchant and everything outside that belongs to it. */
export type House = { readonly merchant: Merchant; readonly outside: Outside };

/** What all processes of ours share. */
export type Ground = {
  readonly store: OpenedStore;
  readonly agenda: Agenda;
  readonly dice: Dice;
  readonly turns: Turns;
  readonly trace: Trace;
  readonly watch: Watch;
  readonly houses: readonly House[];
  readonly killAt: (moment: string) => boolean;
};

/** Milliseconds that a process's clock is ahead of the true time. */
export type Skew = { milliseconds: number };

/** A process's jobs, one for each merchant: the real engine on gated parts and its own clock. */
export function jobsOf(
  ground: Ground,
  process: { readonly actor: Actor; readonly rng: Rng; readonly skew: Skew },
): readonly Job[] {
  const { actor, rng, skew } = process;
  return ground.houses.map(({ merchant, outside }): Job => {
    const gate: Gate = {
      actor,
      turns: ground.turns,
      dice: ground.dice,
      killAt: ground.killAt,
      witness: {
        beforeSubmit: (rail, request) => ground.watch.beforeSubmit(outside, rail, request),
        beforeRefund: (request) => ground.watch.beforeRefund(outside, request),
        beforePage: (request) => ground.watch.beforePage(request),
        afterCommit: (saved) => ground.watch.chase.afterCommit(saved),
        beforeSend: (noticeId) =>
          ground.watch.beforeSend(noticeId, ground.dice.sitesOn.includes('a clock is off')),
      },
    };
    const engine: Engine = {
      store: gateStore(ground.store, gate),
      rails: gateAll(outside.ports, (rail) => gateRail(rail, gate)),
      channels: gateAll(outside.channels, (channel) => gateChannel(channel, gate)),
      clock: { now: () => ground.agenda.now.add({ milliseconds: skew.milliseconds }) },
      entropy: { bytes: (length) => rng.bytes(length) },
      timetable: DEFAULT_TIMETABLE,
      railNames: new Map([...outside.ports.keys()].map((id) => [id, { zh: id, en: id }])),
      log: {
        info() {},
        warn: (message) => ground.trace.add(`${actor.name} warns: ${message}`),
      },
    };
    return { engine, merchant, buckets: ALL_BUCKETS, progress: NO_PROGRESS };
  });
}
