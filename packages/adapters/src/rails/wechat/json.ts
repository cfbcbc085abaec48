/** A JSON object whose parts are still to be looked at. */
export type Json = Readonly<Record<string, unknown>>;

/** Reads a text as a JSON object; undefined when it is anything else. */
export function jsonObject(text: string | undefined): Json | undefined {
  if (text === undefined) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function objectAt(value: Json, name: string): Json | undefined {
  const inner = value[name];
  return isObject(inner) ? inner : undefined;
}

export function textAt(value: Json, name: string): string | undefined {
  const text = value[name];
  return typeof text === 'string' ? text : undefined;
}
