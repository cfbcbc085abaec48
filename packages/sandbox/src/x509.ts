import { createHash, type KeyObject, sign } from 'node:crypto';

/**
 * A small writer of X.509 version 3 certificates (RFC 5280) with RSA keys and SHA256withRSA: just
 * what the simulated authorities need. Node reads certificates and has no call that makes them.
 */

/** The parts of a distinguished name; the common name is always there. */
export interface DistinguishedName {
  readonly country?: string;
  readonly organisation?: string;
  readonly unit?: string;
  readonly commonName: string;
}

export interface Authority {
  readonly subject: DistinguishedName;
  readonly privateKey: KeyObject;
}

export interface CertificateRequest {
  readonly subject: DistinguishedName;
  /** Who signs; absent: the certificate signs itself, and `key.privateKey` must be there. */
  readonly issuer?: Authority;
  readonly key: { readonly publicKey: KeyObject; readonly privateKey?: KeyObject };
  /** More than zero, at most 20 bytes. */
  readonly serial: bigint;
  /** First and last instant of validity in milliseconds; cut to whole seconds. */
  readonly from: number;
  readonly until: number;
  readonly isCa?: boolean;
  readonly extendedUsage?: readonly ('serverAuth' | 'clientAuth' | 'emailProtection')[];
  /** IPv4 addresses and host names for which a server uses the certificate. */
  readonly hosts?: readonly string[];
}

/** Returns the certificate as PEM with LF line ends and one at the end. */
export function makeCertificate(request: CertificateRequest): string {
  const issuerKey = request.issuer?.privateKey ?? request.key.privateKey;
  if (issuerKey === undefined)
    throw new Error('A certificate needs the private key of its issuer.');
  if (request.serial <= 0n) throw new Error('The serial number of a certificate is above zero.');
  const body = bodyOf(request, issuerKey);
  const signature = sign('sha256', body, issuerKey);
  const algorithm = signatureAlgorithm();
  return toPem(sequence(body, algorithm, tagged(0x03, Buffer.from([0]), signature)));
}

function bodyOf(request: CertificateRequest, issuerKey: KeyObject): Buffer {
  const publicKey = request.key.publicKey.export({ type: 'spki', format: 'der' });
  return sequence(
    tagged(0xa0, integer(2n)),
    integer(request.serial),
    signatureAlgorithm(),
    name(request.issuer?.subject ?? request.subject),
    sequence(time(request.from), time(request.until)),
    name(request.subject),
    publicKey,
    tagged(0xa3, sequence(...extensions(request, { publicKey, issuerKey }))),
  );
}

/** The extensions of the request, in the order in which authorities usually write them. */
function extensions(
  request: CertificateRequest,
  keys: { readonly publicKey: Buffer; readonly issuerKey: KeyObject },
): Buffer[] {
  const isCa = request.isCa === true;
  const written = [
    extension('2.5.29.14', tagged(0x04, createHash('sha1').update(keys.publicKey).digest())),
    // Basic constraints and key usage are critical: a reader that knows neither must refuse.
    extension('2.5.29.19', isCa ? sequence(tagged(0x01, Buffer.from([0xff]))) : sequence(), true),
    extension('2.5.29.15', bits(isCa ? [5, 6] : [0, 1, 2, 3]), true),
  ];
  if (request.extendedUsage !== undefined) {
    const usages = request.extendedUsage.map((usage) => objectId(USAGES[usage]));
    written.push(extension('2.5.29.37', sequence(...usages)));
  }
  if (request.hosts !== undefined) {
    written.push(extension('2.5.29.17', sequence(...request.hosts.map(host))));
  }
  return written;
}

const USAGES = {
  serverAuth: '1.3.6.1.5.5.7.3.1',
  clientAuth: '1.3.6.1.5.5.7.3.2',
  emailProtection: '1.3.6.1.5.5.7.3.4',
} as const;

function extension(id: string, value: Buffer, isCritical = false): Buffer {
  const critical = isCritical ? [tagged(0x01, Buffer.from([0xff]))] : [];
  return sequence(objectId(id), ...critical, tagged(0x04, value));
}

function host(text: string): Buffer {
  const isAddress = /^\d{1,3}(\.\d{1,3}){3}$/.test(text);
  return isAddress
    ? tagged(0x87, Buffer.from(text.split('.').map(Number)))
    : tagged(0x82, Buffer.from(text, 'latin1'));
}

function signatureAlgorithm(): Buffer {
  return sequence(objectId('1.2.840.113549.1.1.11'), tagged(0x05));
}

function name(parts: DistinguishedName): Buffer {
  const written: Buffer[] = [];
  const add = (id: string, tag: number, text: string | undefined): void => {
    if (text === undefined) return;
    const value = tagged(tag, Buffer.from(text, 'utf8'));
    written.push(tagged(0x31, sequence(objectId(id), value)));
  };
  add('2.5.4.6', 0x13, parts.country);
  add('2.5.4.10', 0x0c, parts.organisation);
  add('2.5.4.11', 0x0c, parts.unit);
  add('2.5.4.3', 0x0c, parts.commonName);
  return sequence(...written);
}

/** UTC time up to 2049 and generalised time from 2050 on, as RFC 5280 §4.1.2.5 wants. */
function time(instantMs: number): Buffer {
  const text = `${new Date(instantMs).toISOString().slice(0, 19).replace(/[-T:]/g, '')}Z`;
  return text < '2050' ? tagged(0x17, Buffer.from(text.slice(2))) : tagged(0x18, Buffer.from(text));
}

/** A DER bit string with the named bits set. */
function bits(positions: readonly number[]): Buffer {
  const byte = positions.reduce((sum, position) => sum | (0x80 >> position), 0);
  const unused = 7 - Math.max(...positions);
  return tagged(0x03, Buffer.from([unused, byte]));
}

function integer(value: bigint): Buffer {
  const hex = value.toString(16);
  const bytes = Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex');
  // A leading one bit would read as a number below zero.
  const isNegative = ((bytes[0] ?? 0) & 0x80) !== 0;
  return tagged(0x02, isNegative ? Buffer.concat([Buffer.from([0]), bytes]) : bytes);
}

function objectId(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  return tagged(0x06, Buffer.from([first * 40 + second, ...rest.flatMap(base128)]));
}

function base128(value: number): number[] {
  const digits = [value & 0x7f];
  for (let left = Math.floor(value / 128); left > 0; left = Math.floor(left / 128)) {
    digits.unshift((left & 0x7f) | 0x80);
  }
  return digits;
}

function sequence(...parts: readonly Buffer[]): Buffer {
  return tagged(0x30, ...parts);
}

/** One DER element: tag, length, content. */
function tagged(tag: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  return Buffer.concat([Buffer.from([tag, ...lengthOf(content.length)]), content]);
}

function lengthOf(size: number): number[] {
  if (size < 0x80) return [size];
  const digits: number[] = [];
  for (let left = size; left > 0; left = Math.floor(left / 256)) digits.unshift(left & 0xff);
  return [0x80 | digits.length, ...digits];
}

function toPem(der: Buffer): string {
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n');
}
