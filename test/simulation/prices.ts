import { createHash } from 'node:crypto';
import {
  type CustomerId,
  fromUuid,
  type Merchant,
  type PriceChangeId,
  present,
  type Refusal,
  type Result,
  toUuid,
} from '../../packages/core/src/index.ts';
import {
  createPriceChange,
  type Job,
  publishPriceChange,
  recordPriceAnswer,
  recordPriceNotice,
} from '../../packages/engine/src/index.ts';
import type { OpenedStore } from '../../packages/store/src/index.ts';
import type { DeskWork } from './desk-work.ts';
import { type Payer, RAISED_FROM, RAISED_MINOR } from './market.ts';

/**
 * Raises the catalogue's price of one merchant, tells everybody whom it touches, and brings what
 * they say. Each step may be done again: a desk whose process died begins anew the next day.
 */
export class Raise {
  readonly #store: OpenedStore;
  readonly #payers: readonly Payer[];
  #isTold = false;

  constructor(store: OpenedStore, payers: readonly Payer[]) {
    this.#store = store;
    this.#payers = payers;
  }

  /**
   * What is left to do, as works of one desk each; none once all is said. Reads first: a work
   * itself only does what a process does.
   */
  async works({ id }: Merchant): Promise<readonly DeskWork[]> {
    const listed = this.#payers.filter(({ saysToRaise }) => saysToRaise !== undefined);
    if (listed.length === 0 || this.#isTold) return [];
    const merchant = toUuid(id);
    const { rows } = await this.#store.rawSql(
      `select id, state from price_changes where merchant_id = '${merchant}'`,
    );
    const [known] = rows;
    if (known === undefined) return [await this.#announcement(merchant)];
    const change = fromUuid('pch', String(known[0]));
    if (known[1] === 'draft') return [(job) => publishPriceChange(job, change)];
    this.#isTold = true;
    const customers = await this.#store.rawSql(
      `select external_reference, id from customers where merchant_id = '${merchant}'`,
    );
    const ids = new Map(
      customers.rows.map(([name, uuid]) => [name, fromUuid('cus', String(uuid))]),
    );
    return listed.map((payer): DeskWork => {
      const customer = present(ids.get(payer.reference), 'the customer of a payer');
      return (job) => tell(job, change, { payer, customer });
    });
  }

  async #announcement(merchant: string): Promise<DeskWork> {
    const { rows } = await this.#store.rawSql(
      `select id from price_versions where merchant_id = '${merchant}' order by version`,
    );
    const [from, to] = rows.map(([id]) => fromUuid('prv', String(id)));
    const step = { from: present(from, 'the price'), to: present(to, 'the next one') };
    return async (job) => {
      const change = await createPriceChange(job, {
        steps: [step],
        effectiveOn: RAISED_FROM,
        audience: 'consumer',
        fallback: { type: 'leave_without_penalty' },
        reason: '上游成本上涨',
      });
      return change.ok ? publishPriceChange(job, change.value.id) : change;
    };
  }
}

/** A payer is told of the raise, and says at once what it says. */
async function tell(
  job: Job,
  id: PriceChangeId,
  { payer, customer: customerId }: { readonly payer: Payer; readonly customer: CustomerId },
): Promise<Result<unknown, Refusal>> {
  const at = job.engine.clock.now();
  const told = await recordPriceNotice(job, id, { customerId, at, channel: 'mail' });
  const answer = payer.saysToRaise;
  if (!told.ok || answer === undefined || answer === 'nothing') return told;
  const evidenceHash = createHash('sha256').update(payer.reference).digest('hex');
  return recordPriceAnswer(job, id, { customerId, answer, at, channel: 'mail', evidenceHash });
}

/** Whether the payer never agreed to this amount: it is of no price of its, for some periods. */
export function isForeignAmount(payer: Payer, minor: bigint): boolean {
  if (minor % payer.minor === 0n) return false;
  if (payer.saysToRaise !== 'acknowledged') return true;
  return ![0n, 1n, 2n].some((old) => {
    const rest = minor - old * payer.minor;
    return rest > 0n && rest % RAISED_MINOR === 0n;
  });
}
