import { randomBytes } from 'node:crypto';
import type { Merchant } from '@daikou/core';
import { Command } from 'commander';
import { hashKey } from '../../http/keys.ts';
import type { Live } from '../../live.ts';
import type { Run } from '../command.ts';
import { EXIT } from '../failures.ts';
import { chooseMerchant } from '../merchant.ts';
import type { Language } from '../words.ts';

/** Makes an API key of a merchant. Only its digest is kept, so this is the one time it is seen. */
export async function makeApiKey(live: Live, merchant: Merchant): Promise<string> {
  const key = `dk_${merchant.mode}_${randomBytes(24).toString('base64url')}`;
  await live.store.saveApiKey(merchant.id, hashKey(key), 'command line');
  return key;
}

export function keyCommand(run: Run, language: Language): Command {
  return new Command('key')
    .description(language === 'zh' ? '新建 API 密钥（只显示一次）' : 'Make an API key, shown once')
    .option('--merchant <code>')
    .option('--json')
    .action((options: { readonly json?: boolean; readonly merchant?: string }) =>
      run(async ({ host, io }) => {
        const live = await host.live();
        const merchant = await chooseMerchant(live, options.merchant);
        const key = await makeApiKey(live, merchant);
        io.out(options.json ? `${JSON.stringify({ merchant: merchant.code, key })}\n` : `${key}\n`);
        return EXIT.ok;
      }),
    );
}
