/** One file of the repository. Rules see only these, so that their tests need no disk. */
export interface Source {
  /** From the repository's root, with forward slashes. */
  readonly path: string;
  /** Empty for a file that is not text. */
  readonly text: string;
}

/** A broken rule: where, and what to write instead. */
export interface Finding {
  readonly path: string;
  /** Counted from 1. */
  readonly line: number;
  readonly rule: string;
  /** A sentence that names the replacement. */
  readonly message: string;
}

export interface Rule {
  readonly name: string;
  /** Returns one finding for each place that breaks the rule. */
  readonly check: (sources: readonly Source[]) => readonly Omit<Finding, 'rule'>[];
}

/** Where a file of a package lives: `packages/core/src/money/split.ts` → core, [money], money. */
export interface Place {
  readonly package: string;
  readonly isInSrc: boolean;
  /** The folders below src (or below the package when outside src). */
  readonly folders: readonly string[];
  /** The concept folder: the first below src, or the one below web's `features`. */
  readonly concept: string | null;
}

/** The place of a path inside packages/, null for every other path. */
export function placeOf(path: string): Place | null {
  const [top, name, ...rest] = path.split('/');
  if (top !== 'packages' || name === undefined || rest.length === 0) return null;
  const isInSrc = rest[0] === 'src';
  const folders = rest.slice(isInSrc ? 1 : 0, -1);
  const concept = folders[0] === 'features' ? folders[1] : folders[0];
  return { package: name, isInSrc, folders, concept: isInSrc ? (concept ?? null) : null };
}

/** True for TypeScript and JavaScript that people write. */
export function isCode(path: string): boolean {
  return /\.(ts|tsx|js|mjs)$/.test(path) && !path.endsWith('.d.ts') && !isGenerated(path);
}

/** Files that a program writes or that record what another system sent. */
export function isGenerated(path: string): boolean {
  return /\.generated\.|\/(generated|golden|fixtures)\//.test(path);
}

/** True for tests and for what only tests, benchmarks and tools use. */
export function isTest(path: string): boolean {
  return /\.test\.tsx?$/.test(path) || /^(test|tools|bench)\//.test(path);
}

export function codeOf(sources: readonly Source[]): readonly Source[] {
  return sources.filter(({ path }) => isCode(path));
}

/** The line of an offset in the text, counted from 1. */
export function lineAt({ text }: Source, offset: number): number {
  return text.slice(0, offset).split('\n').length;
}

/** A finding at an offset of a source. */
export function at(source: Source, offset: number, message: string): Omit<Finding, 'rule'> {
  return { path: source.path, line: lineAt(source, offset), message };
}
