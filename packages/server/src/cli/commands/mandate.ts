import { setTimeout as sleep } from 'node:timers/promises';
import {
  toMandateDriftWire,
  toMandateEndWire,
  toMandateWire,
  toSigningBegunWire,
  toSweepBrakeWire,
} from '@daikou/api';
import {
  isId,
  type Mandate,
  type MandateId,
  type Money,
  parseAmount,
  type SigningFlow,
  type SigningStarted,
  type SweepBrake,
} from '@daikou/core';
import {
  type BrakeConfirmed,
  beginMandate,
  endMandate,
  type Job,
  notFound,
  orderMandates,
  sweepMandates,
} from '@daikou/engine';
import { Command, Option } from 'commander';
import type { Run } from '../command.ts';
import { CommandFailure, EXIT, orFailure } from '../failures.ts';
import { findCustomer } from '../find.ts';
import { jobOf } from '../merchant.ts';
import type { Language } from '../words.ts';

type Options = { readonly json?: boolean; readonly merchant?: string };
type EndOptions = Options & { readonly by: 'customer' | 'merchant'; readonly remark: string };
type SignOptions = Options & {
  readonly rail: string;
  readonly cap?: string;
  readonly flow?: SigningFlow;
};

/** Findings that the list shows. */
const LISTED = 100;

/** Signing, ending and ordering mandates, and comparing them with the rails. */
export function mandateCommand(run: Run, language: Language): Command {
  const isZh = language === 'zh';
  const command = new Command('mandate').description(
    isZh ? '签约、解约、排序与核对代扣协议' : 'Sign, end, order and compare mandates',
  );
  command.addCommand(signCommand(run, isZh));
  command.addCommand(endCommand(run, isZh));
  command.addCommand(orderCommand(run, isZh));
  command.addCommand(driftCommand(run, isZh));
  return command;
}

function endCommand(run: Run, isZh: boolean): Command {
  return new Command('end')
    .description(isZh ? '解约：此后不再扣款' : 'End one: no debit leaves from now on')
    .argument('<mandate-or-customer>')
    .addOption(new Option('--by <who>').choices(['customer', 'merchant']).makeOptionMandatory(true))
    .requiredOption('--remark <text>')
    .option('--merchant <code>')
    .option('--json')
    .action((text: string, options: EndOptions) =>
      run(async ({ host, io }) => {
        const job = await jobOf(host, options);
        const id = await findMandate(job, text);
        const { by, remark } = options;
        const { mandate, end } = orFailure(await endMandate(job, id, { by, remark }));
        if (options.json) {
          io.out(`${JSON.stringify(toMandateEndWire(toMandateWire(mandate), end))}\n`);
        } else io.out(`${mandate.id}  ${mandate.state}  ${end?.answer ?? ''}\n`);
        // Not confirmed is a result that a script must see; no debit leaves either way.
        return mandate.state === 'ended' ? EXIT.ok : EXIT.refused;
      }),
    );
}

/** The mandate that a person means: by id, or the only one of a customer that can be ended. */
async function findMandate(job: Job, text: string): Promise<MandateId> {
  if (isId('man', text)) return text;
  const customerId = await findCustomer(job, text);
  const known = await job.engine.store.transact(job.merchant.id, (tx) =>
    tx.loadMandatesOf([customerId]),
  );
  const [only, ...others] = known.filter(({ state }) => state === 'active');
  if (only === undefined) throw new CommandFailure(notFound('active mandate of this customer'));
  if (others.length === 0) return only.id;
  throw new CommandFailure({
    code: 'mandate_not_named',
    sentence: `The customer “${text}” has more than one active mandate.`,
    next: `Name one: ${[only, ...others].map(({ id, rail }) => `${id} (${rail})`).join(', ')}.`,
  });
}

function signCommand(run: Run, isZh: boolean): Command {
  return new Command('sign')
    .description(
      isZh ? '为客户发起签约，给出下一步' : 'Ask a customer to sign; prints what the payer opens',
    )
    .argument('<customer>')
    .requiredOption('--rail <rail>')
    .option('--cap <amount>', isZh ? '单笔上限，如 500.00' : 'the most of one debit, e.g. 500.00')
    .option('--flow <flow>')
    .option('--merchant <code>')
    .option('--json')
    .action((text: string, options: SignOptions) =>
      run(async ({ host, io }) => {
        const job = await jobOf(host, options);
        const { rail, flow } = options;
        const cap = options.cap === undefined ? undefined : readCap(job, rail, options.cap);
        const { mandate, started } = orFailure(
          await beginMandate(job, {
            customerId: await findCustomer(job, text),
            rail,
            clientIp: '127.0.0.1',
            ...(flow === undefined ? {} : { flow }),
            ...(cap === undefined ? {} : { singleCap: cap }),
          }),
        );
        if (options.json) {
          io.out(`${JSON.stringify(toSigningBegunWire(toMandateWire(mandate), started))}\n`);
        } else io.out(`${mandate.id}  ${mandate.state}\n${describe(started)}\n`);
        return started.kind === 'refused' ? EXIT.refused : EXIT.ok;
      }),
    );
}

/** An amount in the currency that the rail's own cap has. */
function readCap(job: Job, rail: string, text: string): Money {
  const currency = job.engine.rails.get(rail)?.capabilities.defaultSingleCap.currency ?? 'CNY';
  const read = parseAmount(text, currency);
  if (read.ok && read.value.minor > 0n) return read.value;
  throw new CommandFailure({
    code: 'amount_not_valid',
    sentence: `“${text}” is not an amount.`,
    next: 'Write it as 500.00.',
    exitCode: EXIT.usage,
  });
}

function describe(started: SigningStarted): string {
  switch (started.kind) {
    case 'open_url':
      return started.url;
    case 'launch':
      return JSON.stringify(started.parameters);
    case 'code_sent':
    case 'signed':
      return started.kind;
    case 'refused':
      return `${started.code}: ${started.message}`;
    case 'unknown':
      return `unknown: ${started.detail}`;
  }
}

function orderCommand(run: Run, isZh: boolean): Command {
  return new Command('order')
    .description(isZh ? '设定扣款方式的先后' : 'Set the order in which methods are tried')
    .argument('<customer>')
    .argument('<mandates...>')
    .option('--merchant <code>')
    .option('--json')
    .action((text: string, named: readonly string[], options: Options) =>
      run(async ({ host, io }) => {
        const job = await jobOf(host, options);
        const ids = named.filter((id): id is MandateId => isId('man', id));
        if (ids.length !== named.length) throw new CommandFailure(notFound('mandate'));
        const ordered = orFailure(await orderMandates(job, await findCustomer(job, text), ids));
        print(io.out, ordered, options);
        return EXIT.ok;
      }),
    );
}

function print(out: (text: string) => void, mandates: readonly Mandate[], options: Options): void {
  if (options.json) {
    out(`${JSON.stringify({ data: mandates.map(toMandateWire) })}\n`);
    return;
  }
  const inTurn = mandates.toSorted((a, b) => (a.preference ?? 0) - (b.preference ?? 0));
  for (const { preference, id, rail } of inTurn) out(`${preference}  ${id}  ${rail}\n`);
}

type DriftOptions = Options & {
  readonly sweep?: boolean;
  readonly confirm?: string;
  readonly by?: string;
};

/** A person's word that what one rail does not find is gone. */
function readConfirmed({ confirm: rail, by = '' }: DriftOptions): BrakeConfirmed | undefined {
  if (rail === undefined) return undefined;
  if (by.trim() !== '') return { rail, by: by.trim() };
  throw new CommandFailure({
    code: 'confirmer_missing',
    sentence: 'Mandates are ended by a person’s word, and nobody is named.',
    next: 'Say who confirms with --by.',
  });
}

function brakeLine({ foundAt, rail, compared, notFound }: SweepBrake, isZh: boolean): string {
  return isZh
    ? `${foundAt}  ${rail} 查无 ${compared} 份协议中的 ${notFound} 份，未终止任何协议：` +
        `请检查商户号、模板号与密钥；确认确已终止则用 --confirm ${rail}\n`
    : `${foundAt}  ${rail} does not find ${notFound} of ${compared} mandates; none was ended: ` +
        `check the merchant number, plan and key, or end them with --confirm ${rail}\n`;
}

function driftCommand(run: Run, isZh: boolean): Command {
  return new Command('drift')
    .description(
      isZh
        ? '列出与通道不一致的协议；--sweep 立即核对；--confirm 确认通道查无的协议确已终止'
        : 'List where the rails differ; --sweep asks now, --confirm ends what a rail does not find',
    )
    .option('--sweep')
    .option('--confirm <rail>')
    .option('--by <name>', isZh ? '确认人' : 'who confirms')
    .option('--merchant <code>')
    .option('--json')
    .action((options: DriftOptions) =>
      run(async ({ host, io }) => {
        const job = await jobOf(host, options);
        const confirmed = readConfirmed(options);
        const isAsked = options.sweep === true || confirmed !== undefined;
        const swept = isAsked ? await sweepMandates(job, sleep, confirmed) : undefined;
        const { drifts, brakes } = await job.engine.store.transact(job.merchant.id, async (tx) => ({
          drifts: await tx.listDrifts({ limit: LISTED }),
          brakes: await tx.findOpenBrakes(),
        }));
        if (options.json) {
          const data = drifts.map(toMandateDriftWire);
          const held = brakes.map(toSweepBrakeWire);
          io.out(`${JSON.stringify({ swept: swept ?? null, brakes: held, data })}\n`);
          return EXIT.ok;
        }
        if (swept !== undefined) io.out(`${JSON.stringify(swept)}\n`);
        for (const brake of brakes) io.out(brakeLine(brake, isZh));
        for (const { foundAt, mandateId, kind, action, state } of drifts) {
          io.out(`${foundAt}  ${mandateId}  ${kind}  ${action}  ${state}\n`);
        }
        io.out(`(${drifts.length})\n`);
        return EXIT.ok;
      }),
    );
}
