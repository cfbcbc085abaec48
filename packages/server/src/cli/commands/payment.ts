import { readFileSync } from 'node:fs';
import { toBankLineWire, toClaimSuggestionWire, toHandPaymentWire } from '@daikou/api';
import {
  CURRENCY_EXPONENTS,
  type Currency,
  type Customer,
  formatMoney,
  type HandMethod,
  type HandPayment,
  type InvoiceId,
  isId,
} from '@daikou/core';
import {
  claimLine,
  findCustomer,
  type Job,
  listBankLines,
  listHandPayments,
  nowOf,
  type Recorded,
  recordHandPayment,
  reverseHandPayment,
  suggestForLine,
  takeInStatements,
} from '@daikou/engine';
import { Command } from 'commander';
import { readStatementFile, toRecordedWire } from '../../http/payments.ts';
import type { CommandContext, Run } from '../command.ts';
import { EXIT, orFailure } from '../failures.ts';
import type { Io } from '../io.ts';
import type { Language } from '../words.ts';
import { jobWithRails, oneOf, readAmount, usage } from './credit.ts';
import { resolvePath } from './import.ts';

type Options = { readonly json?: boolean; readonly merchant?: string };
type RecordOptions = Options & {
  readonly amount: string;
  readonly currency: string;
  readonly method: string;
  readonly reference: string;
  readonly invoice: readonly string[];
  readonly receivedAt?: string;
  readonly by: string;
  readonly note?: string;
  readonly dryRun?: boolean;
};
type ClaimOptions = Options & {
  readonly invoice: readonly string[];
  readonly by: string;
  readonly dryRun?: boolean;
};

const METHODS: readonly Exclude<HandMethod, 'pay_link'>[] = ['bank_transfer', 'cash'];
const PAGE = 100;

type Words = readonly [zh: string, en: string];
type Child = (name: string, words: Words) => Command;

/** `daikou payment record|list|lines|suggest|claim|reverse`. */
export function paymentCommand(run: Run, language: Language): Command {
  const say = ([zh, en]: Words) => (language === 'zh' ? zh : en);
  const command = new Command('payment').description(
    say(['手工收款：登记、认领、冲正', 'Money that customers pay by hand']),
  );
  const child: Child = (name, words) => {
    const made = new Command(name).description(say(words));
    made.option('--merchant <code>').option('--json');
    command.addCommand(made);
    return made;
  };
  bookCommands(run, child);
  lineCommands(run, child);
  return command;
}

function bookCommands(run: Run, child: Child): void {
  child('record', ['登记一笔转账或现金', 'Book a transfer or cash of a customer'])
    .argument('<customer>')
    .requiredOption('--amount <amount>', '10.60')
    .requiredOption('--method <method>', METHODS.join('|'))
    .requiredOption('--reference <number>')
    .requiredOption('--by <name>')
    .option('--currency <code>', '', 'CNY')
    .option('--invoice <id>', '', collect, [])
    .option('--received-at <instant>')
    .option('--note <text>')
    .option('--dry-run')
    .action((customer: string, options: RecordOptions) =>
      run((context) => record(context, customer, options)),
    );
  child('list', ['列出手工收款', 'List payments by hand'])
    .option('--customer <customer>')
    .option('--state <state>', 'booked|reversed')
    .action((options: Options & { readonly customer?: string; readonly state?: string }) =>
      run((context) => list(context, options)),
    );
  child('reverse', ['当日冲正一笔手工收款', 'Take a payment back on the day it was recorded'])
    .argument('<payment>')
    .requiredOption('--reason <text>')
    .requiredOption('--by <name>')
    .action((id: string, options: Options & { readonly reason: string; readonly by: string }) =>
      run(async ({ host, io }) => {
        if (!isId('hpy', id)) throw badId(id, 'hpy');
        const job = await jobWithRails(host, options.merchant);
        const reversed = orFailure(await reverseHandPayment(job, id, options));
        return print(
          io,
          { wire: toHandPaymentWire(reversed), text: paymentLine(reversed, io.language) },
          options,
        );
      }),
    );
}

function lineCommands(run: Run, child: Child): void {
  child('lines', ['列出待认领的银行流水', 'List lines of the bank that wait for an owner']).action(
    (options: Options) => run((context) => listLines(context, options)),
  );
  child('suggest', ['这笔流水可能是谁付的', 'Say whose an unclaimed line may be'])
    .argument('<line>')
    .action((id: string, options: Options) => run((context) => suggest(context, id, options)));
  child('claim', ['认领一笔银行流水', 'Book an unclaimed line as a customer’s payment'])
    .argument('<line>')
    .argument('<customer>')
    .requiredOption('--by <name>')
    .option('--invoice <id>', '', collect, [])
    .option('--dry-run')
    .action((id: string, customer: string, options: ClaimOptions) =>
      run((context) => claim(context, { id, customer }, options)),
    );
}

/** `daikou statement import <file> --account 基本户`. */
export function statementCommand(run: Run, language: Language): Command {
  const isZh = language === 'zh';
  const command = new Command('statement').description(
    isZh ? '银行对账单' : 'Statements of the merchant’s bank accounts',
  );
  command
    .command('import')
    .description(
      isZh ? '导入对账单并自动认领' : 'Take a bank’s file in, and book what needs no person',
    )
    .argument('<file>')
    .requiredOption('--account <name>', isZh ? '账户名称，不是账号' : 'its name, not its number')
    .option('--merchant <code>')
    .option('--json')
    .action((file: string, options: Options & { readonly account: string }) =>
      run(async ({ host, io }) => {
        const path = resolvePath(io, file);
        const { account } = options;
        const statements = orFailure(readStatementFile(readBytes(path), { account, name: file }));
        const job = await jobWithRails(host, options.merchant);
        const taken = orFailure(await takeInStatements(job, statements));
        const { added, matched, claimed, known } = taken;
        const text = isZh
          ? `新增 ${added} 行，匹配通道到账 ${matched} 笔，自动认领 ${claimed} 笔，已导入过 ${known} 份。\n`
          : `${added} new lines, ${matched} payouts matched, ${claimed} claimed, ${known} known.\n`;
        return print(io, { wire: taken, text: text }, options);
      }),
    );
  return command;
}

function readBytes(path: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch {
    throw usage('file_missing', `There is no file ${path}.`, 'Give the path of the bank’s file.');
  }
}

async function record(
  { host, io }: CommandContext,
  customer: string,
  options: RecordOptions,
): Promise<number> {
  const { currency, amount } = options;
  if (!Object.hasOwn(CURRENCY_EXPONENTS, currency) || !/^\d{1,15}(\.\d{1,3})?$/.test(amount)) {
    const sentence = `“${amount} ${currency}” is no amount.`;
    throw usage('amount_not_valid', sentence, 'Write 10.60, and a currency like CNY.');
  }
  const method = oneOf(options.method as (typeof METHODS)[number], METHODS, '--method');
  const job = await jobWithRails(host, options.merchant);
  const { id } = await readCustomer(job, customer);
  const recorded = orFailure(
    await recordHandPayment(job, id, {
      request: {
        method,
        amount: readAmount(amount, currency as Currency),
        reference: options.reference,
        receivedAt: readMoment(options.receivedAt) ?? nowOf(job.engine, job.merchant),
        recordedBy: options.by,
        note: options.note ?? '',
        ...invoicesOf(options),
      },
      dryRun: options.dryRun === true,
    }),
  );
  return printRecorded(io, recorded, options);
}

async function claim(
  { host, io }: CommandContext,
  { id, customer }: { readonly id: string; readonly customer: string },
  options: ClaimOptions,
): Promise<number> {
  if (!isId('bsl', id)) throw badId(id, 'bsl');
  const job = await jobWithRails(host, options.merchant);
  const { id: customerId } = await readCustomer(job, customer);
  const { by, dryRun = false } = options;
  const wish = { customerId, by, dryRun, ...invoicesOf(options) };
  return printRecorded(io, orFailure(await claimLine(job, id, wish)), options);
}

async function list(
  { host, io }: CommandContext,
  options: Options & { readonly customer?: string; readonly state?: string },
): Promise<number> {
  const job = await jobWithRails(host, options.merchant);
  const { customer, state } = options;
  const payments = await listHandPayments(job, {
    limit: PAGE,
    ...(customer === undefined ? {} : { customerId: (await readCustomer(job, customer)).id }),
    ...(state === undefined ? {} : { state }),
  });
  const text = payments.map((payment) => paymentLine(payment, io.language)).join('');
  return print(io, { wire: { data: payments.map(toHandPaymentWire) }, text: text }, options);
}

async function listLines({ host, io }: CommandContext, options: Options): Promise<number> {
  const job = await jobWithRails(host, options.merchant);
  const lines = await listBankLines(job, { state: 'unclaimed', limit: PAGE });
  const text = lines
    .map(({ id, bookedOn, amount, counterparty = '', remittance = '' }) =>
      [id, bookedOn, formatMoney(amount), counterparty, remittance].join('  ').concat('\n'),
    )
    .join('');
  return print(io, { wire: { data: lines.map(toBankLineWire) }, text: text }, options);
}

async function suggest(
  { host, io }: CommandContext,
  id: string,
  options: Options,
): Promise<number> {
  if (!isId('bsl', id)) throw badId(id, 'bsl');
  const job = await jobWithRails(host, options.merchant);
  const { line, suggestions } = orFailure(await suggestForLine(job, id));
  const wire = {
    line: toBankLineWire(line),
    suggestions: suggestions.map(toClaimSuggestionWire),
  };
  const nobody = io.language === 'zh' ? '没有可能的客户。\n' : 'Nobody fits.\n';
  const text = suggestions
    .map(({ customer, confidence, reasons }) => {
      return `${customer.externalReference}  ${confidence}  ${reasons.join(' ')}\n`;
    })
    .join('');
  return print(io, { wire: wire, text: text === '' ? nobody : text }, options);
}

function printRecorded(io: Io, recorded: Recorded, options: Options): number {
  const isZh = io.language === 'zh';
  const { payment, paid, leftOpen, isKnown, dryRun } = recorded;
  let text = paymentLine(payment, io.language);
  for (const number of paid) text += isZh ? `  ${number} 已付清\n` : `  ${number} is paid\n`;
  for (const { number, code } of leftOpen) text += `  ${number} ${OPEN_WORDS[code][io.language]}\n`;
  if (isKnown) text += isZh ? '此前已登记，未做更改。\n' : 'Booked before: nothing was changed.\n';
  if (dryRun) text += isZh ? '试算，未做任何更改。\n' : 'Dry run: nothing was changed.\n';
  return print(io, { wire: toRecordedWire(recorded), text: text }, options);
}

const OPEN_WORDS = {
  debit_in_flight: {
    zh: '扣款正在进行，不重复收款，款项转入余额',
    en: 'stays open: its debit may be taking the money now, so this waits as balance',
  },
  not_covered: { zh: '余额不足以付清', en: 'stays open: it is not covered whole' },
} as const satisfies Record<Recorded['leftOpen'][number]['code'], Record<Language, string>>;

function paymentLine(payment: HandPayment, language: Language): string {
  const { id, amount, toBalance, state, reference, method } = payment;
  const balance = language === 'zh' ? '余额' : 'balance';
  const parts = [id, method, reference, formatMoney(amount), state];
  if (toBalance.minor > 0n) parts.push(`(${balance} ${formatMoney(toBalance)})`);
  return `${parts.join('  ')}\n`;
}

type Shown = { readonly wire: unknown; readonly text: string };

function print(io: Io, { wire, text }: Shown, { json }: Options): number {
  io.out(json ? `${JSON.stringify(wire)}\n` : text);
  return EXIT.ok;
}

/** The customer of an id or a reference. */
export async function readCustomer(job: Job, reference: string): Promise<Customer> {
  const found = await job.engine.store.transact(job.merchant.id, (tx) =>
    findCustomer(tx, reference),
  );
  if (found !== undefined) return found;
  throw usage(
    'customer_unknown',
    `Nobody here is called ${reference}.`,
    'Give cus_… or a reference.',
  );
}

function invoicesOf({ invoice }: { readonly invoice: readonly string[] }): {
  readonly invoiceIds?: readonly InvoiceId[];
} {
  const invoiceIds = invoice.map((id) => {
    if (!isId('inv', id)) throw badId(id, 'inv');
    return id;
  });
  return invoiceIds.length === 0 ? {} : { invoiceIds };
}

function readMoment(text: string | undefined): Temporal.Instant | undefined {
  if (text === undefined) return undefined;
  try {
    return Temporal.Instant.from(text);
  } catch {
    throw usage('time_not_valid', `“${text}” is no moment.`, 'Write 2026-12-01T10:00:00+08:00.');
  }
}

function collect(value: string, before: readonly string[]): readonly string[] {
  return [...before, value];
}

function badId(text: string, prefix: string) {
  return usage('id_not_valid', `“${text}” is not such an id.`, `Give an id ${prefix}_….`);
}
