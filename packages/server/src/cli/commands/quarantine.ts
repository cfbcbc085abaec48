import { setTimeout as sleep } from 'node:timers/promises';
import { formatMoney, type QuarantineFinding, type ReleaseObstacle } from '@daikou/core';
import {
  type QuarantineStatus,
  quarantineStatus,
  relearn,
  releaseQuarantine,
  resolveFinding,
} from '@daikou/engine';
import { Command } from 'commander';
import type { CommandContext, Run } from '../command.ts';
import { EXIT, orFailure } from '../failures.ts';
import type { Io } from '../io.ts';
import { chooseMerchant, jobOf, readyFor } from '../merchant.ts';
import { makeProgress } from '../progress.ts';
import type { Language } from '../words.ts';

type Options = {
  readonly json?: boolean;
  readonly merchant?: string;
  readonly by: string;
  readonly note: string;
};

export function quarantineCommand(run: Run, language: Language): Command {
  const isZh = language === 'zh';
  const command = new Command('quarantine').description(
    isZh
      ? '恢复后的隔离：核对、处理、解除'
      : 'The quarantine after a restore: learn, settle, release',
  );
  const status = child(
    'status',
    isZh ? '还差什么' : 'What was learned and what is in the way',
  ).action((options: Options) => run((context) => showStatus(context, options)));
  const learn = child('learn', isZh ? '现在向通道核对一遍' : 'Ask the rails now').action(
    (options: Options) => run((context) => learnNow(context, options)),
  );
  const resolve = child('resolve', isZh ? '记录人工处理' : 'Say what a person did about a number')
    .argument('<number>')
    .requiredOption('--by <name>')
    .requiredOption('--note <text>')
    .action((number: string, options: Options) =>
      run(async ({ host, io }) => {
        const resolved = orFailure(
          await resolveFinding(await jobOf(host, options), number, options),
        );
        io.out(`${JSON.stringify(wireOf(resolved))}\n`);
        return EXIT.ok;
      }),
    );
  const release = child('release', isZh ? '解除隔离' : 'Let the merchant go')
    .requiredOption('--by <name>')
    .action((options: Options) => run((context) => letGo(context, options)));
  for (const one of [status, learn, resolve, release]) command.addCommand(one);
  return command;
}

function child(name: string, description: string): Command {
  return new Command(name).description(description).option('--merchant <code>').option('--json');
}

async function showStatus({ host, io }: CommandContext, options: Options): Promise<number> {
  const status = await quarantineStatus(await jobOf(host, options));
  printStatus(io, status, options.json === true);
  return status === undefined || status.obstacles.length === 0 ? EXIT.ok : EXIT.refused;
}

async function learnNow({ host, io }: CommandContext, options: Options): Promise<number> {
  const live = await host.live();
  const merchant = await chooseMerchant(live, options.merchant);
  await readyFor(live, merchant);
  const progress = makeProgress(io);
  const job = await live.jobOf(merchant, progress);
  progress.start('relearn');
  try {
    await relearn(job, sleep);
  } finally {
    progress.finish();
  }
  printStatus(io, await quarantineStatus(job), options.json === true);
  return EXIT.ok;
}

async function letGo({ host, io }: CommandContext, options: Options): Promise<number> {
  const released = orFailure(await releaseQuarantine(await jobOf(host, options), options.by));
  const { by = '', at } = released.released ?? {};
  if (options.json) {
    io.out(`${JSON.stringify({ released_by: by, released_at: at?.toString() })}\n`);
  } else {
    io.out(io.language === 'zh' ? `隔离已由 ${by} 解除。\n` : `Released by ${by}.\n`);
  }
  return EXIT.ok;
}

const OBSTACLES: Readonly<
  Record<ReleaseObstacle['kind'], { readonly zh: string; readonly en: string }>
> = {
  not_learned: {
    zh: '尚未核对完：daikou quarantine learn',
    en: 'Not every question is answered: daikou quarantine learn',
  },
  rail_missing: { zh: '通道未连接（config.json）', en: 'The rail is not connected (config.json)' },
  bill_missing: { zh: '通道账单未到', en: 'The bill has not come' },
  number_open: { zh: '结果未定', en: 'Its outcome is not known yet' },
  for_person: {
    zh: '需人工处理：daikou quarantine resolve',
    en: 'A person settles it: daikou quarantine resolve',
  },
  doctor: { zh: '账目检查未通过：daikou doctor', en: 'The books break a rule: daikou doctor' },
};

function printStatus(io: Io, status: QuarantineStatus | undefined, isJson: boolean): void {
  if (status === undefined) {
    const sentence = io.language === 'zh' ? '没有隔离。\n' : 'There is no quarantine.\n';
    io.out(isJson ? `${JSON.stringify({ state: 'none' })}\n` : sentence);
    return;
  }
  const { quarantine, findings, obstacles } = status;
  if (isJson) {
    const { state, backupMadeAt, restoredAt, progress } = quarantine;
    const answer = {
      state,
      backup_made_at: backupMadeAt.toString(),
      restored_at: restoredAt.toString(),
      progress,
      obstacles,
      findings: findings.map(wireOf),
    };
    io.out(`${JSON.stringify(answer)}\n`);
    return;
  }
  const isZh = io.language === 'zh';
  io.out(isZh ? '隔离中：不发出任何东西。\n' : 'In quarantine: nothing leaves.\n');
  for (const one of findings) {
    const amount = one.amount === undefined ? '' : formatMoney(one.amount);
    io.out(`${one.kind}  ${one.rail}  ${one.number}  ${one.outcome}  ${amount}`.trimEnd());
    io.out('\n');
  }
  for (const { kind, about } of obstacles) {
    io.out(`- ${OBSTACLES[kind][io.language]} ${about}`.trimEnd());
    io.out('\n');
  }
  if (obstacles.length > 0) return;
  io.out(
    isZh
      ? '已核对完：daikou quarantine release --by <姓名>\n'
      : 'Everything is learned: daikou quarantine release --by <name>\n',
  );
}

function wireOf(one: QuarantineFinding) {
  return {
    kind: one.kind,
    rail: one.rail,
    number: one.number,
    outcome: one.outcome,
    ...(one.amount === undefined
      ? {}
      : { amount_minor: Number(one.amount.minor), currency: one.amount.currency }),
    needs_person: one.needsPerson,
    found_at: one.foundAt.toString(),
    ...(one.resolved === undefined
      ? {}
      : { resolved_by: one.resolved.by, note: one.resolved.note }),
  };
}
