import {
  type CustomerId,
  isWarning,
  type Notice,
  type Tx,
  taskKindOf,
  taskSubjectOf,
} from '@daikou/core';

/** One task is open for each kind and subject. */
export function taskNameOf(notice: Notice): string {
  return `${taskKindOf(notice)} ${taskSubjectOf(notice)}`;
}

/** Of the customers of these warnings, those whom a suspension still waits for. */
export async function loadWarned(
  tx: Tx,
  notices: readonly Notice[],
): Promise<ReadonlySet<CustomerId>> {
  const ids = [...new Set(notices.filter(isWarning).map(({ customerId }) => customerId))];
  if (ids.length === 0) return new Set();
  const arrears = await tx.loadArrears(ids);
  return new Set(arrears.flatMap((one) => (one.state === 'warned' ? [one.customerId] : [])));
}

/** What became of a warning decides about arrears: their look is due in the same commit. */
export async function lookAtWarned(tx: Tx, notices: readonly Notice[]): Promise<void> {
  const ids = [...new Set(notices.filter(isWarning).map(({ customerId }) => customerId))];
  if (ids.length > 0) await tx.lookAtArrearsNow(ids);
}
