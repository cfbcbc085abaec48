import type { RunOptions, RunResult } from './run.ts';

/** One run with what it was asked. */
export type Ran = {
  readonly options: RunOptions;
  readonly result: RunResult;
  readonly milliseconds: number;
};

/** What the command of the simulation is given to repeat this run exactly. */
export function argumentsOf(options: RunOptions): readonly string[] {
  const { seed, days, customers, killAtCall, faults, isHeld } = options;
  return [
    ...['--seed', `${seed}`, '--days', `${days}`, '--customers', `${customers}`],
    ...(killAtCall === undefined ? [] : ['--kill-at', `${killAtCall}`]),
    ...(faults === undefined ? [] : ['--faults', faults.join('; ')]),
    ...(isHeld === true ? ['--held'] : []),
  ];
}

/** The command that repeats this run exactly. */
export function commandOf(options: RunOptions): string {
  const words = argumentsOf(options).map((word) => (/[ ;]/.test(word) ? `"${word}"` : word));
  return `npm run simulate -- ${words.join(' ')}`;
}

/** A failure as people want it: what, where, the last lines, and how to see it again. */
export function failureText(ran: Ran): string {
  const { options, result } = ran;
  return [
    `FAILED seed ${options.seed} at step ${result.steps}`,
    ...result.broken.slice(0, 10).map(({ invariant, sentence }) => `  ${invariant}: ${sentence}`),
    `  faults in this run: ${result.sitesOn.join('; ')}`,
    `  the last ${result.lastLines.length} lines:`,
    ...result.lastLines.map((line) => `    ${line}`),
    `  repeat: ${commandOf(options)}`,
  ].join('\n');
}

export function lineOf({ options, result, milliseconds }: Ran): string {
  const { tally, steps, hash } = result;
  const paid = tally === undefined ? '' : `, ${tally.paidOrders} paid`;
  const seconds = (milliseconds / 1000).toFixed(1);
  return `seed ${options.seed}: ${hash.slice(0, 16)}, ${steps} steps${paid}, ${seconds} s`;
}

/** One run as a line of JSON. */
export function toJson({ options, result, milliseconds }: Ran): string {
  const { broken, hash, steps, calls, sitesOn, tally } = result;
  const ran = { ...options, hash, steps, calls, sitesOn, tally, broken, milliseconds };
  return JSON.stringify(ran, (_, value) => (typeof value === 'bigint' ? String(value) : value));
}
