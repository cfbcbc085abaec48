import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { money, type Rail, type RawCallback } from '@daikou/core';
import { listen } from '../../kit/listener.ts';
import { startSandbox } from '../../kit/sandbox.ts';
import { decideOnPage } from '../../kit/wallet.ts';
import { FIRST_DAY, freshNumber, openInbox, type RailWorld } from '../suite/subject.ts';
import { openWechatConfig } from './config.ts';
import { makeWechatRail } from './rail.ts';
import { sandboxConfig } from './sandbox-config.ts';

let world: RailWorld;

before(async () => {
  const sandbox = await startSandbox();
  const inbox = await openInbox();
  world = { sandbox, inbox };
  await sandbox.setClock(`${FIRST_DAY}T09:00:00+08:00`);
  await configure({
    terminationUrl: `${inbox.origin}/ends`,
    callbackTimeScale: 0.001,
    contractCallbacks: 'v3',
  });
});
after(async () => {
  await world.sandbox.stop();
  await world.inbox.close();
});

function configure(wechat: Readonly<Record<string, unknown>>): Promise<unknown> {
  return world.sandbox.admin('PUT', '/admin/configure', { wechat });
}

function signing() {
  return {
    contractCode: freshNumber('C'),
    displayAccount: freshNumber('customer-'),
    singleCap: money(50_000n, 'CNY'),
    requestSerial: String(Date.now()),
    clientIp: '192.0.2.10',
  };
}

/** Signs by the V3 family, and gives the contract as the query names it. */
async function signV3(rail: Rail): Promise<{ contractCode: string; railReference: string }> {
  const request = signing();
  const started = await rail.beginSigning({ ...request, flow: 'browser_page' });
  assert.equal(started.kind, 'open_url', JSON.stringify(started));
  if (started.kind === 'open_url') await decideOnPage(started.url, 'agree');
  const { contractCode } = request;
  const report = await rail.queryMandate({ contractCode });
  assert.equal(report.kind, 'active');
  return { contractCode, railReference: report.kind === 'active' ? report.railReference : '' };
}

/** The first callback about the contract that this rail takes, or refuses as `reason`. */
async function heard(
  rail: Rail,
  isWanted: (one: RawCallback) => boolean,
): Promise<ReturnType<Rail['readCallback']>> {
  return rail.readCallback(await world.inbox.wait(isWanted));
}

function reportOf(rail: Rail, one: RawCallback) {
  const reading = rail.readCallback(one);
  const event = reading.kind === 'verified' ? reading.events[0] : undefined;
  return event?.kind === 'mandate' ? event.report : undefined;
}

describe('signing, query and end by V3', () => {
  const rail = () => makeWechatRail({ ...sandboxConfig(world), signingApi: 'v3' });

  test('a contract is signed, told by ENTRUST.SIGN, and found the same by the query', async () => {
    const { contractCode } = await signV3(rail());
    const isOurs = (one: RawCallback) => {
      const report = reportOf(rail(), one);
      return report?.kind === 'active' && report.contractCode === contractCode;
    };
    const raw = await world.inbox.wait(isOurs);
    assert.deepEqual(reportOf(rail(), raw), await rail().queryMandate({ contractCode }));
    assert.equal(rail().readCallback(raw).answer.status, 204);
  });

  test('the app is given the mini program of the pre-signing', async () => {
    const started = await rail().beginSigning({ ...signing(), flow: 'app' });
    assert.equal(started.kind, 'launch');
    if (started.kind !== 'launch') return;
    const names = Object.keys(started.parameters).sort();
    assert.deepEqual(names, ['path', 'pre_entrustweb_id', 'userName']);
  });

  test('an end by the merchant, an end by the user: each is told with who ended it', async () => {
    const mine = await signV3(rail());
    const ended = await rail().endMandate(mine, '客户关闭自动续费');
    assert.equal(ended.kind === 'ended' && ended.endedBy, 'merchant');
    const again = await rail().endMandate(mine, '客户关闭自动续费');
    assert.equal(again.kind === 'ended' && again.endedBy, 'merchant');
    const ENDERS = [
      ['1', 'rail'],
      ['2', 'customer'],
      ['4', 'merchant'],
      ['5', 'rail'],
      ['7', 'rail'],
    ] as const;
    for (const [mode, ender] of ENDERS) {
      const theirs = await signV3(rail());
      const body = { rail: 'wechat', contractId: theirs.railReference, mode };
      await world.sandbox.admin('POST', '/admin/wallet/terminate', body);
      const isOurs = (one: RawCallback) => {
        const report = reportOf(rail(), one);
        return report?.kind === 'ended' && report.contractCode === theirs.contractCode;
      };
      const report = reportOf(rail(), await world.inbox.wait(isOurs));
      assert.equal(report?.kind === 'ended' && report.endedBy, ender);
      assert.deepEqual(report, await rail().queryMandate(theirs));
    }
  });

  test('a contract that nobody signed is not found, and a spoilt reply says nothing', async () => {
    const contractCode = freshNumber('C');
    assert.deepEqual(await rail().queryMandate({ contractCode }), {
      kind: 'not_found',
      contractCode,
    });
    for (const fault of ['wrong_signature', 'garbage_body', 'http_500', 'connection_reset']) {
      const signed = await signV3(rail());
      const script = { rail: 'wechat', operation: 'querycontract', fault, times: 1 };
      await world.sandbox.admin('POST', '/admin/faults', script);
      assert.equal((await rail().queryMandate(signed)).kind, 'unknown', fault);
    }
  });

  test('the reply of a query that names another contract says nothing', async () => {
    const signed = await signV3(rail());
    const report = await rail().queryMandate({ ...signed, railReference: 'another' });
    assert.equal(report.kind, 'unknown');
  });
});

describe('the platform’s keys change', () => {
  type Made = { readonly id: string; readonly pem: string };
  const make = (form: string, expired = false): Promise<Made> =>
    world.sandbox.admin('POST', '/admin/wechat/keys', { form, expired }) as Promise<Made>;
  const announce = async (keys: Readonly<Record<string, string>>): Promise<string> => {
    const rail = makeWechatRail({ ...sandboxConfig(world), platformKeys: keys });
    const outcome = await rail.announce?.({
      railReference: 'nobody',
      amount: money(1n, 'CNY'),
    });
    return outcome?.kind ?? 'absent';
  };

  test('in the overlap both keys hold; once the old one is taken away it is refused', async () => {
    const old = sandboxConfig(world).platformKeys;
    const certificate = await make('certificate');
    const both = { ...old, [certificate.id]: certificate.pem };
    // The rail signs with the new one now.
    assert.equal(await announce(old), 'unknown');
    assert.equal(await announce(both), 'refused');
    const [oldId = ''] = Object.keys(old);
    await configure({ signingKeyId: oldId });
    assert.equal(await announce(both), 'refused');
    const only = { [certificate.id]: certificate.pem };
    assert.equal(await announce(only), 'unknown');
    await configure({ signingKeyId: '' });
    const publicKey = await make('public_key');
    assert.match(publicKey.id, /^PUB_KEY_ID_/);
    assert.equal(await announce(only), 'unknown');
    assert.equal(await announce({ ...only, [publicKey.id]: publicKey.pem }), 'refused');
  });

  test('a certificate whose time is over signs nothing any more, callbacks included', async () => {
    const late = await make('certificate', true);
    assert.equal(await announce({ [late.id]: late.pem }), 'unknown');
    const keys = { ...sandboxConfig(world).platformKeys, [late.id]: late.pem };
    const rail = makeWechatRail({ ...sandboxConfig(world), platformKeys: keys });
    const signedBy = (one: RawCallback) => one.headers['wechatpay-serial'] === late.id;
    const started = await rail.beginSigning({ ...signing(), flow: 'browser_page' });
    if (started.kind === 'open_url') await decideOnPage(started.url, 'agree');
    const reading = await heard(rail, signedBy);
    assert.equal(reading.kind === 'refused' && reading.reason, 'bad_signature');
  });

  test('an inquiry before an end is acknowledged, and nothing follows from it', async () => {
    const fresh = await make('public_key');
    const rail = makeWechatRail({
      ...sandboxConfig(world),
      platformKeys: { [fresh.id]: fresh.pem },
      signingApi: 'v3',
    });
    const { railReference: contractId } = await signV3(rail);
    const url = `${world.inbox.origin}/inquiries`;
    const type = 'ENTRUST.TERMINATE_INQUIRY';
    await world.sandbox.admin('POST', '/admin/wechat/event', { contractId, type, url });
    const isInquiry = (one: RawCallback) => Buffer.from(one.body).toString().includes(type);
    const reading = await heard(rail, isInquiry);
    assert.deepEqual(reading.kind === 'verified' && reading.events, []);
  });
});

describe('files that V3 names', () => {
  const DATE = FIRST_DAY;
  const rail = (change: object = {}) =>
    makeWechatRail({ ...sandboxConfig(world), platformKeys: KEYS, ...change });
  let KEYS: Readonly<Record<string, string>> = {};

  test('the trade bill by V3 is the one by V2', async () => {
    const fresh = (await world.sandbox.admin('POST', '/admin/wechat/keys', {
      form: 'public_key',
    })) as { readonly id: string; readonly pem: string };
    KEYS = { [fresh.id]: fresh.pem };
    const { railReference } = await signV3(rail({ signingApi: 'v3' }));
    const orderNumber = freshNumber('D');
    const amount = money(2_985n, 'CNY');
    await rail().submit({ orderNumber, railReference, amount, description: '专业版' });
    await world.sandbox.idle();
    assert.equal((await rail().fetchBill(DATE)).kind, 'not_ready');
    assert.equal((await rail({ billApi: 'v3' }).fetchBill(DATE)).kind, 'not_ready');
    await world.sandbox.setClock('2026-12-02T10:00:00+08:00');
    const [byV2, byV3] = [
      await rail().fetchBill(DATE),
      await rail({ billApi: 'v3' }).fetchBill(DATE),
    ];
    assert.equal(byV2.kind, 'ready');
    assert.equal(byV3.kind, 'ready');
    if (byV2.kind !== 'ready' || byV3.kind !== 'ready') return;
    assert.equal(byV3.contentHash, byV2.contentHash);
    assert.deepEqual(await Array.fromAsync(byV3.lines), await Array.fromAsync(byV2.lines));
    const before = DATE.subtract({ days: 1 });
    assert.deepEqual(await rail({ billApi: 'v3' }).fetchBill(before), { kind: 'empty' });
  });

  for (const fault of ['truncated_body', 'garbage_body', 'http_500', 'connection_reset']) {
    test(`a file that comes as ${fault} is no statement`, async () => {
      const script = { rail: 'wechat', operation: 'file', fault, times: 1 };
      await world.sandbox.admin('POST', '/admin/faults', script);
      assert.equal((await rail().fetchSettlement?.(DATE))?.kind, 'unknown');
      assert.equal((await rail().fetchSettlement?.(DATE))?.kind, 'ready');
    });
  }

  test('the money of the day goes to the bank, and is offered for its statement', async () => {
    const statement = await rail().fetchSettlement?.(DATE);
    assert.equal(statement?.kind, 'ready');
    if (statement?.kind !== 'ready') return;
    const payout = (await Array.fromAsync(statement.lines)).find(({ kind }) => kind === 'payout');
    const { payouts } = (await world.sandbox.admin('GET', '/admin/books/payouts')) as {
      payouts: readonly Readonly<Record<string, unknown>>[];
    };
    const offered = payouts.find((one) => one['rail'] === 'wechat' && one['date'] === '2026-12-01');
    assert.equal(offered?.['reference'], payout?.railReference);
    // 29.85 less its fee of 0.18.
    assert.equal(offered?.['amountMinor'], 2_967);
    assert.equal(payout?.change.minor, -2_967n);
    assert.equal(payout?.balance?.minor, 0n);
  });
});

describe('a client certificate', () => {
  test('that cannot be opened, or a way without TLS, is refused at the start', async () => {
    const config = sandboxConfig(world);
    const p12 = { p12: Buffer.from('no p12').toString('base64'), passphrase: 'wrong' };
    assert.throws(
      () => openWechatConfig({ ...config, clientCertificate: p12 }),
      /clientCertificate/,
    );
    const secureBaseUrl = 'http://api.example.test/';
    assert.throws(() => openWechatConfig({ ...config, secureBaseUrl }), /https/);
    const nowhere = await listen(() => ({ status: 503 }));
    await nowhere.close();
    const rail = makeWechatRail({ ...config, secureBaseUrl: nowhere.origin });
    const outcome = await rail.refund?.({
      refundNumber: 'R1',
      orderNumber: 'D1',
      paymentReference: '42',
      paid: money(2n, 'CNY'),
      paidAt: Temporal.Now.instant(),
      amount: money(1n, 'CNY'),
      reason: 'x',
    });
    assert.equal(outcome?.kind, 'never_sent');
  });

  test('a flow that does not exist is refused at the start', () => {
    const config = sandboxConfig(world);
    assert.throws(() => openWechatConfig({ ...config, signingFlows: ['paper'] }), /paper/);
    assert.throws(() => openWechatConfig({ ...config, signingFlows: [] }), /empty/);
  });
});
