import { resolvePath } from './package-order.ts';
import type { Rule, Source } from './source.ts';
import { at, codeOf } from './source.ts';
import { syntaxOf } from './syntax.ts';

interface Visit {
  readonly index: number;
  low: number;
  isOpen: boolean;
}

/** No file imports itself through others, types included. */
export const cycles: Rule = {
  name: 'no-cycles',
  check: (sources) => {
    const code = codeOf(sources);
    const byPath = new Map(code.map((source) => [source.path, source]));
    return loopsOf(code, byPath).flatMap((loop) => {
      const [first] = loop;
      if (first === undefined) return [];
      const path = loop.map((source) => source.path).join(', ');
      const advice = 'move what they share into a file that both import';
      return [at(first, 0, `these files import each other: ${path}; ${advice}`)];
    });
  },
};

function importsOf(source: Source, byPath: ReadonlyMap<string, Source>): readonly Source[] {
  return syntaxOf(source).imports.flatMap(({ text }) => {
    const path = text.startsWith('.') ? resolvePath(source.path, text) : doorOf(text);
    const target = byPath.get(path);
    return target === undefined ? [] : [target];
  });
}

function doorOf(specifier: string): string {
  return specifier.replace(/^@daikou\/([^/]+)$/, 'packages/$1/src/index.ts');
}

/** Tarjan's strongly connected components of several files, or a file that imports itself. */
function loopsOf(code: readonly Source[], byPath: ReadonlyMap<string, Source>): Source[][] {
  const visits = new Map<Source, Visit>();
  const stack: Source[] = [];
  const loops: Source[][] = [];

  function walk(source: Source): Visit {
    const visit: Visit = { index: visits.size, low: visits.size, isOpen: true };
    visits.set(source, visit);
    stack.push(source);
    const targets = importsOf(source, byPath);
    for (const target of targets) {
      const seen = visits.get(target);
      if (seen === undefined) visit.low = Math.min(visit.low, walk(target).low);
      else if (seen.isOpen) visit.low = Math.min(visit.low, seen.index);
    }
    if (visit.low === visit.index) close(source, targets.includes(source));
    return visit;
  }

  function close(root: Source, importsItself: boolean): void {
    const component = stack.splice(stack.indexOf(root));
    for (const member of component) {
      const visit = visits.get(member);
      if (visit !== undefined) visit.isOpen = false;
    }
    if (component.length > 1 || importsItself) loops.push(component);
  }

  for (const source of code) if (!visits.has(source)) walk(source);
  return loops;
}
