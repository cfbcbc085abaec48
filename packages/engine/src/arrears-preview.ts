import {
  type Arrears,
  businessDate,
  type JsonObject,
  overdueState,
  readArrearsPolicy,
  type Tx,
} from '@daikou/core';
import { type Job, nowOf } from './job.ts';

/** Customers that a preview reads, at most: it is a look, not a run. */
const PREVIEWED = 10_000;

/**
 * What a policy would want for those who are in arrears now, beside where they stand. Held states,
 * warnings and promised days come on top: nobody is suspended by a publication alone.
 */
export async function previewArrears(tx: Tx, job: Job, body: JsonObject): Promise<JsonObject> {
  const policy = readArrearsPolicy(body);
  if (!policy.ok) return {};
  const on = businessDate(nowOf(job.engine, job.merchant), job.merchant.zone);
  const rows = await tx.listArrears({ limit: PREVIEWED });
  const now = new Map<string, number>();
  const wanted = new Map<string, number>();
  for (const row of rows) {
    count(now, row.state);
    count(wanted, overdueState(policy.value.states, observedOf(row), on) ?? 'clear');
  }
  return {
    customers_in_arrears: rows.length,
    states_now: Object.fromEntries(now),
    states_wanted: Object.fromEntries(wanted),
  };
}

function count(counts: Map<string, number>, state: string): void {
  counts.set(state, (counts.get(state) ?? 0) + 1);
}

function observedOf({ earliestUnpaid, unpaidInvoices, unpaid }: Arrears) {
  return {
    ...(earliestUnpaid === undefined ? {} : { earliestUnpaid }),
    unpaidInvoices,
    unpaidBalances: unpaid,
    tags: [],
  };
}
