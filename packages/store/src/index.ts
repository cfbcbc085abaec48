export type { RawResult } from './backends/backend.ts';
export type { BackedUpMerchant } from './backup/archive.ts';
export type { BackUpOptions, BackUpResult, RowProgress } from './backup/back-up.ts';
export { BackupUnusable, DatabaseNotEmpty } from './backup/failures.ts';
export type { RestoreResult } from './backup/restore.ts';
export { type RestoredStore, restoreStore } from './backup/restore-store.ts';
export {
  DatabaseInUse,
  DatabaseUnreachable,
  NewerSchema,
  NotADemoMerchant,
  type UnreachableReason,
} from './errors.ts';
export { type OpenedStore, type OpenOptions, openStore } from './open.ts';
