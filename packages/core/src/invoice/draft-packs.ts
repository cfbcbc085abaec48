import type { Period } from '../calendar/periods.ts';
import type { InvoiceId, MeterId } from '../ids/ids.ts';
import { addRatio, RATIO_ZERO, type Ratio, subtractRatio } from '../money/ratio.ts';
import { burnPacks, type PackBurn, type ResourcePack } from '../usage/resource-pack.ts';

/** A customer's resource packs while an invoice is drafted: each burn leaves less for the next. */
export class PackShelf {
  #packs: readonly ResourcePack[];
  readonly #burns = new Map<ResourcePack['id'], Ratio>();

  constructor(packs: readonly ResourcePack[]) {
    this.#packs = packs;
  }

  /** Burns up to `wanted` units of the meter's packs and returns how many they covered. */
  burn(meterId: MeterId, wanted: Ratio, period: Period): Ratio {
    const mine = this.#packs.filter((pack) => pack.meterId === meterId);
    if (mine.length === 0) return RATIO_ZERO;
    const { burns, packs, unitsLeft } = burnPacks(mine, wanted, period);
    for (const { packId, units } of burns) {
      this.#burns.set(packId, addRatio(this.#burns.get(packId) ?? RATIO_ZERO, units));
    }
    const others = this.#packs.filter((pack) => pack.meterId !== meterId);
    this.#packs = [...others, ...packs];
    return subtractRatio(wanted, unitsLeft);
  }

  /** The packs that have changed, and what the invoice burnt of them. */
  result(invoiceId: InvoiceId): {
    readonly packs: readonly ResourcePack[];
    readonly packBurns: readonly PackBurn[];
  } {
    if (this.#burns.size === 0) return { packs: [], packBurns: [] };
    const packs = this.#packs.filter(({ id }) => this.#burns.has(id));
    const packBurns = [...this.#burns].map(([packId, units]) => ({ packId, invoiceId, units }));
    return { packs, packBurns };
  }
}
