import {
  formatRatio,
  type Id,
  type IdPrefix,
  invariant,
  isCurrency,
  kindOfId,
  type Money,
  type Ratio,
} from '@daikou/core';
import { fromDate, fromDecimal, fromInstant, toDate, toInstant } from './columns.ts';

/** How a value of a noun stands in a JSON document, and back. */
export type Shape<T> = {
  readonly to: (value: T) => unknown;
  readonly from: (json: unknown) => T;
};

/** Text that is one of a union's words: the database keeps what core gave it. */
export function word<T extends string>(): Shape<T> {
  return { to: (value) => value, from: (json) => textOf(json) as T };
}

export const flag: Shape<boolean> = { to: (value) => value, from: (json) => json === true };

/** A small whole number: a position, a count. */
export const count: Shape<number> = {
  to: (value) => value,
  from: (json) => {
    invariant(typeof json === 'number' && Number.isSafeInteger(json), 'a count is a whole number');
    return json;
  },
};

/** A whole number of any size, as text: a JSON number is rounded when it is read. */
export const whole: Shape<bigint> = {
  to: (value) => value.toString(),
  from: (json) => BigInt(textOf(json)),
};

/**
 * An exact number: decimal text where that says it all, else "numerator/denominator", because a
 * rounded step would no longer add up to its line.
 */
export const exact: Shape<Ratio> = {
  to: (value) => {
    const decimal = formatRatio(value);
    const back = fromDecimal(decimal);
    return back.numerator * value.denominator === value.numerator * back.denominator
      ? decimal
      : `${value.numerator}/${value.denominator}`;
  },
  from: (json) => {
    const [numerator = '', denominator] = textOf(json).split('/');
    if (denominator === undefined) return fromDecimal(numerator);
    return { numerator: BigInt(numerator), denominator: BigInt(denominator) };
  },
};

export const date: Shape<Temporal.PlainDate> = {
  to: toDate,
  from: (json) => fromDate(textOf(json)),
};

export const instant: Shape<Temporal.Instant> = {
  to: toInstant,
  from: (json) => fromInstant(textOf(json)),
};

export function id<P extends IdPrefix>(prefix: P): Shape<Id<P>> {
  return {
    to: (value) => value,
    from: (json) => {
      const text = textOf(json) as Id<P>;
      invariant(kindOfId(text) === prefix, 'an id is of the kind that its field names');
      return text;
    },
  };
}

export const amount: Shape<Money> = {
  to: ({ minor, currency }) => ({ minor: minor.toString(), currency }),
  from: (json) => {
    const fields = fieldsOf(json);
    const currency = textOf(fields['currency']);
    invariant(isCurrency(currency), 'an amount has a currency that we keep');
    return { minor: BigInt(textOf(fields['minor'])), currency };
  },
};

export function list<T>(item: Shape<T>): Shape<readonly T[]> {
  return {
    to: (values) => values.map(item.to),
    from: (json) => {
      invariant(Array.isArray(json), 'a list is a list');
      return json.map((value) => item.from(value));
    },
  };
}

/** A record under snake_case names; what is absent on one side is absent on the other. */
export function record<T extends object>(
  fields: { readonly [K in keyof T]-?: Shape<Exclude<T[K], undefined>> },
): Shape<T> {
  const known = Object.entries(fields).map(([name, shape]) => ({
    name,
    stored: name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
    shape: shape as Shape<unknown>,
  }));
  return {
    to: (value) => {
      const json: Record<string, unknown> = {};
      for (const { name, stored, shape } of known) {
        const field = (value as Readonly<Record<string, unknown>>)[name];
        if (field !== undefined) json[stored] = shape.to(field);
      }
      return json;
    },
    from: (json) => {
      const given = fieldsOf(json);
      const value: Record<string, unknown> = {};
      for (const { name, stored, shape } of known) {
        const field = given[stored];
        if (field !== undefined) value[name] = shape.from(field);
      }
      return value as T;
    },
  };
}

/** One record per `type`. */
export function variants<T extends { readonly type: string }>(
  byType: { readonly [K in T['type']]: Shape<Extract<T, { readonly type: K }>> },
): Shape<T> {
  const shapes = new Map<string, unknown>(Object.entries(byType));
  const shapeOf = (type: string): Shape<T> => {
    const shape = shapes.get(type) as Shape<T> | undefined;
    invariant(shape !== undefined, `${type} is a variant that we keep`);
    return shape;
  };
  return {
    to: (value) => shapeOf(value.type).to(value),
    from: (json) => shapeOf(textOf(fieldsOf(json)['type'])).from(json),
  };
}

function textOf(json: unknown): string {
  invariant(typeof json === 'string', 'the document has a text here');
  return json;
}

function fieldsOf(json: unknown): Readonly<Record<string, unknown>> {
  invariant(typeof json === 'object' && json !== null, 'the document has a record here');
  return json as Readonly<Record<string, unknown>>;
}
