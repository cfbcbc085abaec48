import { NewPolicySchema, readBody, toLateFeeWaiverWire, toLateFeeWire } from '@daikou/api';
import {
  type ApprovalId,
  CURRENCY_EXPONENTS,
  type Currency,
  explainLateFee,
  formatMoney,
  type InvoiceId,
  isId,
  type LateFeeDecided,
  type LateFeeWaiver,
  lateFeeWords,
  present,
} from '@daikou/core';
import {
  decideOnWaiver,
  findLateFee,
  type Job,
  type LateFeeSimulation,
  type LateFeeView,
  resumeLateFee,
  simulateLateFee,
  stopLateFee,
  waiveLateFee,
} from '@daikou/engine';
import { Command } from 'commander';
import type { Run } from '../command.ts';
import { EXIT, orFailure } from '../failures.ts';
import type { Io } from '../io.ts';
import { readJsonFile } from '../json-file.ts';
import { jobOf } from '../merchant.ts';
import type { Language } from '../words.ts';
import { plain, readAmount, usage } from './credit.ts';

type Options = {
  readonly json?: boolean;
  readonly merchant?: string;
  readonly by?: string;
  readonly on?: string;
  readonly from?: string;
  readonly reason?: string;
  readonly amount?: string;
  readonly currency?: string;
  readonly hash?: string;
  readonly dryRun?: boolean;
};

/** `daikou late-fee show INVOICE`, and what people decide about late fees. */
export function lateFeeCommand(run: Run, language: Language): Command {
  const isZh = language === 'zh';
  const command = new Command('late-fee').description(
    isZh ? '滞纳金：查看、减免、暂停、试算' : 'Late fees: show, waive, stop, simulate',
  );
  for (const child of [
    showCommand(run, isZh),
    waiveCommand(run, isZh),
    ...waiverCommands(run, isZh),
    ...stopCommands(run, isZh),
    simulateCommand(run, isZh),
  ]) {
    command.addCommand(child);
  }
  return command;
}

function ofInvoice(name: string, description: string): Command {
  return new Command(name)
    .description(description)
    .argument('<invoice>')
    .option('--merchant <code>')
    .option('--json');
}

function showCommand(run: Run, isZh: boolean): Command {
  return ofInvoice('show', isZh ? '一张账单的滞纳金' : 'What an invoice is asked for, and why')
    .option('--on <date>', isZh ? '截至哪一天' : 'at the end of which day')
    .action((id: string, options: Options) =>
      run(async ({ host, io }) => {
        const job = await jobOf(host, options);
        await show(job, io, { id: readInvoiceId(id), options });
        return EXIT.ok;
      }),
    );
}

async function show(
  job: Job,
  io: Io,
  { id, options }: { readonly id: InvoiceId; readonly options: Options },
): Promise<void> {
  const on = options.on === undefined ? undefined : readDate(options.on);
  const view = orFailure(await findLateFee(job, id, on));
  io.out(options.json ? `${JSON.stringify(toLateFeeWire(view))}\n` : textOf(view, io.language));
}

function waiveCommand(run: Run, isZh: boolean): Command {
  return ofInvoice('waive', isZh ? '减免滞纳金' : 'Waive it in part or whole')
    .requiredOption('--reason <text>', isZh ? '原因' : 'why')
    .option('--amount <amount>', isZh ? '金额（元）；缺省为全部' : 'in major units; all by default')
    .option('--currency <code>', isZh ? '币种' : 'of the amount', 'CNY')
    .option('--by <name>', isZh ? '申请人' : 'who asks')
    .option('--dry-run')
    .action((id: string, options: Options) =>
      run(async ({ host, io }) => {
        const job = await jobOf(host, options);
        const { amount, currency = 'CNY', reason = '', by = '', dryRun = false } = options;
        const ask = {
          ...(amount === undefined ? {} : { amount: amountOf(amount, currency) }),
          reason,
          by,
        };
        const waived = orFailure(await waiveLateFee(job, readInvoiceId(id), { ask, dryRun }));
        printWaiver(io, waived, options);
        if (dryRun && !options.json) {
          io.out(isZh ? '试算，未做任何更改。\n' : 'Dry run: nothing was changed.\n');
        }
        return EXIT.ok;
      }),
    );
}

function waiverCommands(run: Run, isZh: boolean): readonly Command[] {
  const one = (name: 'approve' | 'reject', description: string) =>
    new Command(name)
      .description(description)
      .argument('<waiver>')
      .option('--by <name>', isZh ? '经办人' : 'who decides')
      .option('--hash <hash>', isZh ? '所复核内容的哈希' : 'the hash of what you were shown')
      .option('--merchant <code>')
      .option('--json')
      .action((id: string, options: Options) =>
        run(async ({ host, io }) => {
          const job = await jobOf(host, options);
          const { by = '', hash } = options;
          const decision = {
            approve: name === 'approve',
            by,
            ...(hash === undefined ? {} : { hash }),
          };
          const decided = orFailure(await decideOnWaiver(job, readWaiverId(id), decision));
          printWaiver(io, decided, options);
          return EXIT.ok;
        }),
      );
  return [
    one('approve', isZh ? '复核通过减免' : 'Let a waiver above the limit hold'),
    one('reject', isZh ? '驳回减免' : 'Turn a waiver down'),
  ];
}

function stopCommands(run: Run, isZh: boolean): readonly Command[] {
  const stop = ofInvoice('stop', isZh ? '停止计算（如争议期间）' : 'Have days not count')
    .requiredOption('--reason <text>', isZh ? '原因' : 'why')
    .option('--from <date>', isZh ? '从哪一天起' : 'from which day on; today by default')
    .option('--by <name>', isZh ? '经办人' : 'who decides')
    .action((id: string, options: Options) =>
      run(async ({ host, io }) => {
        const job = await jobOf(host, options);
        const { reason = '', by = '', from } = options;
        const ask = { ...(from === undefined ? {} : { from: readDate(from) }), reason, by };
        const invoice = readInvoiceId(id);
        orFailure(await stopLateFee(job, invoice, ask));
        await show(job, io, { id: invoice, options });
        return EXIT.ok;
      }),
    );
  const resume = ofInvoice('resume', isZh ? '恢复计算' : 'Have days count again')
    .option('--by <name>', isZh ? '经办人' : 'who decides')
    .action((id: string, options: Options) =>
      run(async ({ host, io }) => {
        const job = await jobOf(host, options);
        const invoice = readInvoiceId(id);
        orFailure(await resumeLateFee(job, invoice, { by: options.by ?? '' }));
        await show(job, io, { id: invoice, options });
        return EXIT.ok;
      }),
    );
  return [stop, resume];
}

function simulateCommand(run: Run, isZh: boolean): Command {
  return new Command('simulate')
    .description(isZh ? '发布前试算一份规则' : 'What a policy would do, before it is published')
    .argument('<file>')
    .option('--merchant <code>')
    .option('--json')
    .action((file: string, options: Options) =>
      run(async ({ host, io }) => {
        const json = readJsonFile(io, file, 'docs/reference/late-fees.md');
        const { kind, body } = orFailure(readBody(NewPolicySchema, json));
        if (kind !== 'late_fee') {
          const next = 'Use daikou policy publish FILE --dry-run for the other kinds.';
          throw usage('kind_not_valid', `“${kind}” is not a late fee.`, next);
        }
        const job = await jobOf(host, options);
        const found = orFailure(await simulateLateFee(job, body));
        if (options.json) io.out(`${JSON.stringify(found, plain)}\n`);
        else io.out(simulationText(found, io.language));
        return EXIT.ok;
      }),
    );
}

function simulationText(found: LateFeeSimulation, language: Language): string {
  const isZh = language === 'zh';
  const lines = [lateFeeWords(found.policy, isZh ? 'zh-CN' : 'en')];
  for (const { daysOverdue, base, amount, isCapped } of found.examples) {
    const [owed, fee] = [formatMoney(base), formatMoney(amount)];
    const capped = isCapped ? (isZh ? '（已达上限）' : ' (capped)') : '';
    lines.push(
      isZh
        ? `  未付 ${owed}，逾期第 ${daysOverdue} 天：${fee}${capped}`
        : `  ${owed} unpaid, day ${daysOverdue} overdue: ${fee}${capped}`,
    );
  }
  for (const { invoices, sum, largest, capped } of found.overdue) {
    const [all, most] = [formatMoney(sum), formatMoney(largest)];
    lines.push(
      isZh
        ? `现有逾期账单若适用：${invoices} 张共 ${all}，最大 ${most}，达上限 ${capped} 张。`
        : `Today’s overdue invoices, if it held: ${invoices} for ${all}, the largest ${most}, ` +
            `${capped} capped.`,
    );
  }
  if (found.overdue.length === 0) {
    lines.push(isZh ? '现有逾期账单均不收取。' : 'None of today’s overdue invoices would pay one.');
  }
  if (!found.isComplete) {
    const { lookedAt } = found;
    lines.push(
      isZh ? `只看了前 ${lookedAt} 张未付账单。` : `Only ${lookedAt} open ones were read.`,
    );
  }
  lines.push(isZh ? '试算，未做任何更改。' : 'Dry run: nothing was changed.');
  return `${lines.join('\n')}\n`;
}

function textOf(view: LateFeeView, language: Language): string {
  const isZh = language === 'zh';
  const locale = isZh ? 'zh-CN' : 'en';
  const { invoice, declared, figure, lateFee } = view;
  if (declared === undefined) {
    return isZh ? '开票时没有适用的滞纳金规则。\n' : 'No late fee applies to this invoice.\n';
  }
  const rule = lateFeeWords(declared.rule, locale, invoice.total.currency);
  const { code, version } = declared.policy;
  const lines = [`${invoice.number}  ${view.on}`, `${rule} (${code} v${version})`];
  if (figure === undefined) lines.push(isZh ? '尚未逾期。' : 'It is not overdue yet.');
  else {
    lines.push(explainLateFee(figure, declared.rule, locale));
    const [owed, charged] = [formatMoney(view.owed), formatMoney(view.charged)];
    lines.push(isZh ? `应收 ${owed}，已计入账单 ${charged}` : `owed ${owed}, charged ${charged}`);
  }
  for (const waiver of view.waivers) lines.push(waiverLine(waiver, language).trimEnd());
  if (lateFee?.endedFor !== undefined) lines.push(END_WORDS[lateFee.endedFor][language]);
  return `${lines.join('\n')}\n`;
}

const END_WORDS = {
  paid: { zh: '账单已付，不再增加。', en: 'The invoice is paid: nothing more accrues.' },
  void: { zh: '账单已作废。', en: 'The invoice was taken back.' },
  waived: { zh: '已全部减免。', en: 'All of it was waived.' },
  not_declared: { zh: '不适用。', en: 'None applies.' },
} as const;

const WAIVER_WORDS: Readonly<Record<LateFeeWaiver['state'], Record<Language, string>>> = {
  awaiting_approval: { zh: '待复核', en: 'waits for a second person' },
  approved: { zh: '已减免', en: 'holds' },
  rejected: { zh: '已驳回', en: 'was turned down' },
};

function waiverLine(waiver: LateFeeWaiver, language: Language): string {
  const { id, amount, state, reason, approvalHash } = waiver;
  const all = language === 'zh' ? '全部' : 'all';
  const much = amount === undefined ? all : formatMoney(amount);
  const shown = state === 'awaiting_approval' ? `  ${approvalHash}` : '';
  return `${id}  ${much}  ${WAIVER_WORDS[state][language]}  ${reason}${shown}\n`;
}

function printWaiver(io: Io, { waivers }: LateFeeDecided, { json }: Options): void {
  const waiver = present(waivers[0], 'the waiver that was decided');
  if (json) io.out(`${JSON.stringify(toLateFeeWaiverWire(waiver), plain)}\n`);
  else io.out(waiverLine(waiver, io.language));
}

function amountOf(text: string, currency: string) {
  if (!Object.hasOwn(CURRENCY_EXPONENTS, currency)) {
    throw usage('currency_not_valid', `“${currency}” is no currency.`, 'Give CNY or another code.');
  }
  if (!/^\d{1,15}(\.\d{1,3})?$/.test(text)) {
    throw usage('amount_not_valid', `“${text}” is no amount.`, 'Write 10.60.');
  }
  return readAmount(text, currency as Currency);
}

function readDate(text: string): Temporal.PlainDate {
  try {
    return Temporal.PlainDate.from(text, { overflow: 'reject' });
  } catch {
    throw usage('date_not_valid', `“${text}” is no date.`, 'Write 2026-12-01.');
  }
}

function readInvoiceId(text: string): InvoiceId {
  if (isId('inv', text)) return text;
  throw usage('id_not_valid', `“${text}” is not the id of an invoice.`, 'Give an id inv_….');
}

function readWaiverId(text: string): ApprovalId {
  if (isId('apr', text)) return text;
  throw usage('id_not_valid', `“${text}” is not the id of a waiver.`, 'Give an id apr_….');
}
