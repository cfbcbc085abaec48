import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { DemoReport } from '../../packages/server/src/demo/report.ts';
import { runLoop } from '../kill-loop/loop.ts';
import { daikou, killAll, type Running, startDaikou } from '../kit/command-line.ts';
import { startPostgres } from '../kit/postgres.ts';
import { readWitness } from '../kit/sandbox-witness.ts';
import { makeTelcoSlice, temporaryFolder } from '../kit/telco.ts';

const ROWS = 60;
const KILLS = 3;
/** Lines of progress before a kill, at most: more with each, as runs get further. */
const LINES_PER_KILL = 3;
/** Milliseconds after that line, at most. */
const AFTER_LINE = 700;
const LOOK_MILLISECONDS = 5;

const folder = temporaryFolder();
after(() => folder.remove());

/** Park and Miller's generator: the printed seed repeats the moments. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}

/** Resolves when the command has printed so many lines of progress, or has ended. */
async function progressOf(run: Running, lines: number): Promise<void> {
  let isOver = false;
  void run.ended.then(() => {
    isOver = true;
  });
  while (!isOver && run.stderr().split('\n').length <= lines) await sleep(LOOK_MILLISECONDS);
}

function withoutTime(stdout: string): Omit<DemoReport, 'seconds'> {
  const { seconds: _, ...report } = JSON.parse(stdout) as DemoReport;
  return report;
}

test('workers, server and PostgreSQL die again and again: none twice, none lost', async (t) => {
  const seed = Number(process.env['DAIKOU_SEED'] ?? 1 + (Date.now() % 1000));
  t.diagnostic(
    `npm run kill-loop -- --seed ${seed} --kills 8 --crashes 1 --customers 40 repeats it`,
  );
  const cluster = await startPostgres({ durable: true });
  try {
    const plan = { seed, customers: 40, kills: 8, databaseCrashes: 1, endsLeases: true };
    const report = await runLoop(plan, cluster, join(folder.path, 'loop'));
    const { doubleDebits, lost, ledgerEqualsRail, violations } = report;
    assert.deepEqual(
      { doubleDebits, lost, ledgerEqualsRail, violations },
      { doubleDebits: 0, lost: 0, ledgerEqualsRail: true, violations: [] },
    );
  } finally {
    await cluster.stop();
  }
});

test(`killed ${KILLS} times at any moment, a month ends with the same totals`, async (t) => {
  const seed = Number(process.env['DAIKOU_SEED'] ?? Date.now() % 2_147_483_647);
  t.diagnostic(`DAIKOU_SEED=${seed} repeats the moments`);
  const random = generator(seed);
  const slice = makeTelcoSlice(folder.path, ROWS);
  const words = ['demo', '--json', '--data', slice.path];

  const undisturbed = await daikou(words, { home: join(folder.path, 'calm') });
  assert.equal(undisturbed.code, 0, undisturbed.stderr);

  const home = join(folder.path, 'killed');
  for (let kill = 1; kill <= KILLS; kill += 1) {
    const run = startDaikou(words, { home });
    await progressOf(run, Math.floor(random() * LINES_PER_KILL * kill));
    await Promise.race([sleep(random() * AFTER_LINE), run.ended]);
    // Every other time the simulators are left to notice by themselves that they are alone.
    if (kill % 2 === 0) killAll(run);
    else run.child.kill('SIGKILL');
    const { code } = await run.ended;
    const reached = run.stderr().trim().split('\n').at(-1) || 'the first line';
    t.diagnostic(`${kill}: ${code === 0 ? 'had ended' : 'killed'} after ${reached}`);
  }

  const finished = await daikou(words, { home });
  assert.equal(finished.code, 0, finished.stderr);
  assert.deepEqual(withoutTime(finished.stdout), withoutTime(undisturbed.stdout));

  const doctor = await daikou(['doctor', '--json'], { home });
  assert.deepEqual(JSON.parse(doctor.stdout), { ok: true, violations: [] });
  const { debits } = withoutTime(finished.stdout);
  assert.deepEqual(await readWitness(join(home, 'sandbox')), {
    succeeded: debits.succeeded,
    succeededMinor: debits.succeeded_minor,
    doubleDebits: [],
  });
});
