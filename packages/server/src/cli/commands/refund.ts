import {
  type CreditReason,
  CURRENCY_EXPONENTS,
  type Currency,
  formatMoney,
  isId,
  type MoneyException,
  type MoneyExceptionId,
  type Refund,
  type RefundAsk,
  type RefundId,
  suggestedActionOf,
} from '@daikou/core';
import {
  approveRefund,
  assignException,
  findCustomer,
  findRefund,
  isRefundTarget,
  type Job,
  listExceptions,
  listRefunds,
  nowOf,
  type Requested,
  requestBalanceRefund,
  requestRefund,
  resolveException,
  retryRefund,
  settleByTransfer,
  withdrawRefund,
} from '@daikou/engine';
import { Command } from 'commander';
import type { CommandContext, Run } from '../command.ts';
import { EXIT, orFailure } from '../failures.ts';
import type { Language } from '../words.ts';
import { jobWithRails, oneOf, plain, readAmount, usage } from './credit.ts';

type Options = { readonly json?: boolean; readonly merchant?: string; readonly by?: string };
type AskOptions = Options & {
  readonly amount?: string;
  readonly currency: string;
  readonly reason: string;
  readonly route: string;
  readonly remark?: string;
  readonly dryRun?: boolean;
};

const REASONS: readonly CreditReason[] = [
  'service_not_delivered',
  'billed_in_error',
  'goodwill',
  'termination',
  'duplicate',
];
const ROUTES: readonly Refund['route'][] = ['original', 'bank_transfer'];
const ACTIONS = ['refund', 'credit', 'book'] as const;
const PAGE = 100;

/** `daikou refund <payment> --amount 10.60`, and what people decide about refunds. */
export function refundCommand(run: Run, language: Language): Command {
  const isZh = language === 'zh';
  const command = new Command('refund')
    .description(
      isZh
        ? '退款：收款、扣款单、账单编号，或客户号（退余额）'
        : 'Return money of a payment, debit or invoice, or of a customer’s balance',
    )
    .argument('[target]')
    .option('--amount <amount>', isZh ? '金额（元）；缺省为全部' : 'in major units; all by default')
    .option('--currency <code>', isZh ? '币种' : 'of the amount', 'CNY')
    .option('--reason <reason>', isZh ? '原因' : 'why', 'service_not_delivered')
    .option('--route <route>', isZh ? 'original 或 bank_transfer' : ROUTES.join(' or '), 'original')
    .option('--remark <text>', isZh ? '备注' : 'in your words')
    .option('--by <name>', isZh ? '申请人' : 'who asks')
    .option('--merchant <code>')
    .option('--dry-run')
    .option('--json')
    .action((target: string | undefined, options: AskOptions) =>
      run((context) => ask(context, target, options)),
    );
  for (const child of decisions(run, language)) command.addCommand(child);
  return command;
}

async function ask(
  { host, io }: CommandContext,
  target: string | undefined,
  options: AskOptions,
): Promise<number> {
  if (target === undefined) {
    throw usage('target_missing', 'The command names nothing to refund.', 'Give an id pay_….');
  }
  const job = await jobWithRails(host, options.merchant);
  const requested = await request(job, target, options);
  if (options.json) io.out(`${JSON.stringify(requested, plain)}\n`);
  else {
    for (const refund of requested.refunds) io.out(lineOf(refund, io.language));
    if (requested.dryRun) {
      io.out(io.language === 'zh' ? '试算，未做任何更改。\n' : 'Dry run: nothing was changed.\n');
    }
  }
  return EXIT.ok;
}

async function request(job: Job, target: string, options: AskOptions): Promise<Requested> {
  const { amount, currency, remark, dryRun = false } = options;
  if (!Object.hasOwn(CURRENCY_EXPONENTS, currency)) {
    throw usage('currency_not_valid', `“${currency}” is no currency.`, 'Give CNY or another code.');
  }
  if (amount !== undefined && !/^\d{1,15}(\.\d{1,3})?$/.test(amount)) {
    throw usage('amount_not_valid', `“${amount}” is no amount.`, 'Write 10.60.');
  }
  const wanted: RefundAsk = {
    ...(amount === undefined ? {} : { amount: readAmount(amount, currency as Currency) }),
    route: oneOf(options.route as Refund['route'], ROUTES, '--route'),
    reason: oneOf(options.reason as CreditReason, REASONS, '--reason'),
    remark: remark ?? '',
    by: options.by ?? '',
  };
  if (isRefundTarget(target)) {
    return orFailure(await requestRefund(job, target, { ask: wanted, dryRun }));
  }
  const customer = await job.engine.store.transact(job.merchant.id, (tx) =>
    findCustomer(tx, target),
  );
  if (customer === undefined) {
    const next = 'Give the id of a payment, debit or invoice, or a customer.';
    throw usage('target_unknown', `Nothing here is called ${target}.`, next);
  }
  return orFailure(await requestBalanceRefund(job, customer.id, { ask: wanted, dryRun }));
}

function decisions(run: Run, language: Language): readonly Command[] {
  const isZh = language === 'zh';
  const one = (name: string, description: string) =>
    new Command(name)
      .description(description)
      .argument('<refund>')
      .option('--by <name>', isZh ? '经办人' : 'who decides')
      .option('--merchant <code>')
      .option('--json');
  return [
    new Command('list')
      .description(isZh ? '列出退款' : 'List refunds')
      .option('--state <state>')
      .option('--merchant <code>')
      .option('--json')
      .action((options: Options & { readonly state?: string }) =>
        run(async ({ host, io }) => {
          const job = await jobWithRails(host, options.merchant);
          const refunds = await listRefunds(job, { limit: PAGE, ...stateOf(options) });
          if (options.json) io.out(`${JSON.stringify(refunds, plain)}\n`);
          else for (const refund of refunds) io.out(lineOf(refund, language));
          return EXIT.ok;
        }),
      ),
    one('approve', isZh ? '复核通过' : 'Let a refund above the limit go')
      .option('--hash <hash>', isZh ? '所复核内容的哈希' : 'the hash of what you were shown')
      .action((id: string, options: Options & { readonly hash?: string }) =>
        decide(run, { id, options }, async (job, refund) => {
          const shown = await findRefund(job, refund);
          const hash = options.hash ?? shown?.approvalHash ?? '';
          return orFailure(await approveRefund(job, refund, { by: options.by ?? '', hash }));
        }),
      ),
    one('withdraw', isZh ? '撤回' : 'Take a refund back that is not with the rail').action(
      (id: string, options: Options) =>
        decide(run, { id, options }, async (job, refund) =>
          orFailure(await withdrawRefund(job, refund, options.by ?? '')),
        ),
    ),
    one('retry', isZh ? '按原退款单号重试' : 'Try again under the same number').action(
      (id: string, options: Options) =>
        decide(run, { id, options }, async (job, refund) =>
          orFailure(await retryRefund(job, refund)),
        ),
    ),
    one('resolve', isZh ? '已由银行转账退还' : 'A person transferred it from the bank account')
      .requiredOption('--reference <number>', isZh ? '银行流水号' : 'the bank’s number')
      .action((id: string, options: Options & { readonly reference: string }) =>
        decide(run, { id, options }, async (job, refund) => {
          const { reference, by = '' } = options;
          return orFailure(await settleByTransfer(job, refund, { reference, by }));
        }),
      ),
  ];
}

async function decide(
  run: Run,
  { id, options }: { readonly id: string; readonly options: Options },
  work: (job: Job, id: RefundId) => Promise<Refund>,
): Promise<void> {
  await run(async ({ host, io }) => {
    if (!isId('rfd', id)) {
      throw usage('id_not_valid', `“${id}” is not the id of a refund.`, 'Give an id rfd_….');
    }
    const refund = await work(await jobWithRails(host, options.merchant), id);
    io.out(options.json ? `${JSON.stringify(refund, plain)}\n` : lineOf(refund, io.language));
    return EXIT.ok;
  });
}

/** `daikou exceptions`, and `daikou exceptions resolve <id> refund`. */
export function exceptionsCommand(run: Run, language: Language): Command {
  const isZh = language === 'zh';
  const resolve = new Command('resolve')
    .description(isZh ? '处理一笔：退款、转余额或入账' : 'Refund, credit or book one')
    .argument('<exception>')
    .argument('<action>', ACTIONS.join(', '))
    .option('--by <name>', isZh ? '经办人' : 'who decides')
    .option('--route <route>', ROUTES.join(', '))
    .option('--merchant <code>')
    .option('--json')
    .action((id: string, action: string, options: Options & { readonly route?: Refund['route'] }) =>
      run(async ({ host, io }) => {
        const { route } = options;
        const answer = {
          action: oneOf(action as (typeof ACTIONS)[number], ACTIONS, '<action>'),
          ...(route === undefined ? {} : { route: oneOf(route, ROUTES, '--route') }),
          by: options.by ?? '',
        };
        const job = await jobWithRails(host, options.merchant);
        const done = orFailure(await resolveException(job, readExceptionId(id), answer));
        if (options.json) io.out(`${JSON.stringify(done, plain)}\n`);
        else io.out(exceptionLine(done.exception, nowOf(job.engine, job.merchant)));
        return EXIT.ok;
      }),
    );
  return new Command('exceptions')
    .description(isZh ? '用途未定的款项' : 'Money whose purpose is not settled')
    .option('--state <state>')
    .option('--merchant <code>')
    .option('--json')
    .action((options: Options & { readonly state?: string }) =>
      run(async ({ host, io }) => {
        const job = await jobWithRails(host, options.merchant);
        const parked = await listExceptions(job, { limit: PAGE, ...stateOf(options) });
        const now = nowOf(job.engine, job.merchant);
        if (options.json) io.out(`${JSON.stringify(parked, plain)}\n`);
        else for (const exception of parked) io.out(exceptionLine(exception, now));
        return EXIT.ok;
      }),
    )
    .addCommand(assignCommand(run, isZh))
    .addCommand(resolve);
}

function assignCommand(run: Run, isZh: boolean): Command {
  return new Command('assign')
    .description(isZh ? '指派责任人' : 'Give one to a role or a person')
    .argument('<exception>')
    .argument('<owner>')
    .option('--merchant <code>')
    .option('--json')
    .action((id: string, owner: string, options: Options) =>
      run(async ({ host, io }) => {
        const job = await jobWithRails(host, options.merchant);
        const assigned = orFailure(await assignException(job, readExceptionId(id), owner));
        if (options.json) io.out(`${JSON.stringify(assigned, plain)}\n`);
        else io.out(exceptionLine(assigned, nowOf(job.engine, job.merchant)));
        return EXIT.ok;
      }),
    );
}

function readExceptionId(id: string): MoneyExceptionId {
  if (isId('exc', id)) return id;
  throw usage('id_not_valid', `“${id}” is not the id of an exception.`, 'Give an id exc_….');
}

function stateOf({ state }: { readonly state?: string }) {
  return state === undefined ? {} : { state };
}

const STATES: Readonly<Record<Refund['state'], Record<Language, string>>> = {
  awaiting_approval: { zh: '待复核', en: 'waits for a second person' },
  approved: { zh: '待发出', en: 'leaves when it is due' },
  submitting: { zh: '发送中', en: 'is on its way to the rail' },
  accepted: { zh: '通道已受理', en: 'was taken by the rail' },
  unknown: { zh: '结果未明', en: 'has no known outcome yet' },
  manual_review: { zh: '待人工处理', en: 'waits for a person' },
  succeeded: { zh: '已退还', en: 'was returned' },
  withdrawn: { zh: '已撤回', en: 'was withdrawn' },
};

function lineOf(refund: Refund, language: Language): string {
  const { id, amount, state, review, refusal } = refund;
  const why = [review, refusal?.code].filter((word) => word !== undefined).join(' ');
  const shown = state === 'awaiting_approval' ? `  ${refund.approvalHash}` : '';
  const because = why === '' ? '' : ` (${why})`;
  return `${id}  ${formatMoney(amount)}  ${STATES[state][language]}${because}${shown}\n`;
}

/** What it is, whose, since how many days, and what is suggested while it is open. */
function exceptionLine(exception: MoneyException, now: Temporal.Instant): string {
  const { id, kind, amount, state, orderNumber, owner, openedAt } = exception;
  const days = Math.floor(now.since(openedAt).total('hours') / 24);
  const next = state === 'open' ? `  → ${suggestedActionOf(kind)}` : '';
  const parts = [id, kind, formatMoney(amount), state, orderNumber, owner, `${days}d`];
  return `${parts.join('  ')}${next}\n`;
}
