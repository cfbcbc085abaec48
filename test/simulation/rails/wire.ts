import type { Agenda } from '../agenda.ts';
import type { Dice, Rng } from '../dice.ts';
import { Injected } from '../turns.ts';

/** How a call between us and somebody outside ends. */
export type Fate =
  | 'through'
  /** It never arrives; we hear nothing. */
  | 'lost'
  /** It arrives and is done; we hear nothing. */
  | 'silent'
  /** It arrives minutes after we gave up. */
  | 'late'
  /** It arrives and is done; our side throws instead of answering. */
  | 'thrown'
  /** Nobody listens: it is proved that nothing left. */
  | 'down';

const LATEST_SECONDS = 20 * 60;

/** The line to one partner: it loses, delays and is cut off as the seed says. */
export class Wire {
  readonly #name: string;
  readonly #agenda: Agenda;
  readonly #dice: Dice;
  readonly #rng: Rng;
  #downUntil = 0;

  constructor(name: string, parts: { readonly agenda: Agenda; dice: Dice; rng: Rng }) {
    this.#name = name;
    this.#agenda = parts.agenda;
    this.#dice = parts.dice;
    this.#rng = parts.rng;
  }

  /** The partner is not there for so many seconds. */
  cut(seconds: number): void {
    this.#downUntil = this.#agenda.nowMilliseconds + seconds * 1000;
  }

  /**
   * Carries one call: `arrives` is what it does on the other side, `nothing` what we then have.
   * `down` is the answer when nothing left; absent: `nothing`.
   */
  async carry<T>(
    operation: string,
    arrives: () => T,
    without: { readonly nothing: T; readonly down?: T; readonly canBeLate?: boolean },
  ): Promise<T> {
    switch (this.#fate(operation, without.canBeLate ?? false)) {
      case 'through':
        return arrives();
      case 'down':
        return without.down ?? without.nothing;
      case 'lost':
        return without.nothing;
      case 'silent':
        arrives();
        return without.nothing;
      case 'late':
        this.#agenda.after(this.#rng.between(1, LATEST_SECONDS), () => void arrives());
        return without.nothing;
      case 'thrown':
        arrives();
        throw new Injected('the connection was reset');
    }
  }

  #fate(operation: string, canBeLate: boolean): Fate {
    if (this.#agenda.nowMilliseconds < this.#downUntil) return 'down';
    const site = `${this.#name} ${operation}`;
    if (this.#dice.fires(`${site} is lost`)) return 'lost';
    if (this.#dice.fires(`${site} is done in silence`)) return 'silent';
    if (canBeLate && this.#dice.fires(`${site} arrives late`)) return 'late';
    if (this.#dice.fires(`${site} is cut off`)) return 'thrown';
    return 'through';
  }
}
