import { Command, CommanderError } from 'commander';
import type { CommandContext, Run } from './command.ts';
import { arrearsCommand } from './commands/arrears.ts';
import { backupCommand } from './commands/backup.ts';
import { balanceCommand } from './commands/balance.ts';
import { catalogCommand } from './commands/catalog.ts';
import { causesCommand, planFitCommand } from './commands/causes.ts';
import { checkupCommand, selfAuditCommand } from './commands/checkup.ts';
import { creditCommand, reissueCommand, voidCommand } from './commands/credit.ts';
import { attemptCommand, debitsCommand, unknownsCommand } from './commands/debits.ts';
import { demoCommand } from './commands/demo.ts';
import { doctorCommand } from './commands/doctor.ts';
import { dunningCommand } from './commands/dunning.ts';
import { entitlementsCommand } from './commands/entitlements.ts';
import { eventsCommand } from './commands/events.ts';
import { explainCommand } from './commands/explain.ts';
import { importCommand } from './commands/import.ts';
import { keyCommand } from './commands/key.ts';
import { lateFeeCommand } from './commands/late-fee.ts';
import { mandateCommand } from './commands/mandate.ts';
import { migrateCommand } from './commands/migrate.ts';
import { noticeCommand } from './commands/notice.ts';
import { payLinkCommand } from './commands/pay-link.ts';
import { paymentCommand, statementCommand } from './commands/payment.ts';
import { policyCommand } from './commands/policy.ts';
import { previewCommand } from './commands/preview.ts';
import { priceChangeCommand } from './commands/price-change.ts';
import { quarantineCommand } from './commands/quarantine.ts';
import { reconcileCommand } from './commands/reconcile.ts';
import { exceptionsCommand, refundCommand } from './commands/refund.ts';
import { restoreCommand } from './commands/restore.ts';
import { runCommand } from './commands/run.ts';
import { sandboxCommand } from './commands/sandbox.ts';
import { serveCommand, startCommand } from './commands/serve.ts';
import { sqlCommand } from './commands/sql.ts';
import { subscriptionCommand } from './commands/subscription.ts';
import { taskCommand } from './commands/task.ts';
import { unparkCommand } from './commands/unpark.ts';
import { usageCommand } from './commands/usage.ts';
import { webhookCommand } from './commands/webhook.ts';
import { workerCommand } from './commands/worker.ts';
import { EXIT, toFailure } from './failures.ts';
import type { Io } from './io.ts';

/** Every command, in the order in which the help lists them. */
const MAKERS = [
  startCommand,
  serveCommand,
  workerCommand,
  migrateCommand,
  demoCommand,
  importCommand,
  usageCommand,
  catalogCommand,
  subscriptionCommand,
  previewCommand,
  unparkCommand,
  priceChangeCommand,
  creditCommand,
  voidCommand,
  reissueCommand,
  paymentCommand,
  statementCommand,
  payLinkCommand,
  refundCommand,
  exceptionsCommand,
  dunningCommand,
  lateFeeCommand,
  reconcileCommand,
  checkupCommand,
  selfAuditCommand,
  noticeCommand,
  policyCommand,
  taskCommand,
  arrearsCommand,
  entitlementsCommand,
  balanceCommand,
  runCommand,
  mandateCommand,
  debitsCommand,
  unknownsCommand,
  attemptCommand,
  explainCommand,
  causesCommand,
  planFitCommand,
  eventsCommand,
  webhookCommand,
  doctorCommand,
  backupCommand,
  restoreCommand,
  quarantineCommand,
  sqlCommand,
  keyCommand,
  sandboxCommand,
];

/** `daikou` with every command; each does its work through `run`. */
export function makeProgram(run: Run, io: Pick<Io, 'language' | 'out' | 'err'>): Command {
  const program = new Command('daikou')
    .description(
      io.language === 'zh' ? '自动扣费与订阅计费平台' : 'Auto-debit and subscription billing',
    )
    .exitOverride()
    .configureOutput({ writeOut: io.out, writeErr: io.err })
    .showHelpAfterError(io.language === 'zh' ? '（--help 查看用法）' : '(see --help)')
    .enablePositionalOptions();
  for (const make of MAKERS) {
    program.addCommand(inherit(make(run, io.language), program));
  }
  return program;
}

/**
 * Runs one command line and gives its exit code. The same function serves the terminal and the
 * endpoint of a live process, so a command behaves alike in both.
 */
export async function runCommandLine(
  argv: readonly string[],
  context: CommandContext & {
    /** True once opening the database found another owner: then nothing is printed here. */
    readonly isOwnedElsewhere?: () => boolean;
  },
): Promise<number> {
  const { io } = context;
  let exitCode: number = EXIT.ok;
  const run: Run = async (work) => {
    exitCode = await work(context);
  };
  const program = makeProgram(run, io);
  try {
    await program.parseAsync([...argv], { from: 'user' });
    return exitCode;
  } catch (error) {
    if (context.isOwnedElsewhere?.() === true) return EXIT.environment;
    return explainFailure(error, { io, isJson: argv.includes('--json') });
  }
}

/** Sub-commands print and fail through the same streams as the program. */
function inherit(command: Command, program: Command): Command {
  command.copyInheritedSettings(program);
  for (const child of command.commands) inherit(child, program);
  return command;
}

function explainFailure(
  error: unknown,
  about: { readonly io: Io; readonly isJson: boolean },
): number {
  const { io, isJson } = about;
  if (error instanceof CommanderError) {
    return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  }
  const failure = toFailure(error);
  if (failure === undefined) throw error;
  const { code, message: sentence, next } = failure;
  if (isJson) io.out(`${JSON.stringify({ error: { code, sentence, next } })}\n`);
  io.err(`${sentence} ${next}\n`);
  return failure.exitCode;
}
