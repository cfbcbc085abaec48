import { causeOf, isOfTheRows } from './row-fault.ts';

/** What became of a batch of news about numbers of ours. */
export type Settled = {
  readonly applied: number;
  /** Numbers that are none of ours, or name something else: nothing is changed by them. */
  readonly foreign: readonly string[];
};

/**
 * Settles what our own calls brought. Where the rows of one number are at fault a smaller batch is
 * tried, down to one: that one is told, and the rail is asked about it again; the news of the
 * others are not lost with it (I10). A fault of the connection is thrown, as it is nobody's alone.
 */
export async function settleApart<N>(
  news: readonly N[],
  settle: (some: readonly N[]) => Promise<Settled>,
  tell: (one: N, why: string) => void,
): Promise<Settled> {
  try {
    return await settle(news);
  } catch (error) {
    if (!isOfTheRows(error)) throw error;
    const [only] = news;
    if (only === undefined) return { applied: 0, foreign: [] };
    if (news.length === 1) {
      tell(only, causeOf(error));
      return { applied: 0, foreign: [] };
    }
    const half = news.length >> 1;
    const first = await settleApart(news.slice(0, half), settle, tell);
    const second = await settleApart(news.slice(half), settle, tell);
    return {
      applied: first.applied + second.applied,
      foreign: [...first.foreign, ...second.foreign],
    };
  }
}
