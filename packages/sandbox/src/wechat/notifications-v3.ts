import { createCipheriv, randomBytes, randomUUID } from 'node:crypto';
import { formatOffset } from '../beijing.ts';
import type { Version } from '../callbacks.ts';
import type { World } from '../world.ts';
import { signingKey } from './keys.ts';
import type { Contract, TerminationMode } from './records.ts';
import { signV3Reply } from './signature.ts';

/** Seconds between the tries of a V3 notice (rails.md §1.15). */
const RETRY_SECONDS = [
  15, 15, 30, 180, 600, 1200, 1800, 1800, 1800, 3600, 10800, 10800, 10800, 21600, 21600,
];

/** V2's numbers of who ended a contract, in V3's words. */
const MODES: Readonly<Record<TerminationMode, string>> = {
  1: 'SYSTEM_TERMINATE',
  2: 'USER_TERMINATE',
  3: 'MCH_API_TERMINATE',
  4: 'WEPAY_WEB_TERMINATE',
  5: 'SYSTEM_TERMINATE',
  7: 'CUSTOMER_SERVICE_TERMINATE',
};

/** A contract as V3 writes it, in queries and events alike (rails.md §1.14). */
export function describeV3(world: World, contract: Contract): Readonly<Record<string, unknown>> {
  const { mchid, appid } = world.credentials.wechat;
  const ended = contract.terminatedAt;
  return {
    mchid,
    contract_id: contract.contractId,
    appid,
    plan_id: Number(contract.planId),
    out_contract_code: contract.contractCode,
    contract_display_account: contract.displayAccount,
    contract_state: contract.state === 'active' ? 'SIGNED' : 'TERMINATED',
    contract_signed_time: formatOffset(contract.signedAt),
    contract_expired_time: formatOffset(contract.expiresAt),
    openid: contract.openid,
    ...(ended !== undefined && {
      contract_terminate_info: {
        contract_termination_mode: MODES[contract.terminationMode ?? '2'],
        contract_terminated_time: formatOffset(ended),
        contract_termination_remark: contract.terminationRemark ?? '',
      },
    }),
  };
}

/** An event to be told by V3: its type, where to, and what it says once decrypted. */
export interface V3Event {
  readonly type: string;
  readonly url: string;
  readonly content: Readonly<Record<string, unknown>>;
}

/** Enters a V3 notice: an envelope whose content is encrypted, signed in its headers. */
export function notifyV3(world: World, contract: Contract, event: V3Event): void {
  const name = event.type === 'ENTRUST.TERMINATE' ? 'terminate_callback' : 'sign_callback';
  const envelope = {
    id: randomUUID(),
    create_time: formatOffset(world.clock.now()),
    resource_type: 'encrypt-resource',
    event_type: event.type,
    summary: event.type === 'ENTRUST.SIGN' ? '签约成功' : '签约变更',
  };
  const bodyOf = (version: Version): string => {
    const content =
      version === 'swapped_order'
        ? { ...event.content, out_contract_code: `${contract.contractCode}X` }
        : event.content;
    return JSON.stringify({ ...envelope, resource: encrypt(world, JSON.stringify(content)) });
  };
  world.callbacks.enter({
    occasion: {
      rail: 'wechat',
      operations: ['callback', name],
      contractCode: contract.contractCode,
    },
    kind: name,
    subject: contract.contractCode,
    url: event.url,
    contentType: 'application/json',
    bodyOf,
    headersOf: (version, body) => v3Headers(world, version, body),
    swappable: new Set(['swapped_order']),
    retrySeconds: RETRY_SECONDS,
    timeScale: world.settings.current.wechat.callbackTimeScale,
    acknowledgement: 'http_2xx',
  });
}

/** The four headers that sign a V3 message; a probe and a forgery have a signature that fails. */
function v3Headers(world: World, version: Version, body: string): Readonly<Record<string, string>> {
  const { id, key } = signingKey(world);
  const timestamp = String(Math.floor(Date.now() / 1000));
  const nonce = randomBytes(16).toString('hex');
  const signature = signV3Reply({ timestamp, nonce, body }, key);
  const shown = {
    probe: `WECHATPAY/SIGNTEST/${signature.slice(19)}`,
    wrong_signature: [...signature].reverse().join(''),
  }[version as string];
  return {
    'wechatpay-timestamp': timestamp,
    'wechatpay-nonce': nonce,
    'wechatpay-serial': id,
    'wechatpay-signature-type': 'WECHATPAY2-SHA256-RSA2048',
    'wechatpay-signature': shown ?? signature,
  };
}

/** AES-256-GCM with the APIv3 key; the last 16 bytes are the tag (rails.md §1.4). */
function encrypt(world: World, plain: string): Readonly<Record<string, string>> {
  const nonce = randomBytes(6).toString('hex');
  const associated = 'entrust';
  const key = Buffer.from(world.credentials.wechat.apiV3Key);
  const cipher = createCipheriv('aes-256-gcm', key, Buffer.from(nonce));
  cipher.setAAD(Buffer.from(associated));
  const bytes = [cipher.update(plain, 'utf8'), cipher.final(), cipher.getAuthTag()];
  return {
    original_type: 'entrust',
    algorithm: 'AEAD_AES_256_GCM',
    ciphertext: Buffer.concat(bytes).toString('base64'),
    associated_data: associated,
    nonce,
  };
}
