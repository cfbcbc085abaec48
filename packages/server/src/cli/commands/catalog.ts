import { type Catalog, formatRatio, type PriceModel, type PriceVersion } from '@daikou/core';
import { type Published, publishCatalog } from '@daikou/engine';
import { Command } from 'commander';
import type { Run } from '../command.ts';
import { CommandFailure, EXIT } from '../failures.ts';
import { type Io, padEnd } from '../io.ts';
import { readJsonFile } from '../json-file.ts';
import { chooseMerchant, jobOf } from '../merchant.ts';
import type { Language } from '../words.ts';

type Options = {
  readonly json?: boolean;
  readonly merchant?: string;
  readonly dryRun?: boolean;
};

export function catalogCommand(run: Run, language: Language): Command {
  const isZh = language === 'zh';
  const command = new Command('catalog').description(
    isZh ? '发布或查看套餐与价格' : 'Publish or show plans and prices',
  );
  command.addCommand(publishCommand(run, isZh));
  command.addCommand(showCommand(run, isZh));
  return command;
}

function publishCommand(run: Run, isZh: boolean): Command {
  return new Command('publish')
    .description(isZh ? '发布 JSON 价目表' : 'Publish a catalogue from a JSON file')
    .argument('<file>')
    .option('--merchant <code>')
    .option('--dry-run')
    .option('--json')
    .action((file: string, options: Options) =>
      run(async ({ host, io }) => {
        const json = readJsonFile(io, file, 'docs/reference/billing.md');
        const job = await jobOf(host, options);
        const published = await publishCatalog(job, json, { dryRun: options.dryRun === true });
        if (!published.ok) {
          const { code, field, sentence, next } = published.refusal;
          const at = field === '' ? '' : `${field}: `;
          throw new CommandFailure({ code, sentence: `${at}${sentence}`, next });
        }
        if (options.json) io.out(`${JSON.stringify(published.value)}\n`);
        else printPublished(io, published.value);
        return EXIT.ok;
      }),
    );
}

function printPublished(io: Io, { added, unchanged, dryRun }: Published): void {
  const isZh = io.language === 'zh';
  for (const { plan, price, version, effectiveFrom } of added.versions) {
    io.out(
      isZh
        ? `${plan}/${price} 第 ${version} 版，${effectiveFrom} 起\n`
        : `${plan}/${price} version ${version}, from ${effectiveFrom}\n`,
    );
  }
  const counts = [added.products.length, added.plans.length, added.prices.length] as const;
  const [products, plans, prices] = counts;
  const versions = added.versions.length;
  if (isZh) {
    const verb = dryRun ? '将新增' : '已新增';
    io.out(`${verb} ${products} 个产品、${plans} 个套餐、${prices} 个价格、${versions} 个版本；`);
    io.out(`${unchanged} 项未变。\n`);
    return;
  }
  const verb = dryRun ? 'would be added' : 'added';
  io.out(`${products} products, ${plans} plans, ${prices} prices, ${versions} versions ${verb}; `);
  io.out(`${unchanged} unchanged.\n`);
}

function showCommand(run: Run, isZh: boolean): Command {
  return new Command('show')
    .description(isZh ? '列出套餐、价格与版本' : 'List plans, prices and their versions')
    .option('--merchant <code>')
    .option('--json')
    .action((options: Options) =>
      run(async ({ host, io }) => {
        const live = await host.live();
        const merchant = await chooseMerchant(live, options.merchant);
        const catalog = await live.store.transact(merchant.id, (tx) => tx.loadCatalog());
        if (options.json) io.out(`${JSON.stringify(catalog, plain)}\n`);
        else printCatalog(io, catalog);
        return EXIT.ok;
      }),
    );
}

/** Values that JSON has no form for: exact numbers and bigint as digits. */
function plain(_key: string, value: unknown): unknown {
  if (typeof value === 'bigint') return value.toString();
  const isRatio = typeof value === 'object' && value !== null && 'denominator' in value;
  return isRatio ? formatRatio(value as Parameters<typeof formatRatio>[0]) : value;
}

function printCatalog(io: Io, catalog: Catalog): void {
  const isZh = io.language === 'zh';
  for (const plan of catalog.plans) {
    io.out(`${plan.code}  ${isZh ? plan.nameZh : plan.nameEn}\n`);
    for (const price of catalog.prices.filter(({ planId }) => planId === plan.id)) {
      const name = isZh ? price.nameZh : price.nameEn;
      io.out(`  ${padEnd(price.code, 24)} ${padEnd(price.kind, 8)} ${name}\n`);
      for (const version of catalog.versions.filter(({ priceId }) => priceId === price.id)) {
        io.out(`    v${version.version} ${version.effectiveFrom}  ${termsOf(version)}\n`);
      }
    }
  }
}

function termsOf(version: PriceVersion): string {
  const { interval, currency } = version;
  const every = interval.count === 1 ? interval.unit : `${interval.count} ${interval.unit}s`;
  return `${amountOf(version.model)} ${currency} / ${every}, ${version.timing}`;
}

/** The unit price where a model has one, else the model's name. */
function amountOf(model: PriceModel): string {
  if (model.type === 'flat') return formatRatio(model.amount);
  if (model.type === 'per_unit') return `${formatRatio(model.unitAmount)} × n`;
  return model.type;
}
