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
 * `clock` gives milliseconds that never go back.
 */
export function makeProgress(io: Io, clock = () => performance.now()): Progress {
  let running: Running | undefined;
  return {
    start: (step, total) => {
      const label = STEP_WORDS[step]?.[io.language] ?? step;
      const now = clock();
      const bar = io.isTty && total !== undefined ? startBar(io, label, total) : undefined;
      running = { label, total, startedAt: now, bar, items: 0, minor: 0n, lineAt: now };
    },
    advance: (items, minor = 0n) => {
      if (running === undefined) return;
      running.items += items;
      running.minor += minor;
      const now = clock();
      running.bar?.update(running.items, facts(io, running, now));
      if (running.bar === undefined) tell(io, running, now);
    },
    finish: () => {
      if (running === undefined) return;
      const now = clock();
      const ended = { ...running, total: running.items };
      if (ended.bar !== undefined) {
        ended.bar.setTotal(Math.max(ended.items, 1));
        ended.bar.update(ended.items, facts(io, ended, now));
        ended.bar.stop();
      } else if (ended.items > 0) {
        io.err(`${line(io, { ...ended, total: running.total }, now)}\n`);
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
        '{bar} {percentage}% {value}/{total} {amount} {rate}/s {time}',
      ].join(' '),
      barsize: Math.max(10, Math.min(24, io.columns - 62)),
      stream: terminalStream(io),
      fps: 8,
      hideCursor: true,
      linewrap: false,
    },
    cliProgress.Presets.shades_classic,
  );
  bar.start(total, 0, { amount: '', rate: '0', time: '' });
  return bar;
}

type Facts = { readonly amount: string; readonly rate: string; readonly time: string };

function facts(io: Io, running: Running, now: number): Facts {
  const seconds = Math.max((now - running.startedAt) / 1000, 0.001);
  return {
    amount: running.minor === 0n ? '' : formatMoney(money(running.minor, 'CNY')),
    rate: Math.round(running.items / seconds).toString(),
    time: timeOf(io, running, seconds),
  };
}

/**
 * The time that is left at the rate of the whole job so far, and in the end the time that it took.
 * A batch is told in one breath, so the rate of the last few items says nothing. Empty before the
 * first item, and where nobody knows how many there are.
 */
function timeOf({ language }: Io, { items, total }: Running, seconds: number): string {
  if (items === 0) return '';
  if (total === undefined) return '';
  if (items >= total) return spanOf(seconds, language);
  const left = spanOf((seconds / items) * (total - items), language);
  return language === 'zh' ? `剩 ${left}` : `${left} left`;
}

function spanOf(seconds: number, language: Io['language']): string {
  const whole = Math.max(1, Math.round(seconds));
  const minutes = Math.floor(whole / 60);
  const rest = whole % 60;
  if (language === 'zh') return minutes === 0 ? `${rest} 秒` : `${minutes} 分 ${rest} 秒`;
  return minutes === 0 ? `${rest}s` : `${minutes}m ${rest}s`;
}

function line(io: Io, running: Running, now: number): string {
  const { amount, rate, time } = facts(io, running, now);
  const total = running.total === undefined ? '' : `/${running.total}`;
  const parts = [
    padEnd(running.label, LABEL_WIDTH),
    `${running.items}${total}`,
    amount,
    `${rate}/s`,
    time,
  ];
  return parts.filter((part) => part !== '').join(' ');
}

function tell(io: Io, running: Running, now: number): void {
  if (now - running.lineAt < LINE_SECONDS * 1000) return;
  running.lineAt = now;
  io.err(`${line(io, running, now)}\n`);
}
