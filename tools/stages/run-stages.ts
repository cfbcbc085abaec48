import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Counts } from './counts.ts';
import { addCounts, formatCounts, NO_COUNTS, parseCounts } from './counts.ts';
import { type CommandStage, filesOf, type Stage, type TestStage } from './stage.ts';

/** No single test may hang for longer; the slowest end-to-end run needs about a minute. */
const TEST_TIMEOUT_MILLISECONDS = 10 * 60 * 1000;
/** Two more than small machines have cores: a story waits half of its time for its sandbox. */
const TEST_CONCURRENCY = 4;

export interface StageRun {
  readonly root: string;
  readonly options: readonly string[];
}

interface StageResult {
  readonly isDone: boolean;
  /** Null when the stage runs no tests. */
  readonly counts: Counts | null;
}

/**
 * Runs the stages in order and stops at the first that fails; prints headings, times, what was
 * skipped and why, and the total of all tests as the last line. Returns the exit code.
 */
export async function runStages(stages: readonly Stage[], run: StageRun): Promise<number> {
  const all: Counts[] = [];
  let failed: Stage | null = null;
  for (const stage of stages) {
    const { isDone, counts } = await runTimed(stage, run);
    if (counts !== null) all.push(counts);
    failed = isDone ? null : stage;
    if (failed !== null) break;
  }
  const total = all.reduce(addCounts, NO_COUNTS);
  for (const skipped of total.skipped) say(`SKIPPED ${skipped}`);
  if (failed !== null) {
    say(`The stage "${failed.name}" failed. Repeat just this: npm test -- ${failed.name}`);
  }
  if (all.length > 0) say(formatCounts(total));
  return failed === null ? 0 : 1;
}

async function runTimed(stage: Stage, run: StageRun): Promise<StageResult> {
  say(`\n── ${stage.name} · ${stage.title}`);
  const start = performance.now();
  const result = await (stage.kind === 'commands' ? runCommands(stage, run) : runTests(stage, run));
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  say(`── ${stage.name} ${result.isDone ? 'done' : 'FAILED'} in ${seconds} s`);
  return result;
}

async function runCommands(stage: CommandStage, { root }: StageRun): Promise<StageResult> {
  for (const args of stage.commands) {
    const code = await runNode(args, root);
    if (code !== 0) return { isDone: false, counts: null };
  }
  return { isDone: true, counts: null };
}

async function runTests(stage: TestStage, { root, options }: StageRun): Promise<StageResult> {
  const files = filesOf(stage, root);
  if (files.length === 0) return whenEmpty(stage);
  const folder = mkdtempSync(join(tmpdir(), 'daikou-counts-'));
  try {
    const countsFile = join(folder, 'counts.jsonl');
    const words = [...testArguments(stage, countsFile), ...options, ...files];
    const code = await runNode(words, root);
    return judge(code, parseCounts(readFileSync(countsFile, 'utf8')));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function testArguments(stage: TestStage, countsFile: string): readonly string[] {
  return [
    '--test',
    ...(stage.inOneProcess === true
      ? ['--test-isolation=none']
      : [`--test-concurrency=${TEST_CONCURRENCY}`]),
    `--test-timeout=${TEST_TIMEOUT_MILLISECONDS}`,
    '--test-reporter=spec',
    '--test-reporter-destination=stdout',
    `--test-reporter=${new URL('./counts-reporter.ts', import.meta.url).href}`,
    `--test-reporter-destination=${countsFile}`,
  ];
}

/** A runner that fails without counting a failure has crashed: that is one failure, not none. */
function judge(code: number, counts: Counts | null): StageResult {
  const known = counts ?? NO_COUNTS;
  const isDone = code === 0 && counts !== null && known.failed === 0;
  const failed = isDone ? 0 : Math.max(known.failed, 1);
  return { isDone, counts: { ...known, failed } };
}

function whenEmpty(stage: TestStage): StageResult {
  const place = stage.globs.join(' or ');
  if (stage.mayBeEmpty) {
    say(`SKIPPED ${stage.name}: no file matches ${place} yet; once there is one, it must run.`);
    return { isDone: true, counts: null };
  }
  say(`No test file matches ${place}; a stage without tests has proved nothing.`);
  return { isDone: false, counts: null };
}

/** Runs this Node with `args`, our terminal and our signals; answers with its exit code. */
function runNode(args: readonly string[], root: string): Promise<number> {
  // Hundreds of test processes load the same modules: what Node made of them is kept.
  const env = { ...process.env, NODE_COMPILE_CACHE: join(root, 'node_modules/.cache/node') };
  const child = spawn(process.execPath, [...args], { cwd: root, stdio: 'inherit', env });
  const stop = (signal: NodeJS.Signals) => void child.kill(signal);
  process.on('SIGTERM', stop);
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => {
      process.off('SIGTERM', stop);
      resolve(code ?? 1);
    });
  });
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
