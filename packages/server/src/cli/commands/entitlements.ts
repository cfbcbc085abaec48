import { toEntitlementWire } from '@daikou/api';
import type { Entitlement, EntitlementStatus } from '@daikou/core';
import { findEntitlement } from '@daikou/engine';
import { Command } from 'commander';
import type { Run } from '../command.ts';
import { EXIT, orFailure } from '../failures.ts';
import type { Io } from '../io.ts';
import { jobOf } from '../merchant.ts';
import type { Language } from '../words.ts';

const STATUS_WORDS: Readonly<Record<EntitlementStatus, Readonly<Record<Language, string>>>> = {
  active: { zh: '可用', en: 'active' },
  limited: { zh: '受限', en: 'limited' },
  suspended: { zh: '停服', en: 'suspended' },
  ended: { zh: '已结束', en: 'ended' },
};

/** `daikou entitlements CUSTOMER`: what a customer may use now, why, and what changes next. */
export function entitlementsCommand(run: Run, language: Language): Command {
  const isZh = language === 'zh';
  return new Command('entitlements')
    .description(isZh ? '客户现在可以使用什么，以及原因' : 'What a customer may use now, and why')
    .argument('<customer>', isZh ? '客户编号或外部编号' : 'an id or a reference')
    .option('--merchant <code>')
    .option('--json')
    .action((customer: string, options: { readonly json?: boolean; readonly merchant?: string }) =>
      run(async ({ host, io }) => {
        const job = await jobOf(host, options);
        const locale = isZh ? 'zh-CN' : 'en';
        const entitlement = orFailure(await findEntitlement(job, customer, locale));
        if (options.json) io.out(`${JSON.stringify(toEntitlementWire(entitlement))}\n`);
        else print(io, entitlement);
        return EXIT.ok;
      }),
    );
}

function print(io: Io, entitlement: Entitlement): void {
  const isZh = io.language === 'zh';
  const { status, reason, modules, seats, limits, nextChange, overrides } = entitlement;
  io.out(`${STATUS_WORDS[status][io.language]}: ${reason.sentence}\n`);
  for (const { code, active, until } of modules) {
    const end = until === undefined ? '' : `  → ${until}`;
    io.out(`  ${active ? '✓' : '✗'} ${code}${end}\n`);
  }
  for (const { code, quantity } of [...seats, ...limits]) io.out(`  ${code} × ${quantity}\n`);
  for (const { kind, code, until, by, why } of overrides) {
    io.out(`  ${kind}${code === undefined ? '' : ` ${code}`} → ${until}  (${by}: ${why})\n`);
  }
  if (nextChange !== undefined) {
    io.out(`${isZh ? '下一步' : 'Next'}: ${nextChange.at}  ${nextChange.why}\n`);
  }
}
