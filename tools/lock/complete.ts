import type { LockEntry, LockPackages, MissingEntry } from './missing.ts';
import { missingEntries } from './missing.ts';

/** Words of a platform package's name, and what they mean in the lock. */
const SYSTEMS: Readonly<Record<string, string>> = {
  aix: 'aix',
  android: 'android',
  darwin: 'darwin',
  freebsd: 'freebsd',
  linux: 'linux',
  netbsd: 'netbsd',
  openbsd: 'openbsd',
  openharmony: 'openharmony',
  sunos: 'sunos',
  win32: 'win32',
  windows: 'win32',
};
const PROCESSORS: readonly string[] =
  'arm arm64 ia32 loong64 mips64el ppc64 riscv64 s390x x64'.split(' ');

/** What completing a lock did: its packages, the names added, what only a person can add. */
export interface Completed {
  readonly packages: LockPackages;
  readonly added: readonly string[];
  readonly refused: readonly MissingEntry[];
}

/**
 * Adds to the lock the optional packages of other platforms that the registry of the machine that
 * wrote the lock did not have.
 *
 * Only a package that is optional, asked for by an exact version and named after its platform can
 * be added without asking a registry; it has no integrity hash, so npm takes the registry's own on
 * that platform. Every other gap is returned in `refused`.
 */
export function completeLock(packages: LockPackages): Completed {
  const missing = missingEntries(packages);
  const entries = missing.map((gap) => ({ gap, entry: platformEntry(gap) }));
  const added = Object.fromEntries(
    entries.flatMap(({ gap, entry }) => (entry ? [[`node_modules/${gap.name}`, entry]] : [])),
  );
  return {
    packages: sorted({ ...packages, ...added }),
    added: Object.keys(added),
    refused: entries.filter(({ entry }) => entry === null).map(({ gap }) => gap),
  };
}

function platformEntry(gap: MissingEntry): LockEntry | null {
  const words = gap.name.slice(gap.name.indexOf('/') + 1).split('-');
  const system = words.map((word) => SYSTEMS[word]).find((word) => word !== undefined);
  const processor = words.find((word) => PROCESSORS.includes(word));
  const isExact = /^\d+\.\d+\.\d+(-[\w.]+)?$/.test(gap.wanted);
  if (!gap.optional || !isExact || system === undefined || processor === undefined) return null;
  return {
    version: gap.wanted,
    cpu: [processor],
    ...(gap.dev ? { dev: true } : {}),
    ...libcOf(words),
    optional: true,
    os: [system],
  };
}

function libcOf(words: readonly string[]): Pick<LockEntry, 'libc'> {
  if (!words.includes('linux')) return {};
  if (words.some((word) => word.startsWith('musl'))) return { libc: ['musl'] };
  return words.some((word) => word.startsWith('gnu')) ? { libc: ['glibc'] } : {};
}

/** npm keeps the entries in the order of their names, compared as English text. */
function sorted(packages: LockPackages): LockPackages {
  return Object.fromEntries(
    Object.entries(packages).sort(([left], [right]) => left.localeCompare(right, 'en')),
  );
}
