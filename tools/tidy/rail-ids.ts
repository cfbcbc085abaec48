import type { Rule, Source } from './source.ts';
import { at, codeOf, isTest, placeOf } from './source.ts';
import type { Spot } from './syntax.ts';
import { syntaxOf } from './syntax.ts';

/** Names of rails as they appear in identifiers and strings, in small letters. */
const RAILS: readonly string[] = ['wechat', 'alipay', 'unionpay', 'sepa'];

/** Where a rail may be named outside its own folder, and why. */
const PLACES: Readonly<Record<string, string>> = {
  'packages/server/src/compose.ts': 'the wiring joins rails to the port',
  'packages/server/src/compose/': 'the wiring joins rails to the port',
  'packages/server/src/demo/': 'the demo starts the simulators of particular rails',
  'packages/adapters/src/index.ts': 'the door of the package lists what is inside',
  'packages/sandbox/': 'it simulates particular rails and imports nothing of ours',
  'packages/web/': 'labels and logos that people see',
  'packages/core/src/ledger/chart': 'the chart of accounts has one account for each rail',
};

/** Shared code asks a rail for its capabilities, never for its name. */
export const railIds: Rule = {
  name: 'rail-ids',
  check: (sources) =>
    codeOf(sources)
      .filter(({ path }) => path.startsWith('packages/') && !isTest(path) && !isPlace(path))
      .flatMap(namesIn),
};

function isPlace(path: string): boolean {
  return Object.keys(PLACES).some((place) => path.startsWith(place));
}

function namesIn(source: Source) {
  const { identifiers, strings } = syntaxOf(source);
  const own = ownRail(source.path);
  const seen = new Set<string>();
  return [...identifiers, ...strings].flatMap((spot: Spot) => {
    const rail = railIn(spot.text);
    if (rail === null || rail === own || seen.has(`${rail}:${spot.text}`)) return [];
    seen.add(`${rail}:${spot.text}`);
    return [at(source, spot.start, `names ${rail}; ${adviceFor(source.path)}`)];
  });
}

function adviceFor(path: string): string {
  const isRail = ownRail(path) !== null;
  return isRail
    ? 'a rail knows itself only; share through adapters/src or a port of core'
    : "ask the rail's capabilities instead, or move this under adapters/src/rails/<id>/";
}

function ownRail(path: string): string | null {
  const [family, folder] = placeOf(path)?.folders ?? [];
  if (family !== 'rails' || folder === undefined) return null;
  return RAILS.find((rail) => folder.startsWith(rail)) ?? null;
}

/** `sepa` also begins ordinary words such as "separate", so it must stand as a word of its own. */
function railIn(text: string): string | null {
  const flat = text.toLowerCase();
  const long = RAILS.find((rail) => rail !== 'sepa' && flat.includes(rail));
  if (long !== undefined) return long;
  const words = text.replace(/([a-z0-9])([A-Z])/g, '$1 $2').toLowerCase();
  return words.split(/[^a-z0-9]+/).includes('sepa') ? 'sepa' : null;
}
