import { type ContactChannel, readSealedAddress } from '@daikou/core';

const HIDDEN = '****';
const CHINA_MOBILE = /^\+86(\d{3})\d{4}(\d{4})$/;
const INTERNATIONAL = /^\+(\d{3})\d+(\d{4})$/;

/** The shortest number of digits of which three at the front and four at the end may be shown. */
const MIN_DIGITS_SHOWN_IN_PART = 10;

/**
 * A phone number as people may see it: "138****1234", the Chinese convention of three and four
 * digits; numbers of other countries keep their plus sign ("+121****0123"). A number too short to
 * hide anything that way, or in no known form, is hidden completely.
 */
export function maskPhone(phone: string): string {
  const mobile = CHINA_MOBILE.exec(phone);
  if (mobile !== null) return `${mobile[1]}${HIDDEN}${mobile[2]}`;
  const other = INTERNATIONAL.exec(phone);
  if (other === null || phone.length - 1 < MIN_DIGITS_SHOWN_IN_PART) return HIDDEN;
  return `+${other[1]}${HIDDEN}${other[2]}`;
}

/**
 * A mail address as people may see it: "a****@example.test". Always four stars, so that the length
 * of the name stays hidden too; an address of no known form is hidden completely.
 */
export function maskMail(mail: string): string {
  const at = mail.lastIndexOf('@');
  if (at < 1 || at === mail.length - 1) return HIDDEN;
  const [first = ''] = mail;
  // Of a name of one letter, the first letter is the whole name.
  return `${at > first.length ? first : ''}${HIDDEN}${mail.slice(at)}`;
}

const SECRET_SHOWN = 4;

/**
 * Any address as people may see it. Of a robot or webhook the host and the last four characters, as
 * its address is a secret (a sealed one keeps them beside it); of anything else the last four.
 */
export function maskAddress(channel: ContactChannel, address: string): string {
  const sealed = readSealedAddress(address);
  if (sealed !== undefined) return sealed.shown;
  if (channel === 'mail') return maskMail(address);
  if (channel === 'sms') return maskPhone(address);
  const end = address.length > 2 * SECRET_SHOWN ? address.slice(-SECRET_SHOWN) : '';
  const host = /^https:\/\/(?:[^/@]*@)?([^/:?#]+)/.exec(address)?.[1];
  return host === undefined ? `${HIDDEN}${end}` : `${host}/${HIDDEN}${end}`;
}
