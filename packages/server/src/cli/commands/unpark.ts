import type { ParkingReason } from '@daikou/core';
import { unparkSubscriptions } from '@daikou/engine';
import { Command, Option } from 'commander';
import { toUnparkedWire } from '../../http/billing-wire.ts';
import type { Run } from '../command.ts';
import { EXIT, orFailure } from '../failures.ts';
import { findSubscription } from '../find.ts';
import { jobOf } from '../merchant.ts';
import type { Language } from '../words.ts';

type Options = {
  readonly json?: boolean;
  readonly merchant?: string;
  readonly reason?: ParkingReason;
  readonly accept?: boolean;
  readonly dryRun?: boolean;
};

const REASONS: readonly ParkingReason[] = [
  'cannot_be_billed',
  'too_many_lines',
  'amount_beyond_history',
  'amount_beyond_contract',
  'by_hand',
];

/** Takes parked subscriptions back into billing, those named or all that a reason has parked. */
export function unparkCommand(run: Run, language: Language): Command {
  const isZh = language === 'zh';
  return new Command('unpark')
    .description(
      isZh ? '恢复被搁置的订阅（--reason 批量）' : 'Bill parked subscriptions again, also in mass',
    )
    .argument('[subscriptions-or-customers...]')
    .addOption(new Option('--reason <reason>').choices(REASONS))
    .option('--accept', isZh ? '已人工核对，立即出账' : 'the bills were looked at: draft them now')
    .option('--merchant <code>')
    .option('--dry-run')
    .option('--json')
    .action((named: readonly string[], options: Options) =>
      run(async ({ host, io }) => {
        const job = await jobOf(host, options);
        const ids = await Promise.all(named.map((one) => findSubscription(job, one)));
        const unparked = orFailure(
          await unparkSubscriptions(job, {
            ...(ids.length === 0 ? {} : { ids }),
            ...(options.reason === undefined ? {} : { reason: options.reason }),
            accept: options.accept === true,
            dryRun: options.dryRun === true,
          }),
        );
        if (options.json) io.out(`${JSON.stringify(toUnparkedWire(unparked))}\n`);
        else {
          for (const { id, sentence } of unparked.subscriptions) io.out(`${id}  ${sentence}\n`);
          io.out(`(${unparked.subscriptions.length})\n`);
        }
        return EXIT.ok;
      }),
    );
}
