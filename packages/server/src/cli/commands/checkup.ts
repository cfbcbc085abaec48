import { type CheckupFinding, formatMoney, isId, type SelfAudit } from '@daikou/core';
import {
  acceptFinding,
  findCheckup,
  findCustomer,
  listCheckups,
  type ReadCheckup,
  readSelfAudit,
} from '@daikou/engine';
import { Command } from 'commander';
import type { Run } from '../command.ts';
import { EXIT, orFailure } from '../failures.ts';
import type { Language } from '../words.ts';
import { jobWithRails, plain, usage } from './credit.ts';

type Options = { readonly json?: boolean; readonly merchant?: string };

/** Checkups of one list on the terminal. */
const PAGE = 100;

/** `daikou checkup <invoice>`, `daikou checkup list`, `daikou checkup accept <finding>`. */
export function checkupCommand(run: Run, language: Language): Command {
  const isZh = language === 'zh';
  return new Command('checkup')
    .description(isZh ? '扣费前体检' : 'What was found before an invoice is debited')
    .argument('[invoice]')
    .option('--merchant <code>')
    .option('--json')
    .action((id: string | undefined, options: Options) =>
      run(async ({ host, io }) => {
        if (id === undefined || !isId('inv', id)) {
          throw usage('id_not_valid', 'This is not the id of an invoice.', 'Give an id inv_….');
        }
        const read = await findCheckup(await jobWithRails(host, options.merchant), id);
        if (read === undefined) {
          throw usage('not_found', 'No debit was to collect this invoice.', 'Check its id.');
        }
        io.out(options.json ? `${JSON.stringify(read, plain)}\n` : textOf(read, language));
        return EXIT.ok;
      }),
    )
    .addCommand(listCommand(run, language))
    .addCommand(acceptCommand(run, language));
}

function listCommand(run: Run, language: Language): Command {
  return new Command('list')
    .description(language === 'zh' ? '列出某日扣款的体检' : 'List the checks of a day’s debits')
    .option('--date <date>', language === 'zh' ? '扣款日' : 'the day of the debit')
    .option('--merchant <code>')
    .option('--json')
    .action((options: Options & { readonly date?: string }) =>
      run(async ({ host, io }) => {
        const job = await jobWithRails(host, options.merchant);
        const date = options.date === undefined ? {} : { date: dateOf(options.date) };
        const rows = await listCheckups(job, { limit: PAGE, ...date });
        if (options.json) io.out(`${JSON.stringify(rows, plain)}\n`);
        else for (const row of rows) io.out(textOf(row, language));
        return EXIT.ok;
      }),
    );
}

function dateOf(text: string): Temporal.PlainDate {
  try {
    return Temporal.PlainDate.from(text);
  } catch {
    throw usage('date_not_valid', `“${text}” is no date.`, 'Write it as 2026-03-10.');
  }
}

function acceptCommand(run: Run, language: Language): Command {
  const isZh = language === 'zh';
  return new Command('accept')
    .description(isZh ? '接受一项检查结果' : 'Take a finding as it is')
    .argument('<finding>')
    .option('--by <name>', isZh ? '经办人' : 'who decides')
    .option('--remark <text>', isZh ? '原因' : 'why')
    .option('--merchant <code>')
    .option('--json')
    .action((id: string, options: Options & { readonly by?: string; readonly remark?: string }) =>
      run(async ({ host, io }) => {
        if (!isId('cfd', id)) {
          throw usage('id_not_valid', 'This is not the id of a finding.', 'Give an id cfd_….');
        }
        const job = await jobWithRails(host, options.merchant);
        const { by = '', remark } = options;
        const acceptance = { by, ...(remark === undefined ? {} : { remark }) };
        const accepted = orFailure(await acceptFinding(job, id, acceptance));
        const text = options.json
          ? `${JSON.stringify(accepted, plain)}\n`
          : lineOf(accepted, language);
        io.out(text);
        return EXIT.ok;
      }),
    );
}

/** `daikou self-audit <customer>`: by its id or the merchant's own number. */
export function selfAuditCommand(run: Run, language: Language): Command {
  return new Command('self-audit')
    .description(language === 'zh' ? '客户的全部自动扣费' : 'Everything debited from a customer')
    .argument('<customer>')
    .option('--merchant <code>')
    .option('--json')
    .action((reference: string, options: Options) =>
      run(async ({ host, io }) => {
        const job = await jobWithRails(host, options.merchant);
        const customer = await job.engine.store.transact(job.merchant.id, (tx) =>
          findCustomer(tx, reference),
        );
        const audit = customer === undefined ? undefined : await readSelfAudit(job, customer.id);
        if (audit === undefined) {
          throw usage('not_found', `Nobody here is called ${reference}.`, 'Give an id cus_….');
        }
        io.out(options.json ? `${JSON.stringify(audit, plain)}\n` : auditText(audit, language));
        return EXIT.ok;
      }),
    );
}

const VERDICTS = {
  ok: { zh: '正常', en: 'ok' },
  findings: { zh: '有提示', en: 'has findings' },
  blocked: { zh: '已拦截', en: 'is held' },
  none: { zh: '未检查', en: 'was not looked at yet' },
} as const;

function textOf({ checkup, findings }: ReadCheckup, language: Language): string {
  const verdict = VERDICTS[checkup.verdict ?? 'none'][language];
  const head = `${checkup.invoiceId}  ${checkup.debitDate}  ${verdict}\n`;
  const open = findings.filter(({ state }) => state !== 'cured');
  return head + open.map((one) => lineOf(one, language)).join('');
}

function lineOf(finding: CheckupFinding, language: Language): string {
  const sentence = language === 'zh' ? finding.sentenceZh : finding.sentenceEn;
  const by = finding.acceptedBy === undefined ? '' : ` (${finding.acceptedBy})`;
  const { id, severity, state, owner, action } = finding;
  return `  ${id}  ${severity}  ${state}${by}  ${sentence}  ${owner} → ${action}\n`;
}

function auditText(audit: SelfAudit, language: Language): string {
  const isZh = language === 'zh';
  const lines = [
    isZh ? '代扣协议' : 'Mandates',
    ...audit.mandates.map(
      ({ id, railZh, railEn, singleCap }) =>
        `  ${id}  ${isZh ? railZh : railEn}  ≤ ${formatMoney(singleCap)}`,
    ),
    isZh ? '订阅' : 'Subscriptions',
    ...audit.subscriptions.map((one) => {
      const shown = one.nextAmount ?? one.lastAmount;
      const amount = shown === undefined ? '' : `  ${formatMoney(shown)}`;
      const unused = one.isUnused ? (isZh ? '  未使用' : '  not used') : '';
      const by = one.approvedBy === undefined ? '' : `  ✓ ${one.approvedBy}`;
      const name = isZh ? one.nameZh : one.nameEn;
      return `  ${one.id}  ${name}  ${one.nextDate}${amount}${unused}${by}`;
    }),
    isZh ? '待处理' : 'Findings',
    ...audit.findings.map((one) => lineOf(one, language).trimEnd()),
    isZh ? '待答复的调价' : 'Price changes without an answer',
    ...audit.priceChanges.map(
      ({ consent, effectiveOn }) =>
        `  ${consent.priceChangeId}  ${effectiveOn}  ` +
        `${formatMoney(consent.before)} → ${formatMoney(consent.after)}`,
    ),
  ];
  return `${lines.join('\n')}\n`;
}
