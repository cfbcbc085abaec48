import {
  type NewResourcePackBody,
  NewResourcePackSchema,
  type NewThresholdBody,
  NewThresholdSchema,
  readBody,
  toResourcePackWire,
  toThresholdWire,
} from '@daikou/api';
import { formatMoney, formatRatio } from '@daikou/core';
import {
  type AddedPack,
  addResourcePack,
  addThreshold,
  listResourcePacks,
  listThresholds,
  type MeteredPack,
  type MeteredThreshold,
} from '@daikou/engine';
import { Command } from 'commander';
import { readPack, readThreshold, toAddedPackWire } from '../../http/usage-bounds.ts';
import type { Run } from '../command.ts';
import { EXIT, orFailure } from '../failures.ts';
import { findCustomer } from '../find.ts';
import type { Io } from '../io.ts';
import { jobOf } from '../merchant.ts';
import type { Language } from '../words.ts';

type Common = { readonly json?: boolean; readonly merchant?: string };

type PackOptions = Common & {
  readonly units: string;
  readonly from?: string;
  readonly expires: string;
  readonly subscription?: string;
  readonly priceVersion?: string;
  readonly bill?: string;
};

type ThresholdOptions = Common & {
  readonly units?: string;
  readonly amount?: string;
  readonly currency: string;
  readonly anchor?: string;
  readonly every: string;
};

/** `daikou usage packs`: units that a customer has beforehand. */
export function packsCommand(run: Run, language: Language): Command {
  const isZh = language === 'zh';
  return new Command('packs')
    .description(isZh ? '资源包' : 'Resource packs: units beforehand')
    .addCommand(addPack(run, isZh))
    .addCommand(listPacks(run, isZh));
}

function addPack(run: Run, isZh: boolean): Command {
  return new Command('add')
    .description(
      isZh ? '赠送资源包，或通过一次性价格出售' : 'Give a pack, or sell it through a one-off price',
    )
    .argument('<customer>')
    .argument('<meter>')
    .requiredOption('--units <decimal>')
    .requiredOption('--expires <date>', isZh ? '失效日（当天不可用）' : 'its first day without it')
    .option('--from <date>', isZh ? '生效日，默认今天' : 'its first day; today when left out')
    .option('--price-version <id>', isZh ? '一次性价格的版本' : 'sells it: a one-off price')
    .option('--subscription <id>', isZh ? '记入该订阅的账单' : 'sells it: whose invoices carry it')
    .option('--bill <when>', isZh ? 'next_invoice 或 now' : 'next_invoice or now')
    .option('--merchant <code>')
    .option('--json')
    .action((customer: string, meter: string, options: PackOptions) =>
      run(async ({ host, io }) => {
        const body = orFailure(readBody(NewResourcePackSchema, packBody(meter, options)));
        const job = await jobOf(host, options);
        const request = orFailure(readPack(body, await findCustomer(job, customer)));
        const added = orFailure(await addResourcePack(job, request));
        if (options.json) io.out(`${JSON.stringify(toAddedPackWire(added))}\n`);
        else printAdded(io, added);
        return EXIT.ok;
      }),
    );
}

type Body<T> = { readonly [Key in keyof T]?: unknown };

/** The body of the API that the options say; the schema refuses what does not fit. */
function packBody(meter: string, options: PackOptions): Body<NewResourcePackBody> {
  const { units, from, expires, subscription, priceVersion, bill } = options;
  const isSale = [subscription, priceVersion, bill].some((one) => one !== undefined);
  return {
    meter,
    units,
    expires_on: expires,
    ...(from === undefined ? {} : { valid_from: from }),
    ...(isSale
      ? {
          sale: {
            ...(subscription === undefined ? {} : { subscription_id: subscription }),
            ...(priceVersion === undefined ? {} : { price_version_id: priceVersion }),
            ...(bill === undefined ? {} : { bill }),
          },
        }
      : {}),
  };
}

function printAdded(io: Io, added: AddedPack): void {
  io.out(`${packLine(added, io.language)}\n`);
  const { billed, lines } = added;
  const isZh = io.language === 'zh';
  if (billed !== undefined) io.out(`${billed.number}  ${formatMoney(billed.total)}\n`);
  else if (lines.length > 0) {
    io.out(isZh ? '记入下一张账单。\n' : 'It is on the next invoice.\n');
  }
}

function listPacks(run: Run, isZh: boolean): Command {
  return new Command('list')
    .description(isZh ? '客户的资源包及余量' : "A customer's packs, with what is left")
    .argument('<customer>')
    .option('--merchant <code>')
    .option('--json')
    .action((customer: string, options: Common) =>
      run(async ({ host, io }) => {
        const job = await jobOf(host, options);
        const packs = orFailure(await listResourcePacks(job, await findCustomer(job, customer)));
        if (options.json) {
          const data = packs.map(({ pack, meter }) => toResourcePackWire(pack, meter));
          io.out(`${JSON.stringify({ data })}\n`);
        } else for (const one of packs) io.out(`${packLine(one, io.language)}\n`);
        return EXIT.ok;
      }),
    );
}

function packLine({ pack, meter }: MeteredPack, language: Language): string {
  const [left, bought] = [formatRatio(pack.unitsLeft), formatRatio(pack.unitsBought)];
  const units = language === 'zh' ? `余 ${left} / ${bought}` : `${left} of ${bought} left`;
  return `${pack.id}  ${meter}  ${units}  ${pack.validFrom}..${pack.expiresOn}`;
}

/** `daikou usage thresholds`: usage or cost to be told of. */
export function thresholdsCommand(run: Run, language: Language): Command {
  const isZh = language === 'zh';
  return new Command('thresholds')
    .description(isZh ? '用量阈值' : 'Thresholds of usage or cost')
    .addCommand(addThresholdCommand(run, isZh))
    .addCommand(listThresholdsCommand(run, isZh));
}

function addThresholdCommand(run: Run, isZh: boolean): Command {
  return new Command('add')
    .description(isZh ? '新建阈值：用量或金额' : 'Add one: of units, or of an amount')
    .argument('<customer>')
    .argument('<meter>')
    .option('--units <decimal>')
    .option('--amount <minor>', isZh ? '金额，最小单位（分）' : 'in the smallest unit (分)')
    .option('--currency <code>', isZh ? '金额的币种' : 'of the amount', 'CNY')
    .option('--anchor <date>', isZh ? '周期起点，默认当月 1 日' : 'where periods begin')
    .option(
      '--every <unit>',
      isZh ? 'day、week、month 或 year' : 'day, week, month or year',
      'month',
    )
    .option('--merchant <code>')
    .option('--json')
    .action((customer: string, meter: string, options: ThresholdOptions) =>
      run(async ({ host, io }) => {
        const job = await jobOf(host, options);
        const customerId = await findCustomer(job, customer);
        const json = thresholdBody({ customer_id: customerId, meter }, options);
        const body = orFailure(readBody(NewThresholdSchema, json));
        const added = orFailure(await addThreshold(job, orFailure(readThreshold(body))));
        if (options.json) {
          io.out(`${JSON.stringify(toThresholdWire(added.threshold, added.meter))}\n`);
        } else io.out(`${thresholdLine(added)}\n`);
        return EXIT.ok;
      }),
    );
}

function thresholdBody(
  about: Pick<NewThresholdBody, 'customer_id' | 'meter'>,
  { units, amount, currency, anchor, every }: ThresholdOptions,
): Body<NewThresholdBody> {
  return {
    ...about,
    interval: { unit: every, count: 1 },
    ...(units === undefined ? {} : { units }),
    // What is no whole number stays text, which the schema refuses by its name.
    ...(amount === undefined
      ? {}
      : { amount: { amount: /^\d{1,15}$/.test(amount) ? Number(amount) : amount, currency } }),
    ...(anchor === undefined ? {} : { anchor }),
  };
}

function listThresholdsCommand(run: Run, isZh: boolean): Command {
  return new Command('list')
    .description(isZh ? '客户的阈值' : "A customer's thresholds")
    .argument('<customer>')
    .option('--merchant <code>')
    .option('--json')
    .action((customer: string, options: Common) =>
      run(async ({ host, io }) => {
        const job = await jobOf(host, options);
        const known = orFailure(await listThresholds(job, await findCustomer(job, customer)));
        if (options.json) {
          const data = known.map(({ threshold, meter }) => toThresholdWire(threshold, meter));
          io.out(`${JSON.stringify({ data })}\n`);
        } else for (const one of known) io.out(`${thresholdLine(one)}\n`);
        return EXIT.ok;
      }),
    );
}

function thresholdLine({ threshold, meter }: MeteredThreshold): string {
  const { limit, interval, anchor, id } = threshold;
  const what = limit.kind === 'units' ? formatRatio(limit.units) : formatMoney(limit.amount);
  return `${id}  ${meter}  ${what} / ${interval.count} ${interval.unit} (${anchor})`;
}

/** A customer by its id or by the merchant's own reference. */
