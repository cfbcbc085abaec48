import { NewPolicySchema, readBody, toPolicyWire } from '@daikou/api';
import { POLICY_KINDS, type PolicyKind } from '@daikou/core';
import { listPolicies, type PolicyPublished, publishPolicy } from '@daikou/engine';
import { Command, Option } from 'commander';
import type { Run } from '../command.ts';
import { EXIT, orFailure } from '../failures.ts';
import { type Io, padEnd } from '../io.ts';
import { readJsonFile } from '../json-file.ts';
import { jobOf } from '../merchant.ts';
import type { Language } from '../words.ts';

type Options = {
  readonly json?: boolean;
  readonly merchant?: string;
  readonly dryRun?: boolean;
  readonly by: string;
  readonly kind?: PolicyKind;
};

/** `daikou policy publish FILE`, `daikou policy list`: what a merchant decides by documents. */
export function policyCommand(run: Run, language: Language): Command {
  const isZh = language === 'zh';
  const command = new Command('policy').description(
    isZh
      ? '通知、催缴、欠费、滞纳金、体检等规则'
      : 'Rules of notices, dunning, arrears, late fees and checks',
  );
  command.addCommand(publishCommand(run, isZh));
  command.addCommand(listCommand(run, isZh));
  return command;
}

function publishCommand(run: Run, isZh: boolean): Command {
  return new Command('publish')
    .description(isZh ? '发布一份规则（JSON 文件）' : 'Publish a version from a JSON file')
    .argument('<file>')
    .option('--by <name>', isZh ? '发布人' : 'who publishes', 'cli')
    .option('--merchant <code>')
    .option('--dry-run')
    .option('--json')
    .action((file: string, options: Options) =>
      run(async ({ host, io }) => {
        const json = readJsonFile(io, file, 'docs/reference/policies.md');
        const { kind, code, body } = orFailure(readBody(NewPolicySchema, json));
        const job = await jobOf(host, options);
        const dryRun = options.dryRun === true;
        const published = orFailure(
          await publishPolicy(job, { kind, code, body, by: options.by }, { dryRun }),
        );
        if (options.json) {
          const { policy, unchanged, preview = null } = published;
          const wire = { dry_run: dryRun, unchanged, policy: toPolicyWire(policy), preview };
          io.out(`${JSON.stringify(wire)}\n`);
        } else print(io, published);
        return EXIT.ok;
      }),
    );
}

function print(io: Io, { policy, dryRun, unchanged, preview }: PolicyPublished): void {
  const isZh = io.language === 'zh';
  const name = `${policy.kind}/${policy.code} v${policy.version}`;
  if (unchanged) io.out(isZh ? `${name}：内容未变。\n` : `${name}: nothing has changed.\n`);
  else if (dryRun) io.out(isZh ? `将发布 ${name}。\n` : `${name} would be published.\n`);
  else io.out(isZh ? `已发布 ${name}。\n` : `${name} is published.\n`);
  if (preview !== undefined) io.out(`${JSON.stringify(preview, null, 2)}\n`);
  if (dryRun) io.out(isZh ? '试算，未做任何更改。\n' : 'Dry run: nothing was changed.\n');
}

function listCommand(run: Run, isZh: boolean): Command {
  return new Command('list')
    .description(isZh ? '列出各版本' : 'List every version')
    .addOption(new Option('--kind <kind>').choices(POLICY_KINDS))
    .option('--merchant <code>')
    .option('--json')
    .action((options: Options) =>
      run(async ({ host, io }) => {
        const policies = await listPolicies(await jobOf(host, options), options.kind);
        if (options.json) io.out(`${JSON.stringify(policies.map(toPolicyWire))}\n`);
        else {
          for (const { kind, code, version, publishedAt, publishedBy } of policies) {
            const name = padEnd(`${kind}/${code}`, 32);
            io.out(`${name} v${version}  ${publishedAt}  ${publishedBy}\n`);
          }
          if (policies.length === 0) {
            io.out(isZh ? '尚未发布规则，默认规则生效。\n' : 'None: the defaults hold.\n');
          }
        }
        return EXIT.ok;
      }),
    );
}
