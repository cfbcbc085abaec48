import type {
  Rail,
  RailCapabilities,
  RefundOutcome,
  RefundRequest,
  RefundRules,
} from '../../packages/core/src/index.ts';
import type { Engine } from '../../packages/engine/src/index.ts';
import { RULES } from './refund-world.ts';

/** What happens to the next call: as it should be, or as a test says. */
export type RefundFate = RefundOutcome | 'return' | 'return_then_silence' | 'silence' | 'later';

/**
 * The refunds of a rail in memory: a number returns money at most once, whoever repeats it. Keeps
 * its own books, as a witness of what we say.
 */
export class RefundBook {
  readonly fates: RefundFate[] = [];
  readonly calls: RefundRequest[] = [];
  readonly returned = new Map<string, bigint>();
  readonly #later = new Set<string>();

  /** Lets the engine's rail return money by this book. */
  attach(engine: Engine, id: string, rules: Partial<RefundRules> = {}): void {
    const rail = engine.rails.get(id);
    if (rail === undefined) throw new Error(`there is no rail ${id}`);
    const capabilities: RailCapabilities = {
      ...rail.capabilities,
      refunds: { ...RULES, ...rules },
    };
    const refund: Rail['refund'] = async (request) => this.#refund(request, engine);
    const askRefund: Rail['askRefund'] = async ({ refundNumber, amount }) =>
      this.truth(refundNumber, amount, engine);
    const rails = engine.rails as Map<string, Rail>;
    rails.set(id, { ...rail, capabilities, refund, askRefund });
  }

  /** All that it returned, in 分. */
  get total(): bigint {
    return [...this.returned.values()].reduce((total, minor) => total + minor, 0n);
  }

  /** What it answers to a question; never moves money. */
  truth(number: string, amount: RefundRequest['amount'], engine: Engine): RefundOutcome {
    if (this.returned.has(number)) return outcomeOf(number, amount, engine);
    return this.#later.has(number) ? { kind: 'accepted' } : { kind: 'not_found' };
  }

  /** A refund that it took earlier reaches the payer. */
  arrive(number: string, minor: bigint): void {
    this.#later.delete(number);
    this.returned.set(number, minor);
  }

  #refund(request: RefundRequest, engine: Engine): RefundOutcome {
    this.calls.push(request);
    const { refundNumber, amount } = request;
    const known = this.truth(refundNumber, amount, engine);
    if (known.kind !== 'not_found') return known;
    const fate = this.fates.shift() ?? 'return';
    if (typeof fate === 'object') return fate;
    if (fate === 'silence') return { kind: 'unknown', detail: 'time-out' };
    if (fate === 'later') {
      this.#later.add(refundNumber);
      return { kind: 'accepted' };
    }
    this.returned.set(refundNumber, amount.minor);
    if (fate === 'return_then_silence') return { kind: 'unknown', detail: 'time-out' };
    return outcomeOf(refundNumber, amount, engine);
  }
}

function outcomeOf(
  number: string,
  refunded: RefundRequest['amount'],
  { clock }: Engine,
): RefundOutcome {
  return {
    kind: 'succeeded',
    railReference: `X-${number}`,
    refunded,
    refundedAt: clock.now(),
  };
}
