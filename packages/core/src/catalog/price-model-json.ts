import { compareRatio, formatRatio, RATIO_ZERO, type Ratio } from '../money/ratio.ts';
import { unreachable } from '../result/invariant.ts';
import { ok, type Result, refuse } from '../result/result.ts';
import type {
  BlockTier,
  PercentageModel,
  PercentageTier,
  PriceModel,
  QuantityModel,
  Tier,
} from './price-model.ts';
import { isJsonObject, PriceModelReader } from './price-model-reader.ts';
import { MAX_TIERS, type PriceModelRefusal, priceModelRefusal } from './price-model-refusals.ts';

/** The stored form of a price model: snake_case, every number a decimal text in major units. */
export type PriceModelJson = { readonly type: string; readonly [field: string]: unknown };

/**
 * Reads the stored form. Refuses, with the name of the field: unknown types and fields, numbers
 * that are not plain decimal text of at most 12 places, amounts below zero, sizes of zero, rates
 * above 100 %, tiers that overlap, are unsorted, or leave usage without a price.
 */
export function parsePriceModel(json: unknown): Result<PriceModel, PriceModelRefusal> {
  if (!isJsonObject(json)) return refuse(priceModelRefusal('price_model_malformed', ''));
  const reader = new PriceModelReader(json);
  const model = readModel(reader);
  reader.refuseUnread();
  if (reader.found !== undefined) return refuse(reader.found);
  return model === undefined ? refuse(priceModelRefusal('price_model_unknown', 'type')) : ok(model);
}

function readModel(reader: PriceModelReader): PriceModel | undefined {
  switch (reader.value('type')) {
    case 'percentage':
      return readPercentage(reader);
    case 'graduated_percentage': {
      const tiers = reader.list('tiers').map(readPercentageTier);
      refuseUnsound(reader, tiers);
      return { type: 'graduated_percentage', tiers };
    }
    case 'dynamic':
      return {
        type: 'dynamic',
        ...reader.optional('multiplier', 'multiplier', (name) => reader.notNegative(name)),
      };
    case 'buckets': {
      const inside = reader.object('price');
      const price = readQuantityModel(inside);
      if (price === undefined) {
        reader.refuse('price_buckets_nested', 'price.type');
        return undefined;
      }
      inside.refuseUnread();
      return { type: 'buckets', price };
    }
    default:
      return readQuantityModel(reader) ?? refuseType(reader);
  }
}

/** Says the cause (the type) before the consequence (none of the other fields is known). */
function refuseType(reader: PriceModelReader): undefined {
  const isMissing = reader.value('type') === undefined;
  reader.refuse(isMissing ? 'price_model_malformed' : 'price_model_unknown', 'type');
}

function readQuantityModel(reader: PriceModelReader): QuantityModel | undefined {
  const type = reader.value('type');
  switch (type) {
    case 'flat':
      return { type, amount: reader.notNegative('amount') };
    case 'per_unit':
      return { type, unitAmount: reader.notNegative('unit_amount'), ...readFreeUnits(reader) };
    case 'graduated':
    case 'volume': {
      const tiers = reader.list('tiers').map(readTier);
      refuseUnsound(reader, tiers);
      return { type, tiers, ...readFreeUnits(reader) };
    }
    case 'package':
      return {
        type,
        packageSize: reader.positive('package_size'),
        packageAmount: reader.notNegative('package_amount'),
        ...readFreeUnits(reader),
        ...reader.optional('rounding', 'rounding', (name) => readRounding(reader, name)),
      };
    case 'block_graduated':
    case 'block_volume': {
      const tiers = reader.list('tiers').map(readBlockTier);
      refuseOpenness(
        reader,
        tiers.map(({ maxBlocks }) => ({ isOpen: maxBlocks === undefined })),
        'max_blocks',
      );
      return { type, tiers };
    }
    default:
      return undefined;
  }
}

function readPercentage(reader: PriceModelReader): PercentageModel {
  const amount = (name: string) => reader.notNegative(name);
  const model: PercentageModel = {
    type: 'percentage',
    rate: reader.share('rate'),
    ...reader.optional('fixedAmount', 'fixed_amount', amount),
    ...reader.optional('freeEvents', 'free_events', (name) => reader.whole(name)),
    ...reader.optional('freeAmount', 'free_amount', amount),
    ...reader.optional('minimumPerEvent', 'minimum_per_event', amount),
    ...reader.optional('maximumPerEvent', 'maximum_per_event', amount),
  };
  const { minimumPerEvent: minimum, maximumPerEvent: maximum } = model;
  if (minimum !== undefined && maximum !== undefined && compareRatio(minimum, maximum) > 0) {
    reader.refuse('price_bounds_crossed', 'minimum_per_event');
  }
  return model;
}

function readFreeUnits(reader: PriceModelReader): { readonly freeUnits?: Ratio } {
  return reader.optional('freeUnits', 'free_units', (name) => reader.notNegative(name));
}

function readRounding(reader: PriceModelReader, name: string): 'up' | 'down' {
  const value = reader.value(name);
  if (value === 'up' || value === 'down') return value;
  reader.refuse('price_rounding_unknown', name);
  return 'up';
}

function readTier(reader: PriceModelReader): Tier {
  const tier = {
    ...reader.optional('upTo', 'up_to', (name) => reader.notNegative(name)),
    unitAmount: reader.notNegative('unit_amount'),
    flatAmount: readFlatAmount(reader),
  };
  reader.refuseUnread();
  return tier;
}

function readPercentageTier(reader: PriceModelReader): PercentageTier {
  const tier = {
    ...reader.optional('upTo', 'up_to', (name) => reader.notNegative(name)),
    rate: reader.share('rate'),
    flatAmount: readFlatAmount(reader),
  };
  reader.refuseUnread();
  return tier;
}

function readFlatAmount(reader: PriceModelReader): Ratio {
  return reader.value('flat_amount') === undefined ? RATIO_ZERO : reader.notNegative('flat_amount');
}

function readBlockTier(reader: PriceModelReader): BlockTier {
  const tier = {
    blockSize: reader.positive('block_size'),
    ...reader.optional('maxBlocks', 'max_blocks', (name) => readMaxBlocks(reader, name)),
    blockAmount: reader.notNegative('block_amount'),
  };
  reader.refuseUnread();
  return tier;
}

function readMaxBlocks(reader: PriceModelReader, name: string): bigint {
  const blocks = reader.whole(name);
  if (blocks === 0n) reader.refuse('price_size_not_positive', name);
  return blocks;
}

/** Bounds rise strictly from above zero, and exactly the last tier is open. */
function refuseUnsound(
  reader: PriceModelReader,
  tiers: readonly { readonly upTo?: Ratio }[],
): void {
  const openness = tiers.map(({ upTo }) => ({ isOpen: upTo === undefined }));
  refuseOpenness(reader, openness, 'up_to');
  let below = RATIO_ZERO;
  tiers.forEach(({ upTo }, index) => {
    if (upTo === undefined) return;
    if (compareRatio(upTo, below) <= 0) {
      reader.refuse('price_tiers_not_rising', `tiers[${index}].up_to`);
    }
    below = upTo;
  });
}

function refuseOpenness(
  reader: PriceModelReader,
  tiers: readonly { readonly isOpen: boolean }[],
  bound: string,
): void {
  if (tiers.length > MAX_TIERS) reader.refuse('price_tiers_too_many', 'tiers');
  const last = tiers.length - 1;
  tiers.forEach(({ isOpen }, index) => {
    const field = `tiers[${index}].${bound}`;
    if (isOpen && index < last) reader.refuse('price_tier_open_not_last', field);
    if (!isOpen && index === last) reader.refuse('price_tiers_not_open_ended', field);
  });
}

/** The stored form of a model; `parsePriceModel` reads it back to an equal model. */
export function toPriceModelJson(model: PriceModel): PriceModelJson {
  switch (model.type) {
    case 'flat':
      return { type: model.type, amount: formatRatio(model.amount) };
    case 'dynamic':
    case 'per_unit':
    case 'package':
    case 'percentage':
      return { type: model.type, ...fieldsToJson(model) };
    case 'graduated':
    case 'volume':
    case 'graduated_percentage':
    case 'block_graduated':
    case 'block_volume':
      return { type: model.type, ...fieldsToJson(model), tiers: model.tiers.map(fieldsToJson) };
    case 'buckets':
      return { type: model.type, price: toPriceModelJson(model.price) };
    default:
      return unreachable(model);
  }
}

/** The plain fields of a record under their snake_case names; lists are the caller's. */
function fieldsToJson(record: object): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(record)
      .filter(([, value]) => value !== undefined && !Array.isArray(value))
      .map(([name, value]) => [snakeCase(name), valueText(value)]),
  );
}

function valueText(value: Ratio | bigint | string): string {
  if (typeof value === 'string') return value;
  return typeof value === 'bigint' ? value.toString() : formatRatio(value);
}

function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
