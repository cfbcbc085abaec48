import type { ParkingReason } from '@daikou/core';
import { unparkSubscriptions } from '@daikou/engine';
import { Command, Option } from 'commander';
import { toUnparkedWire } from '../../http/billing-wire.ts';
import type { Run } from '../command.ts';
import { EXIT } from '../failures.ts';
import { chooseMerchant } from '../merchant.ts';
import type { Language } from '../words.ts';
import { orFailure, readSubscriptionId } from './subscription.ts';

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
    .argument('[subscriptions...]')
    .addOption(new Option('--reason <reason>').choices(REASONS))
    .option('--accept', isZh ? '已人工核对，立即出账' : 'the bills were looked at: draft them now')
    .option('--merchant <code>')
    .option('--dry-run')
    .option('--json')
    .action((named: readonly string[], options: Options) =>
      run(async ({ host, io }) => {
        const ids = named.map(readSubscriptionId);
        const live = await host.live();
        const job = await live.jobOf(await chooseMerchant(live, options.merchant));
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
