import type { Meter, MeterFilter, NewMeter, UnitRounding } from '@daikou/core';
import {
  addMeter,
  importUsageFile,
  type RowMapping,
  refoldUsage,
  type UsageImportResult,
} from '@daikou/engine';
import { Command } from 'commander';
import type { Run } from '../command.ts';
import { CommandFailure, EXIT } from '../failures.ts';
import type { Io } from '../io.ts';
import { chooseMerchant } from '../merchant.ts';
import { makeProgress } from '../progress.ts';
import type { Language } from '../words.ts';
import { resolvePath } from './import.ts';
import { packsCommand, thresholdsCommand } from './usage-bounds.ts';

type Common = { readonly json?: boolean; readonly merchant?: string };

type ImportOptions = Common & {
  readonly period: string;
  readonly source?: string;
  readonly type?: string;
  readonly subject?: string;
  readonly id?: string;
  readonly timeColumn?: string;
  readonly utc?: boolean;
};

type MeterOptions = Common & {
  readonly eventType: string;
  readonly aggregation: string;
  readonly value?: string;
  readonly filter?: readonly string[];
  readonly groupBy?: string;
  readonly rounding?: string;
  readonly negative?: boolean;
  readonly keepValues?: boolean;
  readonly nameZh?: string;
  readonly nameEn?: string;
};

/** `daikou usage`: usage from files, the meters that count it, resource packs and thresholds. */
export function usageCommand(run: Run, language: Language): Command {
  return new Command('usage')
    .description(
      language === 'zh'
        ? '用量：导入文件、计量、资源包、阈值'
        : 'Usage: import files, meters, resource packs, thresholds',
    )
    .addCommand(importUsage(run, language))
    .addCommand(refoldCommand(run, language))
    .addCommand(metersCommand(run, language))
    .addCommand(packsCommand(run, language))
    .addCommand(thresholdsCommand(run, language));
}

function importUsage(run: Run, language: Language): Command {
  const says = (zh: string, en: string) => (language === 'zh' ? zh : en);
  return new Command('import')
    .description(
      says(
        '导入用量文件（csv、ndjson，可为 gz）',
        'Import a file of usage (csv or ndjson, also gzipped)',
      ),
    )
    .argument('<file>')
    .requiredOption(
      '--period <from..until>',
      says('期间，不含终点', 'its period, until not inside'),
    )
    .option('--merchant <code>')
    .option('--source <template>', says('来源', 'the source, {file} when nothing says it'))
    .option('--type <template>', says('事件类型', 'the event type'))
    .option('--subject <template>', says('客户', 'the customer, for example tenant-{line%100}'))
    .option('--id <template>', says('事件编号', 'the event id, {file}:{line} when nothing says it'))
    .option('--time-column <name>', says('时间列', 'the column of the time'))
    .option('--utc', says('无时区的时间按 UTC', 'times without an offset are UTC'))
    .option('--json')
    .action((file: string, options: ImportOptions) =>
      run(async ({ host, io }) => {
        const live = await host.live();
        const merchant = await chooseMerchant(live, options.merchant);
        const job = await live.jobOf(merchant, makeProgress(io));
        const imported = await importUsageFile(job, resolvePath(io, file), {
          ...readPeriod(options.period, merchant.zone),
          mapping: mappingOf(options),
          assumeUtc: options.utc === true,
        });
        if (!imported.ok) throw new CommandFailure(imported.refusal);
        if (options.json) io.out(`${JSON.stringify(toJson(imported.value))}\n`);
        else printImport(io, imported.value);
        return EXIT.ok;
      }),
    );
}

function mappingOf({ source, type, subject, id, timeColumn }: ImportOptions): RowMapping {
  return {
    ...(source === undefined ? {} : { source }),
    ...(type === undefined ? {} : { type }),
    ...(subject === undefined ? {} : { subject }),
    ...(id === undefined ? {} : { id }),
    ...(timeColumn === undefined ? {} : { timeColumn }),
  };
}

/** Two dates in the merchant's zone, or two moments. */
function readPeriod(text: string, zone: string) {
  const [from = '', until = '', ...more] = text.split('..');
  const moments = more.length > 0 ? undefined : readMoments(from, until, zone);
  if (moments !== undefined && Temporal.Instant.compare(moments.from, moments.until) < 0) {
    return moments;
  }
  throw new CommandFailure({
    code: 'period_not_valid',
    sentence: `“${text}” is not a period that runs forward.`,
    next: 'Write it as 2026-11-01..2026-12-01, or with moments; its end is not inside.',
    exitCode: EXIT.usage,
  });
}

function readMoments(from: string, until: string, zone: string) {
  try {
    return { from: readMoment(from, zone), until: readMoment(until, zone) };
  } catch {
    return undefined;
  }
}

function readMoment(text: string, zone: string): Temporal.Instant {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return Temporal.Instant.from(text);
  return Temporal.PlainDate.from(text).toZonedDateTime(zone).toInstant();
}

function toJson(result: UsageImportResult) {
  const { rows, accepted, duplicates, refused, refusals, wasDone } = result;
  return { rows, accepted, duplicates, refused, refusals, was_done: wasDone };
}

function printImport(io: Io, result: UsageImportResult): void {
  const isZh = io.language === 'zh';
  for (const { line, field, sentence } of result.refusals) {
    const where = field === undefined ? '' : ` ${field}`;
    io.out(isZh ? `第 ${line} 行${where}：${sentence}\n` : `line ${line}${where}: ${sentence}\n`);
  }
  const { rows, accepted, duplicates, refused } = result;
  io.out(
    isZh
      ? `共 ${rows} 行：新增 ${accepted}，重复 ${duplicates}，拒收 ${refused}。\n`
      : `${rows} rows: ${accepted} new, ${duplicates} known, ${refused} refused.\n`,
  );
  if (result.wasDone) {
    io.out(
      isZh ? '此文件早已导入，没有变化。\n' : 'This import was done before; nothing changed.\n',
    );
  }
}

function refoldCommand(run: Run, language: Language): Command {
  return new Command('refold')
    .description(
      language === 'zh'
        ? '重新汇总被搁置的用量（先排除原因）'
        : 'Count usage that was set aside, once the cause is mended',
    )
    .option('--merchant <code>')
    .option('--json')
    .action((options: Common) =>
      run(async ({ host, io }) => {
        const live = await host.live();
        const merchant = await chooseMerchant(live, options.merchant);
        const { reopened, events } = await refoldUsage(await live.jobOf(merchant));
        const isZh = io.language === 'zh';
        if (options.json) io.out(`${JSON.stringify({ reopened, events })}\n`);
        else {
          io.out(
            isZh
              ? `重新打开 ${reopened} 批，汇总 ${events} 条。\n`
              : `${reopened} batches opened again, ${events} events counted.\n`,
          );
        }
        return EXIT.ok;
      }),
    );
}

function metersCommand(run: Run, language: Language): Command {
  return new Command('meters')
    .description(language === 'zh' ? '计量' : 'Meters')
    .addCommand(addCommand(run, language))
    .addCommand(listCommand(run, language));
}

function addCommand(run: Run, language: Language): Command {
  const gather = (value: string, known: readonly string[] = []) => [...known, value];
  return new Command('add')
    .description(
      language === 'zh' ? '新建计量（不可修改）' : 'Make a meter; meters are never changed',
    )
    .argument('<code>')
    .requiredOption('--event-type <type>')
    .requiredOption('--aggregation <kind>')
    .option('--value <property>')
    .option('--filter <property=value,value>', '', gather)
    .option('--group-by <property,property>')
    .option('--rounding <mode:places>')
    .option('--negative')
    .option('--keep-values')
    .option('--name-zh <text>')
    .option('--name-en <text>')
    .option('--merchant <code>')
    .option('--json')
    .action((code: string, options: MeterOptions) =>
      run(async ({ host, io }) => {
        const live = await host.live();
        const merchant = await chooseMerchant(live, options.merchant);
        const added = await addMeter(await live.jobOf(merchant), toNewMeter(code, options));
        if (!added.ok) throw new CommandFailure(added.refusal);
        io.out(options.json ? `${JSON.stringify(added.value)}\n` : `${line(added.value)}\n`);
        return EXIT.ok;
      }),
    );
}

function listCommand(run: Run, language: Language): Command {
  return new Command('list')
    .description(language === 'zh' ? '列出计量' : 'List the meters')
    .option('--merchant <code>')
    .option('--json')
    .action((options: Common) =>
      run(async ({ host, io }) => {
        const live = await host.live();
        const merchant = await chooseMerchant(live, options.merchant);
        const meters = await live.store.transact(merchant.id, (tx) => tx.loadMeters());
        if (options.json) io.out(`${JSON.stringify(meters)}\n`);
        else for (const meter of meters) io.out(`${line(meter)}\n`);
        return EXIT.ok;
      }),
    );
}

function line({ code, eventType, aggregation, valueProperty = '', groupBy }: Meter): string {
  const by = groupBy.length === 0 ? '' : ` by ${groupBy.join(', ')}`;
  return `${code}  ${aggregation} ${valueProperty}  ${eventType}${by}`;
}

function toNewMeter(code: string, options: MeterOptions): NewMeter {
  const { value, filter, groupBy, rounding, negative, keepValues, nameZh, nameEn } = options;
  return {
    code,
    eventType: options.eventType,
    aggregation: options.aggregation,
    ...(value === undefined ? {} : { valueProperty: value }),
    ...(filter === undefined ? {} : { filters: filter.map(toFilter) }),
    ...(groupBy === undefined ? {} : { groupBy: groupBy.split(',') }),
    ...(rounding === undefined ? {} : { rounding: toRounding(rounding) }),
    ...(negative === undefined ? {} : { takesNegative: negative }),
    ...(keepValues === true ? { keeps: 'values' as const } : {}),
    ...(nameZh === undefined ? {} : { nameZh }),
    ...(nameEn === undefined ? {} : { nameEn }),
  };
}

/** `model=a,b`; what is wrong with it is said by the rules of meters. */
function toFilter(text: string): MeterFilter {
  const at = text.indexOf('=');
  if (at < 0) return { property: text, values: [] };
  return { property: text.slice(0, at), values: text.slice(at + 1).split(',') };
}

function toRounding(text: string): UnitRounding {
  const [mode = '', places = '0'] = text.split(':');
  return { mode: mode as UnitRounding['mode'], places: Number(places) };
}
