import type { Rule, Source } from './source.ts';
import { at, codeOf, isTest, placeOf } from './source.ts';
import { syntaxOf } from './syntax.ts';

interface Synonym {
  readonly use: string;
  /** Only as the name of a type: as a verb or part of a phrase the word is harmless. */
  readonly isTypeOnly?: boolean;
}

/** Words that mean something else here, or the same as a word that we already have. */
const SYNONYMS: Readonly<Record<string, Synonym>> = {
  transaction: { use: 'entry, posting or attempt; a transaction is one of the database' },
  agreement: { use: 'mandate' },
  fapiao: { use: 'taxInvoice' },
  tenant: { use: 'merchant' },
  discrepancy: { use: 'break' },
  chargeback: { use: 'dispute' },
  charge: { use: 'debit for the order, attempt for one try, payment for money', isTypeOnly: true },
  order: { use: 'debit', isTypeOnly: true },
  receipt: { use: 'payment', isTypeOnly: true },
};

/** Identifiers of core say the words of docs/GLOSSARY.md. */
export const glossary: Rule = {
  name: 'glossary',
  check: (sources) =>
    codeOf(sources)
      .filter(({ path }) => placeOf(path)?.package === 'core' && !isTest(path))
      .flatMap(synonymsIn),
};

function synonymsIn(source: Source) {
  const { identifiers, typeNames } = syntaxOf(source);
  const seen = new Set<string>();
  return [...typeNames, ...identifiers].flatMap((spot, index) => {
    const isType = index < typeNames.length;
    const word = wordsOf(spot.text).find((each) => isForbidden(each, isType));
    if (word === undefined || seen.has(spot.text)) return [];
    seen.add(spot.text);
    return [at(source, spot.start, `${spot.text} says "${word}"; say ${SYNONYMS[word]?.use}`)];
  });
}

function isForbidden(word: string, isType: boolean): boolean {
  const synonym = Object.hasOwn(SYNONYMS, word) ? SYNONYMS[word] : undefined;
  return synonym !== undefined && (isType || synonym.isTypeOnly !== true);
}

/** The words of camelCase, PascalCase and CONSTANT_CASE, in the singular. */
function wordsOf(identifier: string): readonly string[] {
  const spaced = identifier.replace(/([a-z0-9])([A-Z])/g, '$1 $2').toLowerCase();
  return spaced.split(/[^a-z0-9]+/).map((word) => word.replace(/s$/, ''));
}
