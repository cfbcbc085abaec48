import type { Table } from './books.ts';
import type { World } from './world.ts';

const MINUTE_MS = 60_000;

/** One message that a robot put into its group, or lost on the way. `at` is business time. */
export interface GroupMessage {
  readonly id: string;
  /** Token or key of the robot. */
  readonly robot: string;
  readonly type: string;
  readonly title: string;
  readonly text: string;
  readonly at: number;
  readonly status: 'delivered' | 'lost';
}

/** What a robot was asked to say. */
export type GroupWords = Pick<GroupMessage, 'robot' | 'type' | 'title' | 'text'>;

/** The groups of one provider: what stands in them, and how fast each robot was. */
export class Groups {
  readonly messages: Table<GroupMessage>;
  readonly #sentAt = new Map<string, number[]>();
  readonly #silentUntil = new Map<string, number>();
  readonly #penaltyMs: number;

  constructor(world: World, table: string, penaltyMs: number) {
    this.messages = world.books.table(table);
    this.#penaltyMs = penaltyMs;
  }

  /**
   * Whether the robot was too fast, by the wall clock: more than `limit` in a minute (0: any
   * number), or still silenced for that. The call counts.
   */
  isTooFast(robot: string, limit: number): boolean {
    const now = Date.now();
    if (now < (this.#silentUntil.get(robot) ?? 0)) return true;
    const recent = (this.#sentAt.get(robot) ?? []).filter((at) => now - at < MINUTE_MS);
    if (limit > 0 && recent.length >= limit) {
      this.#silentUntil.set(robot, now + this.#penaltyMs);
      return true;
    }
    this.#sentAt.set(robot, [...recent, now]);
    return false;
  }

  /** Enters a message; a lost one was taken and never shows. */
  add(world: World, words: GroupWords, status: GroupMessage['status']): void {
    const id = String(this.messages.size + 1);
    this.messages.put(id, { id, ...words, at: world.clock.now(), status });
  }
}

/** The body as a JSON object; undefined when it is none. */
export function readJsonObject(body: Buffer): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(body.toString('utf8'));
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    return isObject ? (value as Readonly<Record<string, unknown>>) : undefined;
  } catch {
    return undefined;
  }
}

/** A text inside a message such as `{markdown: {text}}`; empty when it is missing. */
export function textIn(
  body: Readonly<Record<string, unknown>>,
  part: string,
  name: string,
): string {
  const inner = body[part];
  if (typeof inner !== 'object' || inner === null) return '';
  const text: unknown = Reflect.get(inner, name);
  return typeof text === 'string' ? text : '';
}
