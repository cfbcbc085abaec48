import { toBalanceAlertWire, toTopUpRuleWire, toTopUpWire } from '@daikou/api';
import {
  type Currency,
  formatMoney,
  type Money,
  parseAmount,
  type TopUpConsent,
  type TopUpRule,
} from '@daikou/core';
import {
  agreeTopUp,
  findTopUps,
  listBalanceAlerts,
  removeBalanceAlert,
  setBalanceAlert,
  stopTopUp,
} from '@daikou/engine';
import { Command, Option } from 'commander';
import type { Run } from '../command.ts';
import { EXIT, orFailure } from '../failures.ts';
import { findCustomer } from '../find.ts';
import type { Io } from '../io.ts';
import { jobOf } from '../merchant.ts';
import type { Language } from '../words.ts';
import { usage } from './credit.ts';

type Options = {
  readonly json?: boolean;
  readonly merchant?: string;
  readonly currency: Currency;
  readonly by: string;
};

type AgreeOptions = Options & {
  readonly low: string;
  readonly amount: string;
  readonly cap: string;
  readonly evidence: string;
  readonly channel: TopUpConsent['channel'];
  readonly at?: string;
};

const CHANNELS: readonly TopUpConsent['channel'][] = [
  'portal',
  'mail',
  'sms',
  'phone',
  'letter',
  'in_person',
];

/** `daikou balance alert|top-up …`: when a prepaid balance is low, and what is done about it. */
export function balanceCommand(run: Run, language: Language): Command {
  const isZh = language === 'zh';
  const command = new Command('balance').description(
    isZh ? '预存余额：提醒与自动充值' : 'Prepaid balances: alerts and automatic top-ups',
  );
  const alert = new Command('alert').description(isZh ? '余额不足提醒' : 'Alerts of a low balance');
  alert.addCommand(alertSetCommand(run, isZh));
  alert.addCommand(alertListCommand(run, isZh));
  alert.addCommand(alertRemoveCommand(run, isZh));
  const topUp = new Command('top-up').description(isZh ? '自动充值' : 'Automatic top-ups');
  topUp.addCommand(agreeCommand(run, isZh));
  topUp.addCommand(showCommand(run, isZh));
  topUp.addCommand(stopCommand(run, isZh));
  command.addCommand(alert);
  command.addCommand(topUp);
  return command;
}

function withCustomer(command: Command, isZh: boolean): Command {
  return command
    .argument('<customer>', isZh ? '客户编号或外部编号' : 'an id or a reference')
    .option('--currency <code>', isZh ? '币种' : 'the currency of the balance', 'CNY')
    .option('--merchant <code>')
    .option('--json');
}

function alertSetCommand(run: Run, isZh: boolean): Command {
  return withCustomer(new Command('set'), isZh)
    .description(isZh ? '设定提醒' : 'Say when a balance is low')
    .requiredOption('--low <amount>', isZh ? '不高于此金额即为不足' : 'low from this much on')
    .option('--days <days>', isZh ? '或仅够用这些天' : 'or when it lasts this many days')
    .option('--by <name>', isZh ? '设定人' : 'who set it', 'cli')
    .action((text: string, options: Options & { readonly low: string; readonly days?: string }) =>
      run(async ({ host, io }) => {
        const job = await jobOf(host, options);
        const { by, days } = options;
        const set = orFailure(
          await setBalanceAlert(job, await findCustomer(job, text), {
            low: amountOf(options.low, options.currency),
            ...(days === undefined ? {} : { lowDays: daysOf(days) }),
            by,
          }),
        );
        if (options.json) io.out(`${JSON.stringify(toBalanceAlertWire(set))}\n`);
        else io.out(`≤ ${formatMoney(set.low)}\n`);
        return EXIT.ok;
      }),
    );
}

function alertListCommand(run: Run, isZh: boolean): Command {
  return withCustomer(new Command('list'), isZh)
    .description(isZh ? '列出提醒' : 'List the alerts of a customer')
    .action((text: string, options: Options) =>
      run(async ({ host, io }) => {
        const job = await jobOf(host, options);
        const alerts = orFailure(await listBalanceAlerts(job, await findCustomer(job, text)));
        if (options.json) io.out(`${JSON.stringify(alerts.map(toBalanceAlertWire))}\n`);
        for (const { low, isLow } of options.json ? [] : alerts) {
          io.out(`≤ ${formatMoney(low)}${isLow ? (isZh ? '  不足' : '  low') : ''}\n`);
        }
        return EXIT.ok;
      }),
    );
}

function alertRemoveCommand(run: Run, isZh: boolean): Command {
  return withCustomer(new Command('remove'), isZh)
    .description(isZh ? '取消提醒' : 'Take an alert away')
    .action((text: string, options: Options) =>
      run(async ({ host, io }) => {
        const job = await jobOf(host, options);
        const id = await findCustomer(job, text);
        orFailure(await removeBalanceAlert(job, id, options.currency));
        io.out(options.json ? '{"removed":true}\n' : isZh ? '已取消\n' : 'removed\n');
        return EXIT.ok;
      }),
    );
}

function agreeCommand(run: Run, isZh: boolean): Command {
  return withCustomer(new Command('agree'), isZh)
    .description(isZh ? '记录客户同意的自动充值' : 'Record what a customer agreed to')
    .requiredOption('--low <amount>', isZh ? '余额不高于此金额时充值' : 'topped up from here on')
    .requiredOption('--amount <amount>', isZh ? '每次充值金额' : 'what one top-up costs')
    .requiredOption('--cap <amount>', isZh ? '每月上限' : 'the most in a calendar month')
    .requiredOption('--evidence <sha256>', isZh ? '同意凭证的哈希' : 'the hash of the evidence')
    .addOption(new Option('--channel <channel>').choices(CHANNELS).makeOptionMandatory())
    .option('--at <instant>', isZh ? '同意的时间' : 'when the customer agreed; now when left out')
    .option('--by <name>', isZh ? '记录人' : 'who records it', 'cli')
    .action((text: string, options: AgreeOptions) =>
      run(async ({ host, io }) => {
        const job = await jobOf(host, options);
        const { currency, by, channel, evidence: evidenceHash } = options;
        const at =
          options.at === undefined
            ? (job.merchant.testClock ?? job.engine.clock.now())
            : instantOf(options.at);
        const agreed = orFailure(
          await agreeTopUp(job, await findCustomer(job, text), {
            low: amountOf(options.low, currency),
            amount: amountOf(options.amount, currency),
            monthlyCap: amountOf(options.cap, currency),
            consent: { at, channel, evidenceHash },
            by,
          }),
        );
        if (options.json) io.out(`${JSON.stringify(toTopUpRuleWire(agreed))}\n`);
        else print(io, agreed);
        return EXIT.ok;
      }),
    );
}

function showCommand(run: Run, isZh: boolean): Command {
  return withCustomer(new Command('show'), isZh)
    .description(isZh ? '客户的自动充值' : 'What a customer agreed to, and its top-ups')
    .action((text: string, options: Options) =>
      run(async ({ host, io }) => {
        const job = await jobOf(host, options);
        const found = orFailure(await findTopUps(job, await findCustomer(job, text)));
        const { rules, topUps } = found;
        if (options.json) {
          const wire = {
            rules: rules.map(toTopUpRuleWire),
            top_ups: topUps.map(toTopUpWire),
          };
          io.out(`${JSON.stringify(wire)}\n`);
          return EXIT.ok;
        }
        for (const rule of rules) print(io, rule);
        for (const { id, amount, state, requestedOn } of topUps) {
          io.out(`  ${requestedOn}  ${formatMoney(amount)}  ${state}  ${id}\n`);
        }
        if (rules.length === 0) io.out(isZh ? '没有自动充值。\n' : 'Nothing is agreed.\n');
        return EXIT.ok;
      }),
    );
}

function stopCommand(run: Run, isZh: boolean): Command {
  return withCustomer(new Command('stop'), isZh)
    .description(isZh ? '停止自动充值' : 'Stop automatic top-ups')
    .option('--by <name>', isZh ? '操作人' : 'who stops it', 'cli')
    .action((text: string, options: Options) =>
      run(async ({ host, io }) => {
        const job = await jobOf(host, options);
        const stopped = orFailure(await stopTopUp(job, await findCustomer(job, text), options));
        if (options.json) io.out(`${JSON.stringify(toTopUpRuleWire(stopped))}\n`);
        else io.out(`${stopped.id}  ${isZh ? '已停止' : 'stopped'}\n`);
        return EXIT.ok;
      }),
    );
}

function print(io: Io, { low, amount, monthlyCap, heldBy }: TopUpRule): void {
  const isZh = io.language === 'zh';
  const cap = `${isZh ? '每月至多' : 'a month at most'} ${formatMoney(monthlyCap)}`;
  const held = heldBy === undefined ? '' : `  (${heldBy})`;
  io.out(`≤ ${formatMoney(low)} → + ${formatMoney(amount)}, ${cap}${held}\n`);
}

function amountOf(text: string, currency: Currency): Money {
  const read = parseAmount(text, currency);
  if (read.ok) return read.value;
  throw usage('amount_not_valid', `“${text}” is not an amount.`, 'Write it as 500.00.');
}

function daysOf(text: string): number {
  const days = /^\d{1,3}$/.test(text) ? Number.parseInt(text, 10) : 0;
  if (days >= 1 && days <= 366) return days;
  throw usage('days_not_valid', `“${text}” is no number of days.`, 'Give 1 to 366.');
}

function instantOf(text: string): Temporal.Instant {
  try {
    return Temporal.Instant.from(text);
  } catch {
    throw usage(
      'time_not_valid',
      `“${text}” is not a time.`,
      'Write it as 2026-12-01T10:00+08:00.',
    );
  }
}
