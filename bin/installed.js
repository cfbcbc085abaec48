/**
 * Compares what package-lock.json promises with what npm says it installed. Pure: reads no disk.
 *
 * This file and its neighbours in bin/ are plain JavaScript for any Node from 20 on, without
 * dependencies: they run before anything is installed.
 */

/**
 * Lists what is missing or different on this platform; an empty list means "go on".
 *
 * A package of another operating system, processor or C library is not missed. `optional` tells the
 * gaps that npm itself may leave behind when a registry lacks a package.
 */
export function differences({ lock, installed, platform, exists = () => true }) {
  const entries = Object.entries(lock.packages ?? {});
  return entries.flatMap(([path, wanted]) => {
    if (!path.includes('node_modules/') || !fitsPlatform(wanted, platform)) return [];
    const reason = differenceOf(wanted, installed?.packages?.[path], exists(path));
    return reason === null ? [] : [{ path, reason, optional: wanted.optional === true }];
  });
}

function differenceOf(wanted, found, isOnDisk) {
  if (found === undefined || !isOnDisk) return 'is not installed';
  if (wanted.link && found.resolved !== wanted.resolved) return 'is linked to another folder';
  if (wanted.version !== found.version) {
    return `is installed as ${found.version}, the lock says ${wanted.version}`;
  }
  return null;
}

/** True when npm would install this lock entry on `platform` ({os, cpu, libc}). */
export function fitsPlatform(entry, platform) {
  return (
    isListed(entry.os, platform.os) &&
    isListed(entry.cpu, platform.cpu) &&
    (platform.libc === undefined || isListed(entry.libc, platform.libc))
  );
}

/** npm's lists name what is allowed, or with a leading "!" what is not. */
function isListed(list, value) {
  const names = typeof list === 'string' ? [list] : (list ?? []);
  const refused = names.filter((name) => name.startsWith('!')).map((name) => name.slice(1));
  const allowed = names.filter((name) => !name.startsWith('!'));
  if (refused.includes(value)) return false;
  return allowed.length === 0 || allowed.includes('any') || allowed.includes(value);
}

/** This machine in npm's words. The C library only matters on Linux. */
export function thisPlatform() {
  const platform = { os: process.platform, cpu: process.arch };
  if (process.platform !== 'linux') return platform;
  const { glibcVersionRuntime } = process.report.getReport().header;
  return { ...platform, libc: glibcVersionRuntime ? 'glibc' : 'musl' };
}
