import {
  compareRatio,
  type DecimalRefusal,
  parseRatio,
  RATIO_ONE,
  RATIO_ZERO,
  type Ratio,
} from '../money/ratio.ts';
import {
  type PriceModelRefusal,
  type PriceModelRefusalCode,
  priceModelRefusal,
} from './price-model-refusals.ts';

export type JsonObject = Readonly<Record<string, unknown>>;

const NUMBER_REFUSALS: Record<DecimalRefusal['code'], PriceModelRefusalCode> = {
  decimal_not_a_number: 'price_number_not_a_decimal',
  decimal_too_precise: 'price_number_too_precise',
  decimal_too_large: 'price_number_too_large',
};

/**
 * Reads the fields of one JSON object. The first refusal is kept in `found`; after it the methods
 * answer harmless values, so that the caller builds its model in one expression and asks once.
 * A field that is null counts as absent.
 */
export class PriceModelReader {
  readonly #json: JsonObject;
  readonly #path: string;
  readonly #found: PriceModelRefusal[];
  readonly #read = new Set<string>();

  constructor(json: JsonObject, path = '', found: PriceModelRefusal[] = []) {
    this.#json = json;
    this.#path = path;
    this.#found = found;
  }

  /** The first refusal of this object and of all objects inside it. */
  get found(): PriceModelRefusal | undefined {
    return this.#found[0];
  }

  refuse(code: PriceModelRefusalCode, name: string): void {
    this.#found.push(priceModelRefusal(code, this.#at(name)));
  }

  /** The value of a field that may be absent. */
  value(name: string): unknown {
    this.#read.add(name);
    return this.#json[name] ?? undefined;
  }

  /** Amounts, quantities and bounds: zero or more. */
  notNegative(name: string): Ratio {
    const value = this.#decimal(name);
    if (compareRatio(value, RATIO_ZERO) < 0) this.refuse('price_amount_negative', name);
    return value;
  }

  /** Sizes: above zero, or one more unit would need endless packages. */
  positive(name: string): Ratio {
    const value = this.#decimal(name);
    if (compareRatio(value, RATIO_ZERO) <= 0) this.refuse('price_size_not_positive', name);
    return value;
  }

  /** A share from 0 to 1. */
  share(name: string): Ratio {
    const value = this.notNegative(name);
    if (compareRatio(value, RATIO_ONE) > 0) this.refuse('price_rate_above_one', name);
    return value;
  }

  /** A count of zero or more. */
  whole(name: string): bigint {
    const { numerator, denominator } = this.notNegative(name);
    if (denominator !== 1n) this.refuse('price_number_not_whole', name);
    return numerator;
  }

  /** `{[key]: read}` when the field is there, else nothing: for spreading into a model. */
  optional<K extends string, T>(
    key: K,
    name: string,
    read: (name: string) => T,
  ): Readonly<Partial<Record<K, T>>> {
    const field: Partial<Record<K, T>> = {};
    if (this.value(name) !== undefined) field[key] = read(name);
    return field;
  }

  /** A reader for each object of a list. */
  list(name: string): readonly PriceModelReader[] {
    const value = this.value(name);
    if (!Array.isArray(value) || value.length === 0) {
      this.refuse('price_tiers_missing', name);
      return [];
    }
    return value.map((item: unknown, index) => this.#inside(item, `${name}[${index}]`));
  }

  /** A reader for the object in a field. */
  object(name: string): PriceModelReader {
    return this.#inside(this.value(name), name);
  }

  /** Refuses fields that nobody asked for: a misspelt allowance must not be ignored in silence. */
  refuseUnread(): void {
    for (const name of Object.keys(this.#json)) {
      if (!this.#read.has(name)) this.refuse('price_model_field_unknown', name);
    }
  }

  #inside(item: unknown, name: string): PriceModelReader {
    if (!isJsonObject(item)) this.refuse('price_model_malformed', name);
    return new PriceModelReader(isJsonObject(item) ? item : {}, this.#at(name), this.#found);
  }

  /** Text only: a JSON number has passed through floating point before we see it. */
  #decimal(name: string): Ratio {
    const value = this.value(name);
    if (typeof value !== 'string') {
      const isMissing = value === undefined;
      this.refuse(isMissing ? 'price_model_field_missing' : 'price_number_not_a_decimal', name);
      return RATIO_ONE;
    }
    const parsed = parseRatio(value);
    if (parsed.ok) return parsed.value;
    this.refuse(NUMBER_REFUSALS[parsed.refusal.code], name);
    return RATIO_ONE;
  }

  #at(name: string): string {
    if (this.#path === '') return name;
    return name === '' ? this.#path : `${this.#path}.${name}`;
  }
}

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
