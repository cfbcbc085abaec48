import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, describe, test } from 'node:test';
import { startSandbox } from './index.ts';
import { signV2 } from './wechat/signature.ts';
import { buildXml } from './wechat/xml.ts';

const MAIN = new URL('./main.ts', import.meta.url).pathname;

interface Running {
  readonly child: ChildProcess;
  readonly admin: string;
  readonly wechat: string;
}

describe('a sandbox as a process', () => {
  const root = mkdtempSync(join(tmpdir(), 'daikou-durable-'));
  const children: ChildProcess[] = [];
  const merchants: Server[] = [];
  after(() => {
    for (const merchant of merchants) merchant.close().closeAllConnections();
    for (const child of children) child.kill('SIGKILL');
    rmSync(root, { recursive: true, force: true });
  });

  const start = async (home: string): Promise<Running> => {
    const args = [MAIN, '--home', join(root, home), '--exit-with-stdin'];
    const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] });
    children.push(child);
    for await (const line of createInterface({ input: child.stdout })) {
      const ready = JSON.parse(line) as Omit<Running, 'child'> & { readonly ready: boolean };
      assert.equal(ready.ready, true);
      return { child, admin: ready.admin, wechat: ready.wechat };
    }
    throw new Error('the sandbox ended before it was ready');
  };
  const ended = (child: ChildProcess) =>
    new Promise<string | number | null>((resolve) => {
      child.once('exit', (code, signal) => resolve(signal ?? code));
    });
  const kill = async (child: ChildProcess) => {
    const gone = ended(child);
    child.kill('SIGKILL');
    assert.equal(await gone, 'SIGKILL');
  };
  const admin = async (at: Running, method: string, path: string, body?: unknown) => {
    const response = await fetch(`${at.admin}${path}`, {
      method,
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    return (await response.json()) as Record<string, Record<string, unknown>>;
  };

  test('after kill -9 everything that was answered is there, torn line or not', async () => {
    let at = await start('kill');
    await admin(at, 'PUT', '/admin/clock', { now: '2026-12-01T08:00:00+08:00' });
    await admin(at, 'PUT', '/admin/outcomes', {
      seed: 'x',
      wechat: { first: { SUCCESS: 10_000 } },
    });
    await admin(at, 'PUT', '/admin/configure', { callbacks: { delayMs: [60_000, 60_000] } });
    await admin(at, 'POST', '/admin/faults', { rail: 'wechat', fault: 'slow', operation: 'none' });
    const contractId = await signContract(at, await admin(at, 'GET', '/admin/credentials'));
    const paths = ['books', 'credentials', 'clock', 'outcomes', 'configure', 'faults'];
    const readAll = () => Promise.all(paths.map((path) => admin(at, 'GET', `/admin/${path}`)));
    const before = await readAll();
    await kill(at.child);
    at = await start('kill');
    assert.deepEqual(await readAll(), before);
    await kill(at.child);
    appendFileSync(join(root, 'kill', 'journal.jsonl'), '[["wechat_contracts","x",{"contr');
    at = await start('kill');
    assert.deepEqual(await readAll(), before);
    assert.ok(
      Object.hasOwn((await admin(at, 'GET', '/admin/books'))['wechat_contracts'] ?? {}, contractId),
    );
    await kill(at.child);
  });

  test('accepted orders and undelivered callbacks survive the kill', async () => {
    let at = await start('orders');
    const received: string[] = [];
    const merchant = createServer((request, response) => {
      received.push(request.url ?? '');
      response.end('<xml><return_code>SUCCESS</return_code></xml>');
    });
    merchants.push(merchant);
    await admin(at, 'PUT', '/admin/clock', { now: '2026-12-01T08:00:00+08:00' });
    await admin(at, 'PUT', '/admin/configure', {
      wechat: { processingMs: 60_000 },
      callbacks: { delayMs: [300, 300] },
    });
    const credentials = await admin(at, 'GET', '/admin/credentials');
    await new Promise<void>((resolve) => merchant.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(merchant.address() as AddressInfo).port}`;
    const contractId = await signContract(at, credentials, `${url}/sign`);
    const accepted = await pay(at, credentials, { contractId, notifyUrl: `${url}/pay` });
    assert.match(accepted, /<result_code><!\[CDATA\[SUCCESS/);
    await kill(at.child);
    at = await start('orders');
    await admin(at, 'PUT', '/admin/configure', { wechat: { processingMs: 1 } });
    await kill(at.child);
    at = await start('orders');
    await admin(at, 'POST', '/admin/idle');
    // A callback on the wire when the process died is sent again: at least once, never not at all.
    assert.deepEqual([...new Set(received)].sort(), ['/pay', '/sign']);
    const summary = await admin(at, 'GET', '/admin/books/summary');
    assert.equal(summary['wechat']?.['succeeded'], 1);
    await kill(at.child);
  });

  test('it ends with its standard input, and at once on SIGTERM', async () => {
    const first = await start('ends');
    const gone = ended(first.child);
    first.child.stdin?.end();
    assert.equal(await gone, 0);
    const second = await start('ends');
    const goneToo = ended(second.child);
    second.child.kill('SIGTERM');
    assert.equal(await goneToo, 0);
  });

  test('without a home it says how to start it', async () => {
    const child = spawn(process.execPath, [MAIN], { stdio: ['ignore', 'ignore', 'pipe'] });
    children.push(child);
    let told = '';
    child.stderr?.on('data', (piece) => {
      told += String(piece);
    });
    assert.equal(await ended(child), 2);
    assert.match(told, /^Usage:/);
  });
});

describe('a sandbox in this process', () => {
  const root = mkdtempSync(join(tmpdir(), 'daikou-durable-'));
  after(() => rmSync(root, { recursive: true, force: true }));

  test('can be stopped and started again on the same home', async () => {
    const first = await startSandbox({ home: root });
    const credentials = await (await fetch(`${first.endpoints.admin}/admin/credentials`)).text();
    await first.stop();
    const journal = readFileSync(join(root, 'journal.jsonl'), 'utf8');
    const second = await startSandbox({ home: root });
    const again = await (await fetch(`${second.endpoints.admin}/admin/credentials`)).text();
    await second.stop();
    assert.equal(again, credentials);
    assert.equal(readFileSync(join(root, 'journal.jsonl'), 'utf8'), journal);
  });

  test('a port that is taken is an error, and nothing stays open', async () => {
    const home = join(root, 'port');
    const first = await startSandbox({ home: join(root, 'other') });
    const taken = Number(new URL(first.endpoints.admin).port);
    await assert.rejects(startSandbox({ home, ports: { admin: taken } }), /EADDRINUSE/);
    const { smtp } = first.endpoints;
    await assert.rejects(startSandbox({ home, ports: { smtp: smtp.port } }), /EADDRINUSE/);
    await first.stop();
    const second = await startSandbox({ home, ports: { admin: taken } });
    await second.stop();
  });
});

type Credentials = Record<string, Record<string, unknown>>;

function sign(credentials: Credentials, params: Record<string, string>): Record<string, string> {
  const { mchid, appid, apiV2Key } = credentials['wechat'] ?? {};
  const message = { mch_id: String(mchid), appid: String(appid), ...params };
  const type = params['sign_type'] === undefined ? 'MD5' : 'HMAC-SHA256';
  return { ...message, sign: signV2(message, String(apiV2Key), type) };
}

async function signContract(
  at: Running,
  credentials: Credentials,
  notifyUrl = '',
): Promise<string> {
  const params = sign(credentials, {
    plan_id: '120001',
    contract_code: 'DURABLE',
    request_serial: '1',
    contract_display_account: 'alice',
    notify_url: notifyUrl || 'http://127.0.0.1:9/nobody',
    version: '1.0',
    timestamp: '1764547200',
    clientip: '127.0.0.1',
    sign_type: 'HMAC-SHA256',
  });
  const reply = await fetch(`${at.wechat}/papay/h5entrustweb?${new URLSearchParams(params)}`);
  const link = /<redirect_url><!\[CDATA\[([^\]]+)/.exec(await reply.text())?.[1] ?? '';
  const body = new URLSearchParams({ decision: 'agree' });
  const decided = (await (await fetch(link, { method: 'POST', body })).json()) as {
    contract_id: string;
  };
  return decided.contract_id;
}

async function pay(
  at: Running,
  credentials: Credentials,
  ask: { readonly contractId: string; readonly notifyUrl: string },
): Promise<string> {
  const params = sign(credentials, {
    nonce_str: 'n',
    body: '月费',
    out_trade_no: 'DURABLE1',
    total_fee: '1990',
    spbill_create_ip: '127.0.0.1',
    notify_url: ask.notifyUrl,
    trade_type: 'PAP',
    contract_id: ask.contractId,
  });
  const url = `${at.wechat}/pay/pappayapply`;
  return (await fetch(url, { method: 'POST', body: buildXml(params) })).text();
}
