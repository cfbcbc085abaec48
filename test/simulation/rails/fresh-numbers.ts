import { type Id, type IdPrefix, makeId, toOrderNumber } from '../../../packages/core/src/index.ts';

/** Numbers that no other fact uses. */
export function makeIdsOf() {
  let count = 0;
  const make = <P extends IdPrefix>(prefix: P): Id<P> => {
    count += 1;
    const random = Uint8Array.from({ length: 10 }, (_, index) => (count >> index) & 0xff);
    return makeId(prefix, { epochMilliseconds: 1_000_000 + count, random, bucket: 0 });
  };
  const serial = () => {
    count += 1;
    return 1_000_000 + count;
  };
  return Object.assign(make, { order: () => toOrderNumber(make('dbt'), 1), serial });
}
