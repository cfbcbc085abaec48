import {
  decideMeter,
  type Meter,
  type MeterRefusal,
  meterCodeTaken,
  type NewMeter,
  ok,
  type Result,
  refuse,
} from '@daikou/core';
import { idSource, type Job, nowOf } from '../job.ts';

/** Makes a meter. A code that is taken is refused: bills were made with the meter that has it. */
export async function addMeter(job: Job, wanted: NewMeter): Promise<Result<Meter, MeterRefusal>> {
  const decided = decideMeter(wanted, {
    id: idSource(job.engine)('mtr', 0),
    merchantId: job.merchant.id,
    now: nowOf(job.engine, job.merchant),
  });
  if (!decided.ok) return decided;
  const isNew = await job.engine.store.transact(job.merchant.id, (tx) =>
    tx.addMeter(decided.value),
  );
  return isNew ? ok(decided.value) : refuse(meterCodeTaken());
}
