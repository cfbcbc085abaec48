import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { CORPUS } from './keep.ts';
import type { Wanted } from './options.ts';
import { commandOf, failureText, lineOf, type Ran, toJson } from './report.ts';
import type { RunOptions } from './run.ts';
import { simulate } from './simulate.ts';

/** Runs all seeds and tells what became of each; answers with the exit code. */
export async function runSeeds(wanted: Wanted): Promise<number> {
  if (wanted.jobs > 1 && wanted.seeds.length > 1 && !wanted.corpus) return shareSeeds(wanted);
  let failed = 0;
  for (const plain of runsOf(wanted)) {
    for (const options of await withCrashes(plain, wanted.crashPoints)) {
      const ran = await timed(options);
      const isSame = !wanted.twice || (await timed(options)).result.hash === ran.result.hash;
      tell(wanted, ran);
      if (!isSame) console.error(`FAILED not the same twice: ${commandOf(options)}`);
      if (isSame && ran.result.broken.length === 0) continue;
      failed += 1;
      if (wanted.stop) return 1;
    }
  }
  return failed === 0 ? 0 : 1;
}

function runsOf(wanted: Wanted): readonly RunOptions[] {
  if (wanted.corpus) return CORPUS;
  const { seeds, days, customers, killAt, faults } = wanted;
  const chosen = faults.length === 0 ? {} : { faults };
  const killed = killAt === 0 ? {} : { killAtCall: killAt, isCalm: true };
  const held = wanted.held ? { isHeld: true } : {};
  return seeds.map((seed) => ({ seed, days, customers, ...chosen, ...killed, ...held }));
}

/** The run, or calm ones in which a process dies at one call each, spread over all its calls. */
async function withCrashes(run: RunOptions, points: number): Promise<readonly RunOptions[]> {
  if (points === 0) return [run];
  const { result } = await timed({ ...run, isCalm: true });
  return Array.from({ length: points }, (_, index) => {
    const killAtCall = Math.floor(((index + 1) * result.calls) / (points + 1));
    return { ...run, isCalm: true, killAtCall };
  });
}

async function timed(options: RunOptions): Promise<Ran> {
  const start = performance.now();
  const result = await simulate(options);
  return { options, result, milliseconds: Math.round(performance.now() - start) };
}

function tell({ json }: Wanted, ran: Ran): void {
  console.log(json ? toJson(ran) : lineOf(ran));
  if (ran.result.broken.length > 0) console.error(failureText(ran));
}

/** Several processes, each with every n-th seed; their lines come as they are ready. */
async function shareSeeds(wanted: Wanted): Promise<number> {
  const start = performance.now();
  const { jobs, seeds, days, customers, crashPoints } = wanted;
  const queue = [...seeds];
  const script = new URL('./main.ts', import.meta.url).pathname;
  let failed = 0;
  const work = async () => {
    for (let seed = queue.shift(); seed !== undefined; seed = queue.shift()) {
      const batch = [seed, ...queue.splice(0, queue.length > 8 * jobs ? 3 : 0)];
      const last = batch.at(-1) ?? seed;
      const words = [
        ...['--seed', `${seed}..${last}`, '--days', `${days}`, '--customers', `${customers}`],
        ...['--crash-points', `${crashPoints}`, '--jobs', '1', '--faults', wanted.faults.join(';')],
        ...(wanted.json ? ['--json'] : []),
        ...(wanted.twice ? ['--twice'] : []),
        ...(wanted.held ? ['--held'] : []),
      ];
      if ((await runChild([script, ...words])) !== 0) failed += 1;
    }
  };
  await Promise.all(Array.from({ length: jobs }, work));
  const seconds = ((performance.now() - start) / 1000).toFixed(0);
  const verdict = failed === 0 ? 'every promise kept' : `${failed} batches FAILED`;
  if (!wanted.json) console.log(`${seeds.length} seeds × ${days} days in ${seconds} s: ${verdict}`);
  return failed === 0 ? 0 : 1;
}

function runChild(args: readonly string[]): Promise<number> {
  const child = spawn(process.execPath, [...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  createInterface({ input: child.stdout }).on('line', (line) => console.log(line));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve(code ?? 1));
  });
}
