import { resolvePath } from './package-order.ts';
import type { Finding, Rule, Source } from './source.ts';
import { at, codeOf, placeOf } from './source.ts';
import { syntaxOf } from './syntax.ts';

/** The alphabet: these four may import one another; no-cycles still holds between their files. */
export const ALPHABET: readonly string[] = ['money', 'calendar', 'ids', 'result'];

/** A concept may import the alphabet and every concept before it. */
export const CONCEPTS: readonly string[] = [
  'ledger',
  'catalog',
  'customer',
  'policy',
  'task',
  'webhook',
  'mandate',
  'subscription',
  'usage',
  'invoice',
  'notice',
  'debit',
  'payment',
  'refund',
  'arrears',
  'dunning',
  'entitlement',
  'cause',
  'checkup',
  'reconciliation',
  'tax-invoice',
  'exit',
  'care',
  'crm',
  'payout',
  'insight',
];

/** In core the ports come last: they are written in the words of all concepts. */
const CORE_ORDER: readonly string[] = [...CONCEPTS, 'ports'];
/** Elsewhere they come first: a use case is written against the ports that its package declares. */
const OUTER_ORDER: readonly string[] = ['ports', ...CONCEPTS];

const ORDERED_PACKAGES: readonly string[] = ['core', 'store', 'engine', 'api', 'web'];

/** Inside a package, concept folders import only those before them. */
export const conceptOrder: Rule = {
  name: 'concept-order',
  check: (sources) =>
    codeOf(sources).flatMap((source) => [...unknownFolder(source), ...disorderIn(source)]),
};

function disorderIn(source: Source): Omit<Finding, 'rule'>[] {
  const place = placeOf(source.path);
  if (place === null || place.concept === null) return [];
  if (!ORDERED_PACKAGES.includes(place.package)) return [];
  const from = place.concept;
  const own = orderOf(place.package, from);
  return syntaxOf(source).imports.flatMap(({ text, start }) => {
    if (!text.startsWith('.')) return [];
    const to = placeOf(resolvePath(source.path, text))?.concept ?? from;
    const other = orderOf(place.package, to);
    if (to === from || own === null || other === null || other < own || other === 0) return [];
    const advice = `move the shared part before ${from}, or the caller to ${to}`;
    return [at(source, start, `${from} comes before ${to} and may not import it; ${advice}`)];
  });
}

/** The alphabet has place 0; null for a folder that is no concept. */
function orderOf(packageName: string, concept: string): number | null {
  if (ALPHABET.includes(concept)) return 0;
  const index = (packageName === 'core' ? CORE_ORDER : OUTER_ORDER).indexOf(concept);
  return index < 0 ? null : index + 1;
}

/** In core every folder is a concept; a new one takes its place in the order first. */
function unknownFolder(source: Source): Omit<Finding, 'rule'>[] {
  const place = placeOf(source.path);
  if (place?.package !== 'core' || place.concept === null) return [];
  if (orderOf('core', place.concept) !== null) return [];
  const advice = 'move the file into a concept, or add the concept to tools/tidy/concept-order.ts';
  return [at(source, 0, `${place.concept} is not a concept of core; ${advice}`)];
}
