import { type Currency, isCurrency, type Money, money } from '../money/money.ts';
import type { JsonObject, JsonValue, PolicyRefusal } from './policy.ts';

const CODE_OF = {
  missing: 'policy_field_missing',
  type: 'policy_field_not_valid',
  unknown: 'policy_field_unknown',
} as const;

/**
 * Reads the document of a policy field by field and keeps the first thing that is wrong, with its
 * path. Fields that nobody read are refused by `refuseUnread`: a misspelt cap must not be no cap.
 */
export class PolicyReader {
  readonly #json: JsonObject;
  readonly #path: string;
  readonly #read = new Set<string>();
  readonly #shared: { found: PolicyRefusal | undefined };

  constructor(json: JsonObject, at: { readonly path: string; readonly parent?: PolicyReader }) {
    this.#json = json;
    this.#path = at.path;
    this.#shared = at.parent === undefined ? { found: undefined } : at.parent.#shared;
  }

  /** The first refusal found in the whole document, if any. */
  get found(): PolicyRefusal | undefined {
    return this.#shared.found;
  }

  /** Keeps a refusal of the concept's own, unless another came first. */
  refuse(refusal: PolicyRefusal): void {
    this.#shared.found ??= refusal;
  }

  has(field: string): boolean {
    return this.#json[field] !== undefined;
  }

  /** A whole number from `least` to `most`; `otherwise` where the field is left out. */
  whole(
    field: string,
    bounds: { readonly least: number; readonly most: number; readonly otherwise?: number },
  ): number {
    const value = this.#take(field, bounds.otherwise);
    const { least, most } = bounds;
    if (typeof value === 'number' && Number.isSafeInteger(value)) {
      if (value >= least && value <= most) return value;
    }
    if (value !== undefined) this.#wrong(field, `a whole number from ${least} to ${most}`);
    return least;
  }

  flag(field: string, otherwise?: boolean): boolean {
    const value = this.#take(field, otherwise);
    if (typeof value === 'boolean') return value;
    if (value !== undefined) this.#wrong(field, 'true or false');
    return false;
  }

  text(field: string, otherwise?: string): string {
    const value = this.#take(field, otherwise);
    if (typeof value === 'string' && value !== '' && value.length <= 500) return value;
    if (value !== undefined) this.#wrong(field, 'a text of 1 to 500 characters');
    return '';
  }

  /** One word of a closed list. */
  word<Word extends string>(field: string, words: readonly Word[], otherwise?: Word): Word {
    const value = this.#take(field, otherwise);
    const known = words.find((word) => word === value);
    if (known !== undefined) return known;
    if (value !== undefined) this.#wrong(field, `one of ${words.join(', ')}`);
    return words[0] as Word;
  }

  /** Words of a closed list, each once. */
  words<Word extends string>(
    field: string,
    words: readonly Word[],
    otherwise?: readonly Word[],
  ): readonly Word[] {
    const value = this.#take(field, otherwise);
    if (value === undefined) return [];
    const list: readonly JsonValue[] = Array.isArray(value) ? value : [];
    const known = list.flatMap((one) => words.find((word) => word === one) ?? []);
    const isSound = Array.isArray(value) && known.length === list.length;
    if (!isSound || new Set(known).size !== known.length) {
      this.#wrong(field, `a list of ${words.join(', ')}, each once`);
    }
    return known;
  }

  /** An hour of the day as `HH:MM`. */
  time(field: string, otherwise?: string): Temporal.PlainTime {
    const value = this.#take(field, otherwise);
    if (typeof value === 'string' && /^([01]\d|2[0-3]):[0-5]\d$/.test(value)) {
      return Temporal.PlainTime.from(value);
    }
    if (value !== undefined) this.#wrong(field, 'an hour of the day such as 09:30');
    return Temporal.PlainTime.from('00:00');
  }

  /** Amounts by currency, in the smallest unit: `{ "CNY": 10000 }`; empty where left out. */
  amounts(field: string): readonly Money[] {
    const value = this.#take(field, {});
    if (!isObject(value)) {
      this.#wrong(field, 'amounts by currency in the smallest unit');
      return [];
    }
    return Object.entries(value).flatMap(([currency, minor]) => {
      if (isCurrency(currency) && typeof minor === 'number' && isAmount(minor)) {
        return [money(BigInt(minor), currency satisfies Currency)];
      }
      this.#wrong(`${field}.${currency}`, 'a whole number of the smallest unit of a currency');
      return [];
    });
  }

  /** The objects of a list, each read by a reader of its own; empty where left out. */
  list(field: string): readonly PolicyReader[] {
    const value = this.#take(field, []);
    if (!Array.isArray(value)) {
      this.#wrong(field, 'a list');
      return [];
    }
    return value.flatMap((one: JsonValue, index) => {
      const path = `${this.#path}${field}.${index}.`;
      if (isObject(one)) return [new PolicyReader(one, { path, parent: this })];
      this.#wrong(`${field}.${index}`, 'an object');
      return [];
    });
  }

  /** The object under a field; undefined where left out. */
  object(field: string): PolicyReader | undefined {
    this.#read.add(field);
    const value = this.#json[field];
    if (value === undefined) return undefined;
    const path = `${this.#path}${field}.`;
    if (isObject(value)) return new PolicyReader(value, { path, parent: this });
    this.#wrong(field, 'an object');
    return undefined;
  }

  /** Refuses a field that no one asked for. */
  refuseUnread(): void {
    const unread = Object.keys(this.#json).find((field) => !this.#read.has(field));
    if (unread === undefined) return;
    this.refuse({
      code: CODE_OF.unknown,
      sentence: `There is no field “${unread}” here.`,
      next: 'See docs/reference/policies.md for the fields of this kind.',
      field: `${this.#path}${unread}`,
    });
  }

  /** The value of a field, or what holds where it is left out; a missing one is refused. */
  #take(field: string, otherwise: JsonValue | undefined): JsonValue | undefined {
    this.#read.add(field);
    const given = this.#json[field];
    const value = given === undefined ? otherwise : given;
    if (value === undefined) {
      this.refuse({
        code: CODE_OF.missing,
        sentence: `The field “${field}” is missing.`,
        next: 'Add it; docs/reference/policies.md says what it means.',
        field: `${this.#path}${field}`,
      });
    }
    return value;
  }

  #wrong(field: string, wanted: string): void {
    this.refuse({
      code: CODE_OF.type,
      sentence: `The field “${field}” is not ${wanted}.`,
      next: `Give ${wanted}.`,
      field: `${this.#path}${field}`,
    });
  }
}

function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isAmount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}
