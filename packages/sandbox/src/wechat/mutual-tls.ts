import { createPrivateKey, createPublicKey } from 'node:crypto';
import type { World } from '../world.ts';
import { makeCertificate } from '../x509.ts';

const YEAR_MS = 365 * 86_400_000;
const DAY_MS = 86_400_000;

const AUTHORITY = { country: 'CN', organisation: 'Sandbox', commonName: 'Sandbox Authority' };

/** The papers of the connection that `/secapi/` wants. All PEM. */
export interface SecurePapers {
  readonly authority: string;
  readonly server: { readonly certificate: string; readonly key: string };
  readonly client: { readonly certificate: string; readonly key: string };
}

/**
 * Returns the papers of this home, made at its first start. WeChat's own authority signs both ends;
 * the merchant's certificate is the API certificate whose serial V3 requests name.
 */
export function securePapers(world: World): SecurePapers {
  const table = world.books.table<SecurePapers>('wechat_secure_papers');
  const known = table.get('papers');
  if (known !== undefined) return known;
  const { platform } = world.credentials.wechat;
  const key = keyPair(platform);
  const span = { from: Date.now() - DAY_MS, until: Date.now() + 5 * YEAR_MS };
  const papers: SecurePapers = {
    authority: makeCertificate({ subject: AUTHORITY, key, serial: 1n, isCa: true, ...span }),
    server: {
      certificate: makeCertificate({
        subject: { commonName: 'localhost' },
        issuer: { subject: AUTHORITY, privateKey: key.privateKey },
        key,
        serial: 2n,
        extendedUsage: ['serverAuth'],
        hosts: ['127.0.0.1', 'localhost'],
        ...span,
      }),
      key: platform.privateKey,
    },
    client: clientPapers(world, span),
  };
  table.put('papers', papers);
  return papers;
}

/** Returns a certificate of the merchant whose time is over. */
export function expiredClient(world: World): SecurePapers['client'] {
  return clientPapers(world, { from: Date.now() - YEAR_MS, until: Date.now() - DAY_MS });
}

function clientPapers(
  world: World,
  span: { readonly from: number; readonly until: number },
): SecurePapers['client'] {
  const { merchant, platform, mchid, merchantSerial } = world.credentials.wechat;
  const certificate = makeCertificate({
    subject: { country: 'CN', organisation: 'Sandbox', commonName: mchid },
    issuer: { subject: AUTHORITY, privateKey: createPrivateKey(platform.privateKey) },
    key: keyPair(merchant),
    serial: BigInt(`0x${merchantSerial}`),
    extendedUsage: ['clientAuth'],
    ...span,
  });
  return { certificate, key: merchant.privateKey };
}

function keyPair(pair: { readonly publicKey: string; readonly privateKey: string }) {
  return {
    publicKey: createPublicKey(pair.publicKey),
    privateKey: createPrivateKey(pair.privateKey),
  };
}
