import { ChangeSubscriptionSchema, readBody } from '@daikou/api';
import { previewInvoice } from '@daikou/engine';
import { Command } from 'commander';
import { readDate } from '../../http/billing-body.ts';
import { toPreviewWire } from '../../http/billing-wire.ts';
import { readChange } from '../../http/change-body.ts';
import type { Run } from '../command.ts';
import { EXIT, orFailure } from '../failures.ts';
import { findSubscription } from '../find.ts';
import { jobOf } from '../merchant.ts';
import type { Language } from '../words.ts';
import { printInvoice, readJson } from './subscription.ts';

type Options = {
  readonly json?: boolean;
  readonly merchant?: string;
  readonly change?: string;
  readonly asOf?: string;
};

/** The next invoice of a subscription before it exists, or the one after a change. */
export function previewCommand(run: Run, language: Language): Command {
  const isZh = language === 'zh';
  return new Command('preview')
    .description(
      isZh ? '预览下一张账单，或变更后的账单' : 'Show the next invoice, or the one after a change',
    )
    .argument('<subscription-or-customer>')
    .option('--change <json-or-file>')
    .option('--as-of <yyyy-mm-dd>')
    .option('--merchant <code>')
    .option('--json')
    .action((id: string, options: Options) =>
      run(async ({ host, io }) => {
        const { change: text, asOf: day } = options;
        const change =
          text === undefined
            ? undefined
            : orFailure(readBody(ChangeSubscriptionSchema, readJson(io, text)));
        const asOf = day === undefined ? undefined : orFailure(readDate(day, '--as-of'));
        const job = await jobOf(host, options);
        const locale = isZh ? 'zh-CN' : 'en';
        const preview = orFailure(
          await previewInvoice(job, {
            subscriptionId: await findSubscription(job, id),
            locale,
            ...(change === undefined ? {} : { read: (facts) => readChange(change, facts) }),
            ...(asOf === undefined ? {} : { asOf }),
          }),
        );
        if (options.json) io.out(`${JSON.stringify(toPreviewWire(preview, locale))}\n`);
        else printInvoice(io, preview.invoice);
        return EXIT.ok;
      }),
    );
}
