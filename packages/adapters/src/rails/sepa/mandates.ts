import { readFile } from 'node:fs/promises';
import type { MandateHandle, MandateReport, SigningRequest, SigningStarted } from '@daikou/core';
import type { Archive } from './archive.ts';
import type { SepaSettings } from './config.ts';
import { putFile } from './exchange.ts';
import { isBic, isIban, plainIban } from './iban.ts';
import { type DebtorAccount, openAccount, sealAccount } from './vault.ts';

/** The unique mandate reference: letters and digits of ours, at most 35 (EPC016-06, AT-01). */
const REFERENCE = /^[A-Za-z0-9]{1,35}$/;

/** Refusals of a form; none quotes what was written in it. */
const REFUSALS = {
  flow_unsupported: 'This rail takes mandates on paper only.',
  account_missing: 'A direct debit needs the bank account from the signed form.',
  contract_code_invalid: 'A mandate reference has at most 35 letters and digits.',
  iban_invalid: 'The IBAN is not one of a SEPA country, or its check digits are wrong.',
  bic_invalid: 'The BIC is not 8 or 11 letters and digits.',
  holder_missing: 'The form names no account holder.',
  currency_unsupported: 'SEPA collects euros only.',
} as const;

/**
 * Takes a signed form. Nobody is asked: the paper is the evidence, the creditor keeps it (AT-25),
 * and no bank has a register of CORE mandates. What comes back holds the account sealed.
 */
export function beginPaperSigning(settings: SepaSettings, request: SigningRequest): SigningStarted {
  const { account, contractCode } = request;
  if (request.flow !== undefined && request.flow !== 'paper') return refused('flow_unsupported');
  if (account?.kind !== 'bank_account') return refused('account_missing');
  if (!REFERENCE.test(contractCode)) return refused('contract_code_invalid');
  if (request.singleCap.currency !== 'EUR') return refused('currency_unsupported');
  const iban = plainIban(account.iban);
  if (!isIban(iban)) return refused('iban_invalid');
  const bic = account.bic?.trim().toUpperCase();
  if (bic !== undefined && !isBic(bic)) return refused('bic_invalid');
  if (!/\S/.test(account.holderName)) return refused('holder_missing');
  const debtor: DebtorAccount = {
    iban,
    ...(bic === undefined ? {} : { bic }),
    holderName: account.holderName.trim().slice(0, 140),
    signedOn: account.signedOn,
  };
  const railReference = sealAccount(settings.vault, debtor, contractCode);
  return {
    kind: 'signed',
    report: activeReport(settings, debtor, { contractCode, railReference }),
  };
}

function refused(code: keyof typeof REFUSALS): SigningStarted {
  return { kind: 'refused', code, message: REFUSALS[code] };
}

function activeReport(
  settings: SepaSettings,
  debtor: DebtorAccount,
  names: { readonly contractCode: string; readonly railReference: string },
): MandateReport {
  return {
    kind: 'active',
    ...names,
    account: { kind: 'bank_account', lastFour: debtor.iban.slice(-4) },
    // The day under the signature begins in the bank's zone: no paper tells an hour.
    at: debtor.signedOn.toZonedDateTime(settings.zone).toInstant(),
  };
}

/**
 * What is known of a mandate: our own register of ended ones, and the token itself. A bank says
 * nothing of mandates; that one lapses 36 months after its last collection is for the books, which
 * know that date.
 */
export async function querySealedMandate(
  settings: SepaSettings,
  archive: Archive,
  mandate: MandateHandle,
): Promise<MandateReport> {
  const { contractCode, railReference } = mandate;
  const endedAt = await endOf(archive, contractCode);
  if (endedAt !== undefined) {
    return { ...mandate, kind: 'ended', endedBy: 'merchant', at: endedAt };
  }
  if (railReference === undefined) return { kind: 'not_found', contractCode };
  const account = openAccount(settings.vault, railReference);
  if (account?.contractCode !== contractCode) {
    return { kind: 'unknown', detail: 'no key opens the account of this mandate' };
  }
  return activeReport(settings, account, { contractCode, railReference });
}

/** Ends a mandate in our register, at once and for ever: no file names it after that. */
export async function endSealedMandate(
  settings: SepaSettings,
  archive: Archive,
  mandate: MandateHandle,
): Promise<MandateReport> {
  const { contractCode } = mandate;
  if (!REFERENCE.test(contractCode)) return { kind: 'not_found', contractCode };
  if ((await endOf(archive, contractCode)) === undefined) {
    const at = settings.now().toString();
    const outcome = await putFile(archive.place('ended'), contractCode, `${at}\n`);
    if (outcome !== 'put') return { kind: 'unknown', detail: 'the register cannot be written' };
  }
  return querySealedMandate(settings, archive, mandate);
}

/** When a mandate ended by our register; undefined while it has not. */
export async function endOf(
  archive: Archive,
  contractCode: string,
): Promise<Temporal.Instant | undefined> {
  if (!REFERENCE.test(contractCode)) return undefined;
  try {
    const text = await readFile(archive.place('ended', contractCode), 'utf8');
    return Temporal.Instant.from(text.trim());
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
