import type { Id, IdPrefix } from './ids.ts';

/** Makes ids for a decision. An argument, so that the same input gives the same decision. */
export type IdSource = <P extends IdPrefix>(prefix: P, bucket: number) => Id<P>;
