import { globSync } from 'node:fs';

/** A step of `npm test`: fixed commands, or test files given to Node's own runner. */
export type Stage = CommandStage | TestStage;

export interface CommandStage {
  readonly kind: 'commands';
  readonly name: string;
  readonly title: string;
  /** Arguments for Node, one list for each command; they run in order. */
  readonly commands: readonly (readonly string[])[];
}

export interface TestStage {
  readonly kind: 'tests';
  readonly name: string;
  readonly title: string;
  readonly globs: readonly string[];
  /** Files of these belong to another stage. */
  readonly except?: readonly string[];
  /** Tests that share nothing but pure functions: one process loads the modules once for all. */
  readonly inOneProcess?: true;
  /** Only for a stage whose folder does not exist yet: says so instead of failing. */
  readonly mayBeEmpty: boolean;
}

/** The test files of a stage, in order, as paths below `root`. */
export function filesOf({ globs, except = [] }: TestStage, root: string): readonly string[] {
  return globSync([...globs], { cwd: root, exclude: [...except] }).sort();
}

/** Pure tests: they share one process. */
const PURE = 'packages/{core,api}/src/**/*.test.ts';

const BIOME = 'node_modules/@biomejs/biome/bin/biome';
const TSC = 'node_modules/typescript/bin/tsc';

/** The stages of `npm test` in their order: the cheapest complaint comes first. */
export const STAGES: readonly Stage[] = [
  {
    kind: 'commands',
    name: 'format',
    title: 'format and lint (Biome)',
    commands: [[BIOME, 'ci', '--colors=off', '--diagnostic-level=warn', '.']],
  },
  {
    kind: 'commands',
    name: 'types',
    title: 'types (core alone, without Node or DOM; then everything)',
    commands: [
      [TSC, '-p', 'packages/core'],
      [TSC, '-p', '.'],
    ],
  },
  {
    kind: 'commands',
    name: 'tidy',
    title: 'the structure rules of this repository (tools/tidy)',
    commands: [['tools/tidy/main.ts']],
  },
  {
    kind: 'tests',
    name: 'core',
    title: 'the pure domain and the words of the API',
    globs: [PURE],
    inOneProcess: true,
    mayBeEmpty: false,
  },
  {
    kind: 'tests',
    name: 'unit',
    title: 'tests next to the other code',
    globs: [
      'packages/*/src/**/*.test.ts',
      'tools/**/*.test.ts',
      'bench/**/*.test.ts',
      'test/causes/**/*.test.ts',
    ],
    except: [PURE],
    mayBeEmpty: false,
  },
  {
    kind: 'tests',
    name: 'conformance',
    title: 'numbers that other billing systems decided',
    globs: ['test/conformance/**/*.test.ts'],
    mayBeEmpty: false,
  },
  {
    kind: 'tests',
    name: 'scenarios',
    title: 'the business through its use cases',
    globs: ['test/scenarios/**/*.test.ts'],
    mayBeEmpty: true,
  },
  {
    kind: 'tests',
    name: 'simulation',
    title: 'the whole platform on a virtual clock, with seeded faults',
    globs: ['test/simulation/**/*.test.ts', 'test/planted-bugs/**/*.test.ts'],
    mayBeEmpty: false,
  },
  {
    kind: 'tests',
    name: 'end-to-end',
    title: 'the real processes together',
    globs: ['test/end-to-end/**/*.test.ts'],
    mayBeEmpty: true,
  },
];

export const CHECK_STAGES: readonly string[] = ['format', 'types', 'tidy'];
