export type { RawResult } from './backends/backend.ts';
export {
  DatabaseInUse,
  DatabaseUnreachable,
  NewerSchema,
  NotADemoMerchant,
  type UnreachableReason,
} from './errors.ts';
export { type OpenedStore, type OpenOptions, openStore } from './open.ts';
