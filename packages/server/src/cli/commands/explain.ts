import { type Difference, explain } from '@daikou/engine';
import { Command } from 'commander';
import type { Run } from '../command.ts';
import { EXIT } from '../failures.ts';
import type { Io } from '../io.ts';
import { chooseMerchant } from '../merchant.ts';
import type { Language } from '../words.ts';

export function explainCommand(run: Run, language: Language): Command {
  const isZh = language === 'zh';
  return new Command('explain')
    .description(
      isZh
        ? '解释一笔扣款：扣款单、账单、通知的编号，商户订单号或客户号'
        : 'Explain a charge from its id, invoice, order number or customer number',
    )
    .argument('<reference>')
    .option('--merchant <code>')
    .option('--json')
    .action((reference: string, options: { readonly json?: boolean; readonly merchant?: string }) =>
      run(async ({ host, io }) => {
        const live = await host.live();
        const merchant = await chooseMerchant(live, options.merchant);
        const job = await live.jobOf(merchant);
        const answer = await explain(job, reference, isZh ? 'zh-CN' : 'en');
        if (options.json) {
          io.out(`${JSON.stringify(answer, plain)}\n`);
          return answer.kind === 'not_found' ? EXIT.refused : EXIT.ok;
        }
        if (answer.kind === 'not_found') {
          io.err(
            isZh
              ? `没有找到 ${reference}。可以输入扣款单、账单、通知编号，商户订单号或客户号。\n`
              : `Nothing here is called ${reference}. Give a debit, invoice or notice id, ` +
                  'an order number or a customer number.\n',
          );
          return EXIT.refused;
        }
        const { sentence, arithmetic, evidence } = answer.explanation;
        io.out(`${sentence}\n\n`);
        for (const line of arithmetic) io.out(`  ${line}\n`);
        io.out('\n');
        for (const line of evidence) io.out(`  · ${line}\n`);
        for (const cause of answer.causes) io.out(`\n${cause}\n`);
        for (const difference of answer.differences) printDifference(io, difference);
        return EXIT.ok;
      }),
    );
}

/** Values that JSON has no form for: amounts of the smallest unit as digits. */
function plain(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? value.toString() : value;
}

function printDifference(io: Io, { invoice, before, sentences }: Difference): void {
  io.out(
    io.language === 'zh'
      ? `\n账单 ${invoice} 与上一账单 ${before} 的差异\n`
      : `\nWhy invoice ${invoice} differs from ${before}\n`,
  );
  for (const sentence of sentences) io.out(`  · ${sentence}\n`);
}
