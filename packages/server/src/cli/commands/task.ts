import { toTaskWire } from '@daikou/api';
import { isId, TASK_OWNERS, type Task, type TaskId, type TaskOwner } from '@daikou/core';
import { finishTask, type Job, listTasks } from '@daikou/engine';
import { Command, Option } from 'commander';
import type { Run } from '../command.ts';
import { EXIT, orFailure } from '../failures.ts';
import { type Io, padEnd } from '../io.ts';
import { jobOf } from '../merchant.ts';
import type { Language } from '../words.ts';
import { usage } from './credit.ts';

type Options = {
  readonly json?: boolean;
  readonly merchant?: string;
  readonly owner?: TaskOwner;
  readonly all?: boolean;
  readonly by: string;
  readonly note?: string;
};

const PAGE = 500;

/** `daikou task list`, `daikou task done ID`: what waits for a person. */
export function taskCommand(run: Run, language: Language): Command {
  const isZh = language === 'zh';
  const command = new Command('task').description(
    isZh ? '待办：需要人处理的事' : 'What waits for a person',
  );
  command.addCommand(listCommand(run, isZh));
  command.addCommand(doneCommand(run, isZh));
  return command;
}

function listCommand(run: Run, isZh: boolean): Command {
  return new Command('list')
    .description(isZh ? '列出未完成的待办' : 'List what is open')
    .addOption(new Option('--owner <role>').choices(TASK_OWNERS))
    .option('--all', isZh ? '包括已结束的' : 'ended ones too')
    .option('--merchant <code>')
    .option('--json')
    .action((options: Options) =>
      run(async ({ host, io }) => {
        const tasks = await allTasks(await jobOf(host, options), options);
        if (options.json) io.out(`${JSON.stringify(tasks.map(toTaskWire))}\n`);
        else print(io, tasks);
        return EXIT.ok;
      }),
    );
}

async function allTasks(job: Job, { owner, all }: Options): Promise<readonly Task[]> {
  const tasks: Task[] = [];
  let page: readonly Task[];
  do {
    const after = tasks.at(-1)?.id;
    page = await listTasks(job, {
      limit: PAGE,
      ...(after === undefined ? {} : { after }),
      ...(owner === undefined ? {} : { owner }),
      ...(all === true ? {} : { state: 'open' }),
    });
    tasks.push(...page);
  } while (page.length === PAGE);
  return tasks;
}

function print(io: Io, tasks: readonly Task[]): void {
  for (const { id, kind, owner, subjectId, state, dueAt } of tasks) {
    const words = `${padEnd(kind, 20)} ${padEnd(owner, 11)} ${padEnd(state, 8)}`;
    io.out(`${id}  ${words} ${subjectId}  ${dueAt}\n`);
  }
  if (tasks.length === 0) {
    io.out(io.language === 'zh' ? '没有待办。\n' : 'Nothing waits for a person.\n');
  }
}

function doneCommand(run: Run, isZh: boolean): Command {
  return new Command('done')
    .description(isZh ? '完成一项待办' : 'Say that a task is done')
    .argument('<task>')
    .option('--by <name>', isZh ? '完成人' : 'who did it', 'cli')
    .option('--note <text>', isZh ? '备注' : 'what came of it')
    .option('--merchant <code>')
    .option('--json')
    .action((id: string, options: Options) =>
      run(async ({ host, io }) => {
        const job = await jobOf(host, options);
        const { by, note } = options;
        const task = orFailure(
          await finishTask(job, readId(id), { by, ...(note === undefined ? {} : { note }) }),
        );
        if (options.json) io.out(`${JSON.stringify(toTaskWire(task))}\n`);
        else print(io, [task]);
        return EXIT.ok;
      }),
    );
}

function readId(text: string): TaskId {
  if (isId('tsk', text)) return text;
  throw usage('id_not_valid', `“${text}” is not the id of a task.`, 'Give an id tsk_….');
}
