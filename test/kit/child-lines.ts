import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

/** The first line that a child prints; undefined when it closes, or cannot start, without one. */
export async function firstLineOf(child: ChildProcess): Promise<string | undefined> {
  if (child.stdout === null) throw new Error('the child has a pipe for its output');
  const lines = createInterface({ input: child.stdout });
  const ended = once(child, 'close').then(
    () => undefined,
    () => undefined,
  );
  const first: unknown[] | undefined = await Promise.race([once(lines, 'line'), ended]);
  return typeof first?.[0] === 'string' ? first[0] : undefined;
}
