import type { Message } from './channel.ts';
import type { Payer } from './market.ts';
import type { RailBooks } from './rails/books.ts';
import type { Pages } from './rails/pages.ts';

/** A broken promise, found from what the outside saw and not from what our books say. */
export type Broken = { readonly invariant: string; readonly sentence: string };

/** Notes a promise that was not kept. */
export type Say = (invariant: string, sentence: string) => void;

/** One merchant's outside: its payers, and the books of the rails that serve it. */
export type HouseOutside = {
  readonly payers: readonly Payer[];
  readonly rails: ReadonlyMap<string, RailBooks>;
  readonly messages: () => readonly Message[];
  readonly pages: ReadonlyMap<string, Pages>;
};
