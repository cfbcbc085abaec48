import type { Merchant } from '@daikou/core';
import type { Job } from '@daikou/engine';
import type { Live } from '../live.ts';
import { CommandFailure } from './failures.ts';
import type { Host } from './host.ts';

/** The merchant that a command is about: the one named, or the only one there is. */
export async function chooseMerchant(live: Live, code: string | undefined): Promise<Merchant> {
  const merchants = await live.store.listMerchants();
  if (code !== undefined) {
    const named = merchants.find((merchant) => merchant.code === code);
    if (named !== undefined) return named;
    throw new CommandFailure({
      code: 'merchant_unknown',
      sentence: `There is no merchant “${code}” here.`,
      next: `Name one of: ${merchants.map((one) => one.code).join(', ') || '(none yet)'}.`,
    });
  }
  const [only, ...others] = merchants;
  if (only !== undefined && others.length === 0) return only;
  throw new CommandFailure({
    code: only === undefined ? 'no_merchant' : 'merchant_not_named',
    sentence: only === undefined ? 'There is no merchant yet.' : 'There is more than one merchant.',
    next:
      only === undefined
        ? 'Import a file first (daikou import <file>), or run the demo (daikou demo).'
        : `Name one with --merchant: ${merchants.map((merchant) => merchant.code).join(', ')}.`,
  });
}

/** Work for the merchant that a command is about. */
export async function jobOf(
  host: Host,
  options: { readonly merchant?: string | undefined },
): Promise<Job> {
  const live = await host.live();
  return await live.jobOf(await chooseMerchant(live, options.merchant));
}

/** The demo's world is opened where the merchant needs it: its rails are the simulators. */
export async function readyFor(live: Live, merchant: Merchant): Promise<void> {
  if (merchant.demo) await live.openWorld();
}
