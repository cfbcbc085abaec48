import type { Refusal, Result } from '../../packages/core/src/index.ts';
import type { Job } from '../../packages/engine/src/index.ts';

/** One thing that a person at the merchant does, as a process of its own. */
export type DeskWork = (job: Job) => Promise<Result<unknown, Refusal>>;
