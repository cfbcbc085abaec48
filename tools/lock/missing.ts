/** One entry of package-lock.json's `packages`; only the fields that we read or write. */
export interface LockEntry {
  readonly name?: string;
  readonly version?: string;
  readonly license?: string;
  readonly link?: boolean;
  readonly dev?: boolean;
  readonly optional?: boolean;
  readonly os?: readonly string[] | string;
  readonly cpu?: readonly string[] | string;
  readonly libc?: readonly string[] | string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

export type LockPackages = Readonly<Record<string, LockEntry>>;

/** A package that the lock asks for and does not list. */
export interface MissingEntry {
  readonly name: string;
  readonly wanted: string;
  readonly askedBy: string;
  readonly optional: boolean;
  readonly dev: boolean;
}

/**
 * Lists the packages that some entry of the lock depends on and for which the lock has no entry.
 *
 * `npm ci` refuses a lock with such a gap. npm itself leaves gaps when it writes the lock against a
 * registry that lacks a package for another operating system, because optional packages may fail.
 */
export function missingEntries(packages: LockPackages): readonly MissingEntry[] {
  return Object.entries(packages).flatMap(([askedBy, entry]) =>
    dependenciesOf(askedBy, entry)
      .filter(({ name }) => !isListed(packages, askedBy, name))
      .map((dependency) => ({ ...dependency, askedBy })),
  );
}

function dependenciesOf(path: string, entry: LockEntry): Omit<MissingEntry, 'askedBy'>[] {
  const optional = entry.optionalDependencies ?? {};
  const own = path.includes('node_modules/') ? {} : (entry.devDependencies ?? {});
  const dev = entry.dev ?? false;
  return [
    ...rows(entry.dependencies).map((row) => ({ ...row, optional: row.name in optional, dev })),
    ...rows(own).map((row) => ({ ...row, optional: false, dev: true })),
    ...rows(optional).map((row) => ({ ...row, optional: true, dev })),
  ];
}

function rows(dependencies: Readonly<Record<string, string>> = {}) {
  return Object.entries(dependencies).map(([name, wanted]) => ({ name, wanted }));
}

/** Looks where Node looks: in the package's own node_modules, then in each folder above it. */
function isListed(packages: LockPackages, from: string, name: string): boolean {
  let folder = from;
  while (folder !== '') {
    if (`${folder}/node_modules/${name}` in packages) return true;
    const parent = folder.lastIndexOf('/node_modules/');
    folder = parent < 0 ? '' : folder.slice(0, parent);
  }
  return `node_modules/${name}` in packages;
}
