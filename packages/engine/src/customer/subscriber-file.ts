import {
  type AmountRefusal,
  type Money,
  ok,
  parseAmount,
  type Refusal,
  type Result,
  refuse,
} from '@daikou/core';
import { MODULE_COLUMNS } from './subscriber-plan.ts';
import type { SubscriberRow } from './subscriber-row.ts';

export const REQUIRED_COLUMNS: readonly string[] = [
  'customerID',
  'tenure',
  'InternetService',
  ...MODULE_COLUMNS,
  'Contract',
  'PaperlessBilling',
  'PaymentMethod',
  'MonthlyCharges',
  'TotalCharges',
];

/** Columns that are used where the file has them: how to reach the customer. */
export const OPTIONAL_COLUMNS: readonly string[] = ['Name', 'Mail', 'Phone'];

/** Columns of the file that are known and not needed to bill. */
export const IGNORED_COLUMNS: readonly string[] = [
  'gender',
  'SeniorCitizen',
  'Partner',
  'Dependents',
  'PhoneService',
  'Churn',
];

const REFERENCE_MAX_LENGTH = 64;
/** Characters of a name that are kept; a longer one is a mistake, and shown short. */
const NAME_MAX_LENGTH = 200;
const TENURE_MAX_MONTHS = 1200;
const TERMS: ReadonlyMap<string, 0 | 12 | 24> = new Map([
  ['Month-to-month', 0],
  ['One year', 12],
  ['Two year', 24],
]);

type RowRefusal = Refusal & { readonly field: string };

/**
 * Reads one record of a subscriber file. Refused with the field and the reason when a value cannot
 * be trusted; a blank TotalCharges is a customer without a first bill yet and only a warning.
 * `methods`: the payment methods that the import knows how to collect.
 */
export function parseSubscriber(
  line: number,
  record: Readonly<Record<string, string | undefined>>,
  methods: ReadonlySet<string>,
): Result<SubscriberRow, RowRefusal> {
  const text = (field: string) => record[field]?.trim() ?? '';
  const externalReference = text('customerID');
  // Control characters would break rail fields, file names and terminals alike.
  if (externalReference === '' || /\p{Cc}/u.test(externalReference)) {
    return refuseField('customerID', 'blank', 'The customer has no usable number.');
  }
  if (externalReference.length > REFERENCE_MAX_LENGTH) {
    return refuseField('customerID', 'too_long', 'The customer number has over 64 characters.');
  }
  const tenure = text('tenure');
  if (!/^\d{1,4}$/.test(tenure) || Number.parseInt(tenure, 10) > TENURE_MAX_MONTHS) {
    return refuseField('tenure', 'not_a_number', 'The tenure is not a whole number of months.');
  }
  const internet = text('InternetService');
  if (internet !== 'DSL' && internet !== 'Fiber optic' && internet !== 'No') {
    return refuseField('InternetService', 'unknown_value', 'Not DSL, Fiber optic or No.');
  }
  const termMonths = TERMS.get(text('Contract'));
  if (termMonths === undefined) {
    return refuseField('Contract', 'unknown_value', 'Not Month-to-month, One year or Two year.');
  }
  const paymentMethod = text('PaymentMethod');
  if (!methods.has(paymentMethod)) {
    return refuseField('PaymentMethod', 'unknown_value', 'The payment method is not known.');
  }
  const monthly = parseCharge('MonthlyCharges', text('MonthlyCharges'));
  if (!monthly.ok) return monthly;
  const contact = parseContact(text);
  if (!contact.ok) return contact;
  const total = text('TotalCharges');
  if (total !== '') {
    const parsed = parseCharge('TotalCharges', total);
    if (!parsed.ok) return parsed;
  }
  return ok({
    line,
    externalReference,
    tenureMonths: Number.parseInt(tenure, 10),
    internet,
    modules: MODULE_COLUMNS.filter((column) => text(column) === 'Yes'),
    termMonths,
    paperless: text('PaperlessBilling') === 'Yes',
    paymentMethod,
    monthly: monthly.value,
    contact: contact.value,
    warnings: total === '' ? [{ line, field: 'TotalCharges', warning: 'blank' }] : [],
  });
}

function parseContact(
  text: (field: string) => string,
): Result<SubscriberRow['contact'], RowRefusal> {
  const [name, mail, phone] = [text('Name'), text('Mail'), text('Phone')];
  if (mail !== '' && (/\p{Cc}/u.test(mail) || !/^[^\s@]{1,64}@[^\s@]{1,190}$/.test(mail))) {
    return refuseField('Mail', 'not_an_address', 'The mail address is not valid.');
  }
  if (phone !== '' && !/^\+\d{7,15}$/.test(phone)) {
    return refuseField('Phone', 'not_a_phone', 'The phone is not in the form +8613….');
  }
  return ok({
    ...(name === '' ? {} : { name: toName(name) }),
    ...(mail === '' ? {} : { mail }),
    ...(phone === '' ? {} : { phone }),
  });
}

/** Control characters would break mail headers and terminals; whole characters are counted. */
function toName(text: string): string {
  return [...text.replace(/\p{Cc}+/gu, ' ')].slice(0, NAME_MAX_LENGTH).join('');
}

function parseCharge(field: string, text: string): Result<Money, RowRefusal> {
  const parsed: Result<Money, AmountRefusal> = parseAmount(text, 'CNY');
  if (!parsed.ok) return refuse({ ...parsed.refusal, field });
  if (parsed.value.minor < 0n) return refuseField(field, 'negative', 'The amount is negative.');
  return parsed;
}

function refuseField(
  field: string,
  code: string,
  sentence: string,
): { readonly ok: false; readonly refusal: RowRefusal } {
  return refuse({ code, sentence, next: 'Correct the row and import the file again.', field });
}
