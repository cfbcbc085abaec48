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

/**
 * Looks at all rows that are due, a batch for each commit, until none is. Where a row of a batch is
 * at fault a smaller one is tried, down to one: that one is put off and told, and the others are
 * looked at (I10). `lookAt` claims at most `limit` rows in the order of their time and calls
 * `noted` with them; `putOff` sets the next look at that one later. A fault of the connection, or
 * of the claim itself, is thrown: there is no row to put off. Returns what became of the good ones.
 */
export async function lookApart<C, R>(
  rows: number,
  work: {
    readonly lookAt: (
      limit: number,
      noted: (claimed: readonly C[]) => void,
    ) => Promise<readonly R[]>;
    readonly putOff: (one: C, why: string) => Promise<void>;
  },
): Promise<readonly R[]> {
  const all: R[] = [];
  let isMore = true;
  while (isMore) isMore = await lookAtSome(rows, work, all);
  return all;
}

/** One batch, or a beginning of it in which no row is at fault; whether more may be due. */
async function lookAtSome<C, R>(
  limit: number,
  work: Parameters<typeof lookApart<C, R>>[1],
  all: R[],
): Promise<boolean> {
  let claimed: readonly C[] = [];
  try {
    const noted = (some: readonly C[]) => {
      claimed = some;
    };
    all.push(...(await work.lookAt(limit, noted)));
  } catch (error) {
    const [first] = claimed;
    if (!isOfTheRows(error) || first === undefined) throw error;
    if (claimed.length > 1) return lookAtSome(claimed.length >> 1, work, all);
    await work.putOff(first, causeOf(error));
  }
  return claimed.length >= limit;
}

/** Minutes until a row that was at fault is looked at again. */
export const PUT_OFF_MINUTES = 60;
