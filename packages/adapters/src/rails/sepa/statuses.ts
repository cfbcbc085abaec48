import type { CodeMeaning } from '../outcomes.ts';

/** A reason of the bank: what it means for the attempt, and words for people. */
export type Reason = { readonly meaning: CodeMeaning; readonly words: string };

/**
 * Every reason of an R-transaction that the rulebooks list (RESEARCH.md, "Reasons"). There is no
 * default: a code that is not here is `unknown` on purpose. `ask` marks the codes that say "seen
 * before": the first copy may have been collected, so they refuse nothing.
 */
export const REASONS: Readonly<Record<string, Reason>> = {
  AC01: { meaning: 'account', words: 'The IBAN is wrong.' },
  AC04: { meaning: 'account', words: 'The account is closed.' },
  AC06: { meaning: 'account', words: 'The account is blocked.' },
  AC13: { meaning: 'account', words: 'A consumer account cannot be debited by the B2B scheme.' },
  AG01: { meaning: 'account', words: 'Direct debits are forbidden on this account.' },
  AG02: { meaning: 'merchant_fault', words: 'The operation or sequence type is wrong.' },
  AM04: { meaning: 'funds', words: 'The account has not enough money.' },
  AM05: { meaning: 'ask', words: 'The bank says that it has this collection already.' },
  BE05: { meaning: 'merchant_fault', words: 'The creditor identifier is not recognised.' },
  CNOR: { meaning: 'merchant_fault', words: 'The creditor bank is not registered.' },
  DNOR: { meaning: 'account', words: 'The debtor bank is not registered for direct debits.' },
  DT01: { meaning: 'merchant_fault', words: 'The collection date is not possible.' },
  DU01: { meaning: 'ask', words: 'The bank says that it has a file of this number already.' },
  DU02: { meaning: 'ask', words: 'The bank says that it has this payment group already.' },
  DU03: { meaning: 'ask', words: 'The bank says that it has this transaction already.' },
  DU04: { meaning: 'ask', words: 'The bank says that it has this end-to-end number already.' },
  FF01: { meaning: 'merchant_fault', words: 'The file has a wrong format.' },
  FF05: { meaning: 'merchant_fault', words: 'The scheme code is wrong.' },
  MD01: { meaning: 'mandate', words: 'There is no mandate, or it was not authorised.' },
  MD02: { meaning: 'merchant_fault', words: 'Data of the mandate are missing or wrong.' },
  MD06: { meaning: 'risk', words: 'The payer asked for the money back.' },
  MD07: { meaning: 'account', words: 'The payer has died.' },
  MS02: { meaning: 'risk', words: 'The payer refused the collection.' },
  MS03: { meaning: 'technical', words: 'The payer’s bank gives no reason.' },
  RC01: { meaning: 'merchant_fault', words: 'The BIC is wrong.' },
  RR01: { meaning: 'risk', words: 'The law forbids it: account or identity is missing.' },
  RR02: { meaning: 'risk', words: 'The law forbids it: name or address of the payer is missing.' },
  RR03: { meaning: 'risk', words: 'The law forbids it: name or address of the creditor.' },
  RR04: { meaning: 'risk', words: 'The law forbids it.' },
  SL01: { meaning: 'account', words: 'A service of the payer’s bank refused it (block list).' },
};

/**
 * `TxSts`, `PmtInfSts` and `GrpSts` of pain.002 (ISO external code set). `open` also for the ones
 * that say settled: only an entry on the account is money.
 */
export const STATUSES: Readonly<Record<string, 'rejected' | 'open' | 'canceled'>> = {
  RJCT: 'rejected',
  RCVD: 'open',
  ACTC: 'open',
  ACCP: 'open',
  ACFC: 'open',
  ACWC: 'open',
  ACWP: 'open',
  ACSP: 'open',
  ACSC: 'open',
  ACCC: 'open',
  PATC: 'open',
  PDNG: 'open',
  PART: 'open',
  CANC: 'canceled',
};

/** Returns after which the mandate is gone: the payer says that there never was one. */
export const MANDATE_GONE: ReadonlySet<string> = new Set(['MD01']);

/** Words of a reason for people, with the bank's own where it adds some. */
export function reasonWords(code: string, added: string | undefined): string {
  const known = Object.hasOwn(REASONS, code) ? REASONS[code]?.words : undefined;
  return [known, added].filter((part) => part !== undefined).join(' ');
}
