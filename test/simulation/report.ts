import type { RunOptions, RunResult } from './run.ts';

/** One run with what it was asked. */
export type Ran = {
  readonly options: RunOptions;
  readonly result: RunResult;
  readonly milliseconds: number;
};

/** The command that repeats this run exactly. */
export function commandOf({
  seed,
  days,
  customers,
  killAtCall,
  faults,
  isHeld,
}: RunOptions): string {
  const held = isHeld === true ? ' --held' : '';
  const kill = killAtCall === undefined ? '' : ` --kill-at ${killAtCall}`;
  const only = faults === undefined ? '' : ` --faults "${faults.join('; ')}"`;
  const size = `--days ${days} --customers ${customers}`;
  return `npm run simulate -- --seed ${seed} ${size}${kill}${only}${held}`;
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
