import assert from 'node:assert/strict';
import { createPrivateKey, type KeyObject } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Endpoints, type Sandbox, startSandbox } from '../sandbox.ts';

/** What the admin endpoint tells a merchant. */
export interface GivenCredentials {
  readonly wechat: {
    readonly mchid: string;
    readonly appid: string;
    readonly apiV2Key: string;
    readonly apiV3Key: string;
    readonly merchantSerial: string;
    readonly merchantPrivateKey: string;
    readonly platformKeyId: string;
    readonly platformPublicKey: string;
    readonly templates: readonly { readonly planId: string; readonly mode: string }[];
    readonly secureAuthority: string;
    readonly clientCertificate: { readonly certificate: string; readonly key: string } | undefined;
    readonly platformKeys: Readonly<Record<string, string>>;
  };
  readonly alipay: {
    readonly appId: string;
    readonly sellerId: string;
    readonly merchantPrivateKey: string;
    readonly alipayPublicKey: string;
  };
  readonly sms: {
    readonly accessKeyId: string;
    readonly accessKeySecret: string;
    readonly signName: string;
    readonly templateCodes: readonly string[];
  };
  readonly smtp: { readonly user: string; readonly pass: string };
}

/** One request that the merchant received. */
export interface Received {
  readonly path: string;
  readonly body: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

/** What the merchant answers; a test may change it to refuse. */
export type MerchantAnswer = (request: Received) => {
  readonly status: number;
  readonly body: string;
};

/** A running sandbox with a merchant that receives its callbacks. */
export interface Stage {
  readonly sandbox: Sandbox;
  readonly endpoints: Endpoints;
  readonly credentials: GivenCredentials;
  readonly keys: { readonly wechat: KeyObject; readonly alipay: KeyObject };
  readonly merchantUrl: string;
  readonly received: Received[];
  /** Replaces the merchant's answer. */
  answerWith(answer: MerchantAnswer): void;
  admin(method: string, path: string, body?: unknown): Promise<AdminReply>;
  /** Waits until nothing is in the air and returns the callbacks received at `path`. */
  settled(path?: string): Promise<readonly Received[]>;
  close(): Promise<void>;
}

export interface AdminReply {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

/** The acknowledgements of both rails, by the path that the callback came to. */
export const ACKNOWLEDGE: MerchantAnswer = ({ path }) => ({
  status: 200,
  body: path.startsWith('/alipay')
    ? 'success'
    : '<xml><return_code><![CDATA[SUCCESS]]></return_code><return_msg>OK</return_msg></xml>',
});

const JOURNAL = 'journal.jsonl';
/**
 * The journal of a sandbox that has done nothing but make its keys: the slow part of a first
 * start.
 */
let knownKeys: string | undefined;

/** Opens a stage on a fresh home, with its business clock at `now`. */
export async function openStage(now = '2026-12-01T08:00:00+08:00'): Promise<Stage> {
  const home = await mkdtemp(join(tmpdir(), 'daikou-sandbox-'));
  const received: Received[] = [];
  let answer = ACKNOWLEDGE;
  const merchant = await openMerchant(received, (request) => answer(request));
  if (knownKeys !== undefined) await writeFile(join(home, JOURNAL), knownKeys);
  const sandbox = await startSandbox({ home });
  knownKeys ??= await readFile(join(home, JOURNAL), 'utf8');
  const admin = (method: string, path: string, body?: unknown) =>
    callAdmin(sandbox.endpoints.admin, { method, path, body });
  const credentials = (await admin('GET', '/admin/credentials')).body as unknown;
  const given = credentials as GivenCredentials;
  const set = await admin('PUT', '/admin/clock', { now });
  assert.equal(set.status, 200);
  return {
    sandbox,
    endpoints: sandbox.endpoints,
    credentials: given,
    keys: {
      wechat: createPrivateKey(given.wechat.merchantPrivateKey),
      alipay: createPrivateKey(given.alipay.merchantPrivateKey),
    },
    merchantUrl: `http://127.0.0.1:${(merchant.address() as AddressInfo).port}`,
    received,
    answerWith(next) {
      answer = next;
    },
    admin,
    async settled(path) {
      const idle = await admin('POST', '/admin/idle');
      assert.equal(idle.body['pending'], 0);
      return received.filter((request) => path === undefined || request.path === path);
    },
    async close() {
      await sandbox.stop();
      merchant.closeAllConnections();
      await new Promise((resolve) => merchant.close(resolve));
      await rm(home, { recursive: true, force: true });
    },
  };
}

async function openMerchant(received: Received[], answer: MerchantAnswer): Promise<Server> {
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8');
    request.on('data', (piece: string) => {
      body += piece;
    });
    request.on('end', () => {
      const one = { path: request.url ?? '', body, headers: request.headers };
      received.push(one);
      const told = answer(one);
      response.writeHead(told.status).end(told.body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

async function callAdmin(
  adminUrl: string,
  call: { readonly method: string; readonly path: string; readonly body?: unknown },
): Promise<AdminReply> {
  const response = await fetch(`${adminUrl}${call.path}`, {
    method: call.method,
    ...(call.body !== undefined && { body: JSON.stringify(call.body) }),
  });
  return { status: response.status, body: (await response.json()) as AdminReply['body'] };
}
