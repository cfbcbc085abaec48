import { formatMoney, money } from '@daikou/core';
import type { Progress } from '@daikou/engine';
import cliProgress from 'cli-progress';
import { type Io, padEnd, terminalStream } from './io.ts';
import { STEP_WORDS } from './words.ts';

/** Seconds between two lines where there is no terminal to redraw. */
const LINE_SECONDS = 5;
const LABEL_WIDTH = 18;

type Running = {
  readonly label: string;
  readonly total: number | undefined;
  readonly startedAt: number;
  readonly bar: cliProgress.SingleBar | undefined;
  items: number;
  minor: bigint;
  lineAt: number;
};

/**
 * Bars on a terminal with count, amount, rate and the time left; elsewhere a line every few seconds
 * and one at the end. Always on the error stream, so that results stay alone on standard output.
 */
export function makeProgress(io: Io): Progress {
  let running: Running | undefined;
  return {
    start: (step, total) => {
      const label = STEP_WORDS[step]?.[io.language] ?? step;
      const now = performance.now();
      const bar = io.isTty && total !== undefined ? startBar(io, label, total) : undefined;
      running = { label, total, startedAt: now, bar, items: 0, minor: 0n, lineAt: now };
    },
    advance: (items, minor = 0n) => {
      if (running === undefined) return;
      running.items += items;
      running.minor += minor;
      running.bar?.update(running.items, facts(running));
      if (running.bar === undefined) tell(io, running);
    },
    finish: () => {
      if (running === undefined) return;
      if (running.bar !== undefined) {
        running.bar.setTotal(Math.max(running.items, 1));
        running.bar.update(running.items, facts(running));
        running.bar.stop();
      } else if (running.items > 0) {
        io.err(`${line(running)}\n`);
      }
      running = undefined;
    },
  };
}

function startBar(io: Io, label: string, total: number): cliProgress.SingleBar {
  const bar = new cliProgress.SingleBar(
    {
      format: [
        padEnd(label, LABEL_WIDTH),
        '{bar} {percentage}% {value}/{total} {amount} {rate}/s ETA {eta_formatted}',
      ].join(' '),
      barsize: Math.max(10, Math.min(24, io.columns - 62)),
      stream: terminalStream(io),
      fps: 8,
      hideCursor: true,
      linewrap: false,
      etaBuffer: 200,
    },
    cliProgress.Presets.shades_classic,
  );
  bar.start(total, 0, { amount: '', rate: '0' });
  return bar;
}

function facts(running: Running): { readonly amount: string; readonly rate: string } {
  const seconds = Math.max((performance.now() - running.startedAt) / 1000, 0.001);
  return {
    amount: running.minor === 0n ? '' : formatMoney(money(running.minor, 'CNY')),
    rate: Math.round(running.items / seconds).toString(),
  };
}

function line(running: Running): string {
  const { amount, rate } = facts(running);
  const total = running.total === undefined ? '' : `/${running.total}`;
  const parts = [
    padEnd(running.label, LABEL_WIDTH),
    `${running.items}${total}`,
    amount,
    `${rate}/s`,
  ];
  return parts.filter((part) => part !== '').join(' ');
}

function tell(io: Io, running: Running): void {
  const now = performance.now();
  if (now - running.lineAt < LINE_SECONDS * 1000) return;
  running.lineAt = now;
  io.err(`${line(running)}\n`);
}
