import { X509Certificate } from 'node:crypto';

/** Whom to believe: UnionPay's root and middle certificate and the name of the signer. */
export type SignerTrust = {
  readonly root: X509Certificate;
  readonly middle: X509Certificate;
  /**
   * The third part of the common name (`041@…@中国银联股份有限公司@…`), or the whole of it: the test
   * environment signs as `00040000:SIGN`.
   */
  readonly signerName: string;
};

export type SignerVerdict =
  | { readonly kind: 'trusted'; readonly certificate: X509Certificate }
  | { readonly kind: 'refused'; readonly reason: SignerProblem };

export type SignerProblem =
  | 'not_a_certificate'
  /** Not signed by the middle certificate, or that one not by the root. */
  | 'not_issued_by_them'
  | 'another_name'
  | 'not_valid_now';

/** A certificate that arrives with every message is judged once and remembered, a few at most. */
const REMEMBERED = 16;

/** Judges the certificate inside a message (`signPubKeyCert`) at an instant of the wall clock. */
export type SignerJudge = (pem: string, at: Temporal.Instant) => SignerVerdict;

/** Makes the judge of one configuration. It keeps the last few certificates that it trusted. */
export function makeSignerJudge(trust: SignerTrust): SignerJudge {
  const known = new Map<string, X509Certificate>();
  return (pem, at) => {
    let certificate = known.get(pem);
    if (certificate === undefined) {
      const verdict = judgeIssue(pem, trust);
      if (verdict.kind === 'refused') return verdict;
      certificate = verdict.certificate;
      if (known.size >= REMEMBERED) known.clear();
      known.set(pem, certificate);
    }
    // Dates are looked at every time: a process lives longer than a certificate.
    const chain = [certificate, trust.middle, trust.root];
    return chain.every((one) => isValidAt(one, at))
      ? { kind: 'trusted', certificate }
      : { kind: 'refused', reason: 'not_valid_now' };
  };
}

function judgeIssue(pem: string, trust: SignerTrust): SignerVerdict {
  const certificate = readCertificate(pem);
  if (certificate === undefined) return { kind: 'refused', reason: 'not_a_certificate' };
  const { middle, root } = trust;
  const isTheirs = isIssuedBy(certificate, middle) && isIssuedBy(middle, root);
  if (!isTheirs) return { kind: 'refused', reason: 'not_issued_by_them' };
  return isNamed(certificate, trust.signerName)
    ? { kind: 'trusted', certificate }
    : { kind: 'refused', reason: 'another_name' };
}

function isIssuedBy(certificate: X509Certificate, issuer: X509Certificate): boolean {
  return issuer.ca && certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey);
}

/** Whether the common name is the signer's, as a whole or as its third part. */
export function isNamed(certificate: X509Certificate, signerName: string): boolean {
  const line = certificate.subject.split('\n').find((one) => one.startsWith('CN='));
  const commonName = line?.slice('CN='.length) ?? '';
  return commonName === signerName || commonName.split('@')[2] === signerName;
}

/** Whether `at` lies within the certificate's dates. */
export function isValidAt(certificate: X509Certificate, at: Temporal.Instant): boolean {
  const now = at.epochMilliseconds;
  const { validFromDate, validToDate } = certificate;
  return validFromDate.getTime() <= now && now <= validToDate.getTime();
}

/** Reads PEM; undefined when it is no certificate. */
export function readCertificate(pem: string): X509Certificate | undefined {
  if (!pem.startsWith('-----BEGIN CERTIFICATE-----')) return undefined;
  try {
    return new X509Certificate(pem);
  } catch {
    return undefined;
  }
}

/** The serial number in decimal digits, which the messages call `certId`. */
export function certIdOf(certificate: X509Certificate): string {
  return BigInt(`0x${certificate.serialNumber}`).toString();
}
