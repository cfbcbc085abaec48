import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** A process and when it started: pids are used again, the pair is not. */
export type ProcessIdentity = { readonly pid: number; readonly started: string };

/** The identity of a process; `started` is empty when there is no such process. */
export function identityOf(pid: number): ProcessIdentity {
  return { pid, started: process.platform === 'linux' ? startedOnLinux(pid) : startedByPs(pid) };
}

/** Field 22 of /proc/<pid>/stat: clock ticks since boot. The name (field 2) may hold spaces. */
function startedOnLinux(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (fields[0] === 'Z' || fields[0] === 'X') return '';
    return `${bootId()} ${fields[19] ?? ''}`;
  } catch {
    return '';
  }
}

/** Ticks count from the boot, so the boot belongs to the identity. */
function bootId(): string {
  return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
}

function startedByPs(pid: number): string {
  try {
    return execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim();
  } catch {
    return '';
  }
}
