import { redacted } from '../secrets.ts';
import { isBic, isCreditorId, isIban, plainIban } from './iban.ts';
import type { Vault } from './vault.ts';

/** The merchant as the bank knows it. */
export type SepaCreditor = {
  readonly name: string;
  readonly iban: string;
  readonly bic: string;
  /** The creditor identifier of the national bank (SEPA CI). */
  readonly creditorId: string;
};

/** Where files are exchanged with the bank, and who we are there. */
export type SepaConfig = {
  /** Files for the bank: the EBICS client or SFTP mount takes them from here. */
  readonly outbox: string;
  /** Files of the bank. They are read and left where they are. */
  readonly inbox: string;
  /** Our own register of what was sent and read. Never delete it: it stops a second debit. */
  readonly archive: string;
  readonly creditor: SepaCreditor;
  /** 32 bytes, Base64: seals the payers' accounts. */
  readonly vaultKey: string;
  /** Keys of former times, which still open what they sealed. */
  readonly formerVaultKeys?: readonly string[];
  /** Default `CORE`. `B2B` takes away the payer's right to a refund, and wants the bank's check. */
  readonly scheme?: 'CORE' | 'B2B';
  /** Default `pain.008.001.08`; banks that are not ready for it take `.02`. */
  readonly schema?: 'pain.008.001.08' | 'pain.008.001.02';
  /** TARGET days that the bank wants between a file and its collection; default 1 (D-1). */
  readonly leadDays?: number;
  /** The bank's local time after which a file counts for the next day; default 10:00. */
  readonly cutOff?: string;
  /** The bank's zone; default `Europe/Berlin`. */
  readonly zone?: string;
  /** The wall clock. */
  readonly now: () => Temporal.Instant;
};

export type SepaSettings = Required<
  Omit<SepaConfig, 'vaultKey' | 'formerVaultKeys' | 'cutOff' | 'leadDays'>
> & {
  readonly vault: Vault;
  readonly cutOff: Temporal.PlainTime;
  readonly leadDays: number;
};

/** A file waits for collection at most this many TARGET days: banks hold files for two weeks. */
const LEAD_DAYS_MAX = 10;

/**
 * Fills in the defaults and checks account, creditor identifier and keys. Throws a sentence that
 * names the field and not its value: the process must not start.
 */
export function openSepaConfig(config: SepaConfig): SepaSettings {
  const creditor = { ...config.creditor, iban: plainIban(config.creditor.iban) };
  const leadDays = config.leadDays ?? 1;
  require(isIban(creditor.iban), 'creditor.iban is not the IBAN of a SEPA country');
  require(isBic(creditor.bic), 'creditor.bic is not a BIC');
  require(isCreditorId(creditor.creditorId), 'creditor.creditorId has wrong check digits');
  require(/\S/.test(creditor.name), 'creditor.name is empty');
  require(Number.isInteger(leadDays) &&
    leadDays >= 0 &&
    leadDays <= LEAD_DAYS_MAX, `leadDays is not a whole number from 0 to ${LEAD_DAYS_MAX}`);
  const [first, ...former] = [config.vaultKey, ...(config.formerVaultKeys ?? [])];
  return {
    outbox: config.outbox,
    inbox: config.inbox,
    archive: config.archive,
    creditor,
    vault: { keys: [readKey(first ?? ''), ...former.map(readKey)] },
    scheme: config.scheme ?? 'CORE',
    schema: config.schema ?? 'pain.008.001.08',
    leadDays,
    cutOff: Temporal.PlainTime.from(config.cutOff ?? '10:00'),
    zone: config.zone ?? 'Europe/Berlin',
    now: config.now,
  };
}

function require(isRight: boolean, sentence: string): void {
  if (!isRight) throw new Error(`SEPA: ${sentence}.`);
}

function readKey(text: string): Uint8Array {
  const key = Buffer.from(text, 'base64');
  require(key.length === 32, 'a vault key is not 32 bytes in Base64');
  return key;
}

/** The configuration for logs and support: every folder and rule, no key and no account. */
export function describeConfig(config: SepaConfig): Readonly<Record<string, string>> {
  const settings = openSepaConfig(config);
  return {
    outbox: settings.outbox,
    inbox: settings.inbox,
    archive: settings.archive,
    creditorName: settings.creditor.name,
    creditorId: settings.creditor.creditorId,
    creditorIban: `${settings.creditor.iban.slice(0, 2)}…${settings.creditor.iban.slice(-4)}`,
    scheme: settings.scheme,
    schema: settings.schema,
    leadDays: String(settings.leadDays),
    cutOff: settings.cutOff.toString(),
    zone: settings.zone,
    vaultKey: redacted(config.vaultKey),
    formerVaultKeys: String((config.formerVaultKeys ?? []).length),
  };
}
