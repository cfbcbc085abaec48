/** Groups take at most this many messages of one robot in a minute (rails.md §5.1, §5.3). */
const MESSAGES = 20;
const WINDOW_SECONDS = 60;

/** How long a robot stays silent after its provider said that it was too fast (rails.md §5.1). */
const PENALTY_SECONDS = 600;

/** Robots that are remembered at most; beyond that the longest unused ones are forgotten. */
const ROBOTS = 10_000;

type Robot = {
  readonly sentAt: readonly Temporal.Instant[];
  readonly silentUntil?: Temporal.Instant;
};

/**
 * Keeps each robot inside its provider's limit. What has no room is not sent and not refused: it
 * goes again later. The count is this process' own; several senders share a robot only by luck, and
 * then the provider's own refusal makes all of them wait.
 */
export class RobotBudget {
  readonly #robots = new Map<string, Robot>();
  readonly #now: () => Temporal.Instant;

  constructor(now: () => Temporal.Instant) {
    this.#now = now;
  }

  /** Whether one more message may go now; it counts at once. */
  take(robot: string): boolean {
    const now = this.#now();
    const known = this.#robots.get(robot);
    if (known?.silentUntil !== undefined && Temporal.Instant.compare(now, known.silentUntil) < 0) {
      return false;
    }
    const since = now.subtract({ seconds: WINDOW_SECONDS });
    const sentAt = (known?.sentAt ?? []).filter((at) => Temporal.Instant.compare(at, since) > 0);
    if (sentAt.length >= MESSAGES) return false;
    this.#keep(robot, { sentAt: [...sentAt, now] });
    return true;
  }

  /** The provider said that the robot was too fast. */
  silence(robot: string): void {
    const silentUntil = this.#now().add({ seconds: PENALTY_SECONDS });
    this.#keep(robot, { sentAt: [], silentUntil });
  }

  #keep(robot: string, state: Robot): void {
    this.#robots.delete(robot);
    this.#robots.set(robot, state);
    if (this.#robots.size <= ROBOTS) return;
    const oldest = this.#robots.keys().next();
    if (oldest.done !== true) this.#robots.delete(oldest.value);
  }
}
