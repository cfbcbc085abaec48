import type { Addresses } from '@daikou/engine';

/** Area codes 200–999 with line numbers 555-0100 to 555-0199: reserved for fiction (NANP). */
const AREA_CODES = 800;
const LINES = 100;

/**
 * Addresses for a demo customer: a mailbox under example.test (RFC 6761) and a phone number of the
 * range that is reserved for fiction. `ordinal` is the row's line, so the same file gives the same.
 */
export function demoAddresses(externalReference: string, ordinal: number): Addresses {
  const area = 200 + (Math.floor(ordinal / LINES) % AREA_CODES);
  const line = (100 + (ordinal % LINES)).toString().padStart(4, '0');
  const local = externalReference.toLowerCase().replace(/[^a-z0-9-]/g, '') || 'customer';
  return {
    name: `客户 ${externalReference}`,
    mail: `${local.slice(0, 40)}.${ordinal}@example.test`,
    phone: `+1${area}555${line}`,
  };
}
