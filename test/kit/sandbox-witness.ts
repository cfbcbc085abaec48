import { startSandbox } from '../../packages/sandbox/src/index.ts';

type Doubles = readonly unknown[];
type RailBooks = {
  readonly succeeded: number;
  readonly succeededMinor: number;
  readonly doubleDebits: Doubles;
};

/** What the simulators' own books say: a witness that shares no code with ours. */
export type Witness = {
  readonly succeeded: number;
  readonly succeededMinor: number;
  readonly doubleDebits: Doubles;
};

/** Adds up what the wallets and the bank cards of the simulators' summary took. */
export function toWitness(summary: Readonly<Record<string, unknown>>): Witness {
  const { wechat, alipay, unionpay } = summary;
  const rails = [wechat, alipay, unionpay] as readonly RailBooks[];
  return {
    succeeded: rails.reduce((total, rail) => total + rail.succeeded, 0),
    succeededMinor: rails.reduce((total, rail) => total + rail.succeededMinor, 0),
    doubleDebits: rails.flatMap((rail) => rail.doubleDebits),
  };
}

/** Opens the books that an ended run left under `home` and reads them. */
export async function readWitness(home: string): Promise<Witness> {
  const sandbox = await startSandbox({ home });
  try {
    const response = await fetch(`${sandbox.endpoints.admin}/admin/books/summary`);
    return toWitness((await response.json()) as Record<string, unknown>);
  } finally {
    await sandbox.stop();
  }
}
