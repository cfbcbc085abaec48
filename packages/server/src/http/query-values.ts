import type { FastifyRequest } from 'fastify';

/**
 * Gives the parameters of a query the type that their schema asks for: in an address everything is
 * text. JSON bodies have types of their own, and nothing turns one into another there: `true` is no
 * quantity, and null is not 0. Text that is no such value stays text, for the schema to refuse.
 */
export async function typeQuery(request: FastifyRequest): Promise<void> {
  const types = propertiesOf(request.routeOptions.schema?.querystring);
  const query = request.query as Record<string, unknown>;
  for (const [name, value] of Object.entries(query)) {
    if (typeof value === 'string') query[name] = typedValue(value, types[name]?.type);
  }
}

type Properties = Readonly<Record<string, { readonly type?: unknown }>>;

function propertiesOf(schema: unknown): Properties {
  if (typeof schema !== 'object' || schema === null || !('properties' in schema)) return {};
  return schema.properties as Properties;
}

function typedValue(text: string, type: unknown): unknown {
  if (type === 'integer' && /^-?\d{1,15}$/.test(text)) return Number(text);
  if (type === 'boolean' && (text === 'true' || text === 'false')) return text === 'true';
  return text;
}
