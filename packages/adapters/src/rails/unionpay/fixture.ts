import { readFileSync } from 'node:fs';
import { type Sandbox, startSandbox } from '../../kit/sandbox.ts';
import type { UnionpayConfig } from './config.ts';
import type { Fields } from './fields.ts';

/** Test fixture: a merchant of the sandbox, whose keys and certificates are made for this run. */
export type Fixture = {
  readonly sandbox: Sandbox;
  readonly config: UnionpayConfig;
  /** The fields as UnionPay would sign them. */
  readonly sign: (fields: Fields) => Promise<Fields>;
  readonly stop: () => Promise<void>;
};

export const NOTIFY_URL = 'https://daikou.example.test/callbacks/cards';

export async function openFixture(): Promise<Fixture> {
  const sandbox = await startSandbox();
  const gateway = sandbox.endpoint<string>('unionpay');
  return {
    sandbox,
    config: {
      ...sandbox.credentials<Omit<UnionpayConfig, 'now' | 'notifyUrl'>>('unionpay'),
      gateway,
      fileGateway: gateway,
      notifyUrl: NOTIFY_URL,
      now: () => Temporal.Now.instant(),
      timeoutMilliseconds: 2_000,
    },
    sign: async (fields) =>
      (await sandbox.admin('POST', '/admin/unionpay/sign', fields)) as Promise<Fields>,
    stop: sandbox.stop,
  };
}

const vector = (name: string): string =>
  readFileSync(new URL(`./golden/vector-a5-${name}`, import.meta.url), 'utf8').trimEnd();

/** The published certificate, with the CRLF line ends that belong to the signed text. */
export const VECTOR_CERTIFICATE = vector('certificate.pem').replaceAll('\n', '\r\n');

/** The published notification (rails.md A.5) with its certificate and its signature. */
export const VECTOR: Fields = {
  ...Object.fromEntries(
    vector('fields.txt')
      .split('\n')
      .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  ),
  signPubKeyCert: VECTOR_CERTIFICATE,
  signature: vector('signature.txt'),
};
