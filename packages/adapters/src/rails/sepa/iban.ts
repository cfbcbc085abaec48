/**
 * Length of an IBAN by country: those that take part in SEPA (EPC409-09, list of SEPA countries;
 * lengths of the SWIFT IBAN registry). An account elsewhere cannot be debited by this rail.
 */
const IBAN_LENGTHS: Readonly<Record<string, number>> = {
  AD: 24,
  AL: 28,
  AT: 20,
  BE: 16,
  BG: 22,
  CH: 21,
  CY: 28,
  CZ: 24,
  DE: 22,
  DK: 18,
  EE: 20,
  ES: 24,
  FI: 18,
  FR: 27,
  GB: 22,
  GI: 23,
  GR: 27,
  HR: 21,
  HU: 28,
  IE: 22,
  IS: 26,
  IT: 27,
  LI: 21,
  LT: 20,
  LU: 20,
  LV: 21,
  MC: 27,
  MD: 24,
  ME: 22,
  MK: 19,
  MT: 31,
  NL: 18,
  NO: 15,
  PL: 28,
  PT: 25,
  RO: 24,
  RS: 22,
  SE: 24,
  SI: 19,
  SK: 24,
  SM: 27,
  VA: 22,
};

/** The account number without the spaces that people write, in capitals. */
export function plainIban(text: string): string {
  return text.replace(/\s+/g, '').toUpperCase();
}

/**
 * Whether a plain IBAN is one of a SEPA country: its length and its check digits (ISO 13616, mod
 * 97). It says nothing about whether the account exists: only the bank does.
 */
export function isIban(iban: string): boolean {
  const country = iban.slice(0, 2);
  if (!Object.hasOwn(IBAN_LENGTHS, country)) return false;
  if (iban.length !== IBAN_LENGTHS[country] || !/^[A-Z]{2}\d{2}[A-Z0-9]+$/.test(iban)) return false;
  return remainder97(`${iban.slice(4)}${iban.slice(0, 4)}`) === 1;
}

/** BIC of 8 or 11 characters, as the schemas' pattern wants it. */
export function isBic(bic: string): boolean {
  return /^[A-Z0-9]{4}[A-Z]{2}[A-Z0-9]{2}([A-Z0-9]{3})?$/.test(bic);
}

/**
 * Whether a creditor identifier has good check digits: ISO 7064 mod 97-10 over the national part
 * and the country, without the business code (EPC262-08).
 */
export function isCreditorId(id: string): boolean {
  if (!/^[A-Z]{2}\d{2}[A-Z0-9]{3}[A-Z0-9]{1,28}$/.test(id)) return false;
  return remainder97(`${id.slice(7)}${id.slice(0, 4)}`) === 1;
}

/** The remainder by 97 of digits and letters, A counting 10 and Z 35. */
function remainder97(text: string): number {
  let remainder = 0;
  for (const character of text) {
    const value = Number.parseInt(character, 36);
    remainder = (remainder * (value > 9 ? 100 : 10) + value) % 97;
  }
  return remainder;
}
