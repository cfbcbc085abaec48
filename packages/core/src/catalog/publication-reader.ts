import { RATIO_ZERO, type Ratio } from '../money/ratio.ts';
import type { PriceModel } from './price-model.ts';
import { parsePriceModel } from './price-model-json.ts';
import { isJsonObject, type JsonObject, PriceModelReader } from './price-model-reader.ts';
import type { PriceModelRefusalCode } from './price-model-refusals.ts';
import {
  type PublishRefusal,
  type PublishRefusalCode,
  publishRefusal,
} from './publish-refusals.ts';

const CODE = /^[a-z0-9][a-z0-9._-]{0,63}$/;
const DATE = /^\d{4}-\d{2}-\d{2}$/;
const TEXT_LENGTH = 200;
const NO_MODEL: PriceModel = { type: 'flat', amount: RATIO_ZERO };
const FIRST_DAY = Temporal.PlainDate.from('1970-01-01');

/**
 * Reads the fields of one object of a catalogue. As with price models, the first refusal is kept in
 * `found` and the methods answer harmless values after it. A field that is null counts as absent.
 */
export class PublicationReader {
  readonly path: string;
  readonly #json: JsonObject;
  readonly #found: PublishRefusal[];
  readonly #read = new Set<string>();

  constructor(json: JsonObject, path = '', found: PublishRefusal[] = []) {
    this.#json = json;
    this.path = path;
    this.#found = found;
  }

  /** The first refusal of this object and of all objects inside it. */
  get found(): PublishRefusal | undefined {
    return this.#found[0];
  }

  refuse(code: Exclude<PublishRefusalCode, PriceModelRefusalCode>, name: string): void {
    this.#found.push(publishRefusal(code, this.#at(name)));
  }

  value(name: string): unknown {
    this.#read.add(name);
    return this.#json[name] ?? undefined;
  }

  text(name: string): string {
    const value = this.value(name);
    if (typeof value === 'string' && value.length > 0 && value.length <= TEXT_LENGTH) return value;
    this.#refuseValue('text_not_valid', name);
    return '';
  }

  code(name: string): string {
    const value = this.value(name);
    if (typeof value === 'string' && CODE.test(value)) return value;
    this.#refuseValue('code_not_valid', name);
    return '';
  }

  choice<const T extends string>(name: string, words: readonly T[], otherwise?: T): T {
    const value = this.value(name);
    if (value === undefined && otherwise !== undefined) return otherwise;
    const found = words.find((word) => word === value);
    if (found !== undefined) return found;
    this.#refuseValue('choice_unknown', name);
    return words[0] as T;
  }

  whole(name: string, range: { readonly from: number; readonly to: number }): number {
    const value = this.value(name);
    if (typeof value === 'number' && Number.isInteger(value)) {
      if (value >= range.from && value <= range.to) return value;
    }
    this.#refuseValue('whole_number_not_valid', name);
    return range.from;
  }

  date(name: string): Temporal.PlainDate {
    const value = this.value(name);
    const date = typeof value === 'string' ? parseDate(value) : undefined;
    if (date !== undefined) return date;
    this.#refuseValue('date_not_valid', name);
    return FIRST_DAY;
  }

  /** An amount of zero or more in major units, as decimal text. */
  notNegative(name: string): Ratio {
    const reader = new PriceModelReader({ [name]: this.value(name) });
    const value = reader.notNegative(name);
    if (reader.found !== undefined) this.#found.push(this.#inside(reader.found, ''));
    return value;
  }

  model(name: string): PriceModel {
    const value = this.value(name);
    if (value === undefined) {
      this.refuse('field_missing', name);
      return NO_MODEL;
    }
    const parsed = parsePriceModel(value);
    if (parsed.ok) return parsed.value;
    this.#found.push(this.#inside(parsed.refusal, name));
    return NO_MODEL;
  }

  /** `{[key]: read}` when the field is there, else nothing: for spreading. */
  optional<K extends string, T>(
    key: K,
    name: string,
    read: (name: string) => T,
  ): Readonly<Partial<Record<K, T>>> {
    const field: Partial<Record<K, T>> = {};
    if (this.value(name) !== undefined) field[key] = read(name);
    return field;
  }

  /** A reader for each object of a list; none when the field is absent. */
  list(name: string): readonly PublicationReader[] {
    const value = this.value(name);
    if (value === undefined) return [];
    if (!Array.isArray(value)) {
      this.refuse('catalogue_malformed', name);
      return [];
    }
    return value.map((item: unknown, index) => this.#child(item, `${name}[${index}]`));
  }

  object(name: string): PublicationReader {
    return this.#child(this.value(name), name);
  }

  /** Refuses fields that nobody asked for: a misspelt bound must not be ignored in silence. */
  refuseUnread(): void {
    for (const name of Object.keys(this.#json)) {
      if (!this.#read.has(name)) this.refuse('field_unknown', name);
    }
  }

  #refuseValue(code: Exclude<PublishRefusalCode, PriceModelRefusalCode>, name: string): void {
    this.refuse(this.value(name) === undefined ? 'field_missing' : code, name);
  }

  #child(item: unknown, name: string): PublicationReader {
    if (!isJsonObject(item)) this.refuse('catalogue_malformed', name);
    return new PublicationReader(isJsonObject(item) ? item : {}, this.#at(name), this.#found);
  }

  #inside(
    refusal: { readonly code: PriceModelRefusalCode; readonly sentence: string } & {
      readonly next: string;
      readonly field?: string;
    },
    name: string,
  ): PublishRefusal {
    const path = [name, refusal.field ?? ''].filter((part) => part !== '').join('.');
    return { ...refusal, field: this.#at(path) };
  }

  #at(name: string): string {
    if (this.path === '') return name;
    return name === '' ? this.path : `${this.path}.${name}`;
  }
}

/** An ISO day, or undefined: "2026-02-30" is none. */
export function parseDate(text: string): Temporal.PlainDate | undefined {
  if (!DATE.test(text)) return undefined;
  try {
    return Temporal.PlainDate.from(text, { overflow: 'reject' });
  } catch {
    return undefined;
  }
}
