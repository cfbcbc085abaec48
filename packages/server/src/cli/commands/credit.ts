import {
  type CreditDisposition,
  type CreditReason,
  type CreditRequestLine,
  CURRENCY_EXPONENTS,
  type Currency,
  explainChange,
  formatMoney,
  type InvoiceId,
  isId,
  money,
  parseRatio,
} from '@daikou/core';
import {
  creditInvoice,
  type Job,
  type Reissued,
  reissueInvoice,
  voidInvoice,
} from '@daikou/engine';
import { Command } from 'commander';
import type { Run } from '../command.ts';
import { CommandFailure, EXIT, orFailure } from '../failures.ts';
import type { Io } from '../io.ts';
import { chooseMerchant, readyFor } from '../merchant.ts';
import type { Language } from '../words.ts';

type Options = {
  readonly json?: boolean;
  readonly merchant?: string;
  readonly dryRun?: boolean;
};
type CreditOptions = Options & {
  readonly line: readonly string[];
  readonly currency: string;
  readonly reason: CreditReason;
  readonly disposition?: CreditDisposition;
};

/** `daikou credit <invoice> --line 1 --line 2=30.00 --line 3x2`. */
export function creditCommand(run: Run, language: Language): Command {
  const isZh = language === 'zh';
  return new Command('credit')
    .description(
      isZh ? '开红字账单：退回账单行的全部或一部分' : 'Take back lines of an issued invoice',
    )
    .argument('<invoice>')
    .option(
      '--line <line>',
      isZh
        ? '行号（整行）、行号=金额（含税，元）或 行号x数量；可重复'
        : 'a position (all of it), position=amount (tax included) or position x units; repeatable',
      (value: string, before: readonly string[]) => [...before, value],
      [] as readonly string[],
    )
    .option('--currency <code>', isZh ? '金额的币种' : 'of the amounts', 'CNY')
    .option('--reason <reason>', isZh ? '原因' : 'why', 'billed_in_error')
    .option('--disposition <where>', isZh ? 'reduce_due 或 to_balance' : 'reduce_due or to_balance')
    .option('--merchant <code>')
    .option('--dry-run')
    .option('--json')
    .action((invoice: string, options: CreditOptions) =>
      run(async ({ host, io }) => {
        const id = readInvoiceId(invoice);
        const request = {
          lines: options.line.map((text) => readLine(text, options.currency)),
          reason: oneOf(options.reason, REASONS, '--reason'),
          ...(options.disposition === undefined
            ? {}
            : { disposition: oneOf(options.disposition, DISPOSITIONS, '--disposition') }),
        };
        const job = await jobWithRails(host, options.merchant);
        const dryRun = options.dryRun === true;
        const {
          notes,
          debit,
          invoice: after,
        } = orFailure(await creditInvoice(job, id, { request, dryRun }));
        if (options.json) {
          io.out(`${JSON.stringify({ dryRun, notes, debit, invoice: after }, plain)}\n`);
          return EXIT.ok;
        }
        for (const note of notes) {
          const where = DISPOSITION_WORDS[note.disposition][language];
          io.out(`${note.number}  ${formatMoney(note.total)}  ${where}\n`);
        }
        if (debit !== undefined) {
          const amount = formatMoney(debit.amount);
          io.out(
            isZh
              ? `${debit.collectDate} 扣款 ${amount}\n`
              : `${amount} will be debited on ${debit.collectDate}\n`,
          );
        }
        if (dryRun) io.out(isZh ? '试算，未做任何更改。\n' : 'Dry run: nothing was changed.\n');
        return EXIT.ok;
      }),
    );
}

export function voidCommand(run: Run, language: Language): Command {
  const isZh = language === 'zh';
  return new Command('void')
    .description(isZh ? '作废未付的账单' : 'Void an invoice that is not paid')
    .argument('<invoice>')
    .option('--merchant <code>')
    .option('--json')
    .action((invoice: string, options: Options) =>
      run(async ({ host, io }) => {
        const id = readInvoiceId(invoice);
        const job = await jobWithRails(host, options.merchant);
        const voided = orFailure(await voidInvoice(job, id));
        if (options.json) io.out(`${JSON.stringify(voided, plain)}\n`);
        else io.out(isZh ? `${voided.number} 已作废。\n` : `${voided.number} is void.\n`);
        return EXIT.ok;
      }),
    );
}

export function reissueCommand(run: Run, language: Language): Command {
  const isZh = language === 'zh';
  return new Command('reissue')
    .description(
      isZh ? '作废账单并按现在的情况重新生成' : 'Void an invoice and draft it again as things are',
    )
    .argument('<invoice>')
    .option('--merchant <code>')
    .option('--dry-run')
    .option('--json')
    .action((invoice: string, options: Options) =>
      run(async ({ host, io }) => {
        const id = readInvoiceId(invoice);
        const job = await jobWithRails(host, options.merchant);
        const dryRun = options.dryRun === true;
        const reissued = orFailure(await reissueInvoice(job, id, { dryRun }));
        if (options.json) io.out(`${JSON.stringify(reissued, plain)}\n`);
        else printReissued(io, reissued, language);
        return EXIT.ok;
      }),
    );
}

function printReissued(io: Io, reissued: Reissued, language: Language): void {
  const isZh = language === 'zh';
  const { before, after, parts, dryRun } = reissued;
  io.out(`${before.number}  ${formatMoney(before.total)}  →  `);
  if (after === undefined) io.out(isZh ? '无需计费\n' : 'nothing to bill\n');
  else io.out(`${after.number}  ${formatMoney(after.total)}\n`);
  for (const sentence of explainChange(parts, isZh ? 'zh-CN' : 'en')) io.out(`  ${sentence}\n`);
  if (dryRun) io.out(isZh ? '试算，未做任何更改。\n' : 'Dry run: nothing was changed.\n');
}

const REASONS: readonly CreditReason[] = [
  'service_not_delivered',
  'billed_in_error',
  'goodwill',
  'termination',
  'duplicate',
];
const DISPOSITIONS: readonly Exclude<CreditDisposition, 'to_refund'>[] = [
  'reduce_due',
  'to_balance',
];

const DISPOSITION_WORDS = {
  reduce_due: { zh: '冲减应付', en: 'off what is due' },
  to_balance: { zh: '转入客户余额', en: 'to the balance' },
  to_refund: { zh: '退还付款人', en: 'back to the payer' },
} as const satisfies Record<CreditDisposition, Record<Language, string>>;

export async function jobWithRails(
  host: Parameters<Parameters<Run>[0]>[0]['host'],
  code: string | undefined,
): Promise<Job> {
  const live = await host.live();
  const merchant = await chooseMerchant(live, code);
  // A debit is scheduled anew by the rules of its rail, so the rails are needed.
  await readyFor(live, merchant);
  return await live.jobOf(merchant);
}

function readInvoiceId(text: string): InvoiceId {
  if (isId('inv', text)) return text;
  throw usage('id_not_valid', `“${text}” is not the id of an invoice.`, 'Give an id inv_….');
}

export function oneOf<T extends string>(text: string, words: readonly T[], option: string): T {
  const word = words.find((one) => one === text);
  if (word !== undefined) return word;
  throw usage('option_not_valid', `${option} is “${text}”.`, `Choose one of ${words.join(', ')}.`);
}

const LINE = /^([1-9]\d{0,4})(?:=(\d{1,15}(?:\.\d{1,3})?)|x(\d{1,15}(?:\.\d{1,12})?))?$/;

/** `2` the whole line, `2=30.00` an amount in major units, `2x3` three of its units. */
function readLine(text: string, currency: string): CreditRequestLine {
  const match = LINE.exec(text);
  if (match === null || !Object.hasOwn(CURRENCY_EXPONENTS, currency)) {
    const next = 'Write 2 for the whole line, 2=30.00 for an amount or 2x3 for three units.';
    throw usage('line_not_valid', `“${text}” in ${currency} names no part of a line.`, next);
  }
  const [, digits = '', amount, units] = match;
  const position = Number.parseInt(digits, 10);
  if (amount !== undefined) {
    return { position, take: { type: 'amount', amount: readAmount(amount, currency as Currency) } };
  }
  const parsed = units === undefined ? undefined : parseRatio(units);
  return {
    position,
    take: parsed?.ok === true ? { type: 'units', units: parsed.value } : { type: 'whole' },
  };
}

/** Digits of major units as money; more decimals than the currency has are refused. */
export function readAmount(text: string, currency: Currency) {
  const [whole = '', decimals = ''] = text.split('.');
  const exponent = CURRENCY_EXPONENTS[currency];
  if (decimals.length > exponent) {
    const sentence = `${text} has more decimals than ${currency}.`;
    throw usage('amount_not_valid', sentence, `Give at most ${exponent} decimals.`);
  }
  return money(BigInt(`${whole}${decimals.padEnd(exponent, '0')}`), currency);
}

export function usage(code: string, sentence: string, next: string): CommandFailure {
  return new CommandFailure({ code, sentence, next, exitCode: EXIT.usage });
}

/** Values that JSON has no form for: bigint as digits. */
export function plain(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? value.toString() : value;
}
