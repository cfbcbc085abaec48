import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { describe, test } from 'node:test';
import {
  money,
  type PayLinkRequest,
  type Rail,
  type SigningFlow,
  type SigningRequest,
  type SigningStarted,
  toOrderNumber,
  toPayLinkNumber,
} from '@daikou/core';
import { decideOnPage } from '../../kit/wallet.ts';
import { type Bench, freshNumber, LATER_DAY, pass } from './subject.ts';

/** Every flow that a rail can declare, and the kinds of answer that each may begin with. */
const FLOWS: Readonly<Record<SigningFlow, readonly SigningStarted['kind'][]>> = {
  wallet_page: ['open_url'],
  browser_page: ['open_url'],
  app: ['launch'],
  mini_program: ['launch'],
  pay_and_sign: ['open_url', 'launch'],
  message_code: ['code_sent'],
  paper: ['signed'],
};

/** A request to sign by `flow`, complete for the rail under test. */
export function signingRequest(bench: Bench, flow: SigningFlow, ordinal: number): SigningRequest {
  const [currency = 'CNY'] = bench.facts.capabilities.currencies;
  return {
    flow,
    contractCode: freshNumber('C'),
    displayAccount: freshNumber('customer-'),
    singleCap: money(50_000n, currency),
    firstPlannedDate: LATER_DAY,
    requestSerial: String(2_000_000 + ordinal),
    clientIp: '192.0.2.10',
    ...(flow === 'pay_and_sign' && {
      firstPayment: {
        orderNumber: toOrderNumber(`dbt_${randomBytes(16).toString('hex')}`, 1),
        amount: money(2_985n, currency),
        description: '专业版 首期',
      },
    }),
    ...bench.facts.flows?.[flow]?.request?.(),
  };
}

/** Begins a signing and lets the payer finish it. */
export async function signBy(bench: Bench, request: SigningRequest): Promise<SigningStarted> {
  const { rail, world, facts } = bench;
  const started = await rail.beginSigning(request);
  const finish = facts.flows?.[request.flow ?? 'browser_page']?.finish;
  if (finish !== undefined) await finish(started, { world, rail, request });
  else if (started.kind === 'open_url') await decideOnPage(started.url, 'agree');
  return started;
}

/** Signing flows: each that is declared ends in a mandate that the query names; no other begins. */
export function checkSigning(bench: Bench): void {
  describe('signing flows', () => {
    for (const [ordinal, [flow, kinds]] of Object.entries(FLOWS).entries()) {
      const name = flow as SigningFlow;
      if (!bench.facts.capabilities.signingFlows.includes(name)) {
        test(`${flow} is not offered, and is refused`, async () => {
          const started = await bench.rail.beginSigning(signingRequest(bench, name, ordinal));
          assert.equal(started.kind, 'refused');
        });
        continue;
      }
      test(`${flow} ends in an active mandate`, async () => {
        const request = signingRequest(bench, name, ordinal);
        const started = await signBy(bench, request);
        assert.ok(kinds.includes(started.kind), started.kind);
        if (started.kind === 'launch') assert.equal(started.flow, flow);
        await bench.world.sandbox.idle();
        const { contractCode } = request;
        const known = started.kind === 'signed' ? started.report : undefined;
        const reference = known?.kind === 'active' ? { railReference: known.railReference } : {};
        const report = await bench.rail.queryMandate({ contractCode, ...reference });
        assert.equal(report.kind, 'active');
        if (flow === 'pay_and_sign') await checkFirstPayment(bench.rail, request);
      });
    }

    test('without a named flow the first that is declared is taken', async () => {
      const [first = 'browser_page'] = bench.facts.capabilities.signingFlows;
      const { flow: _, ...request } = signingRequest(bench, first, 99);
      const started = await bench.rail.beginSigning(request);
      assert.ok(FLOWS[first].includes(started.kind), started.kind);
    });
  });

  checkPayLinks(bench);
}

/** The first order of `pay_and_sign` is paid once, and asked about like any other. */
async function checkFirstPayment(rail: Rail, request: SigningRequest): Promise<void> {
  assert.ok(request.firstPayment !== undefined);
  const outcome = await rail.ask(request.firstPayment.orderNumber);
  assert.equal(outcome.kind, 'succeeded');
  if (outcome.kind === 'succeeded') assert.deepEqual(outcome.paid, request.firstPayment.amount);
}

/** An order that the payer pays by hand on the rail's page. */
function checkPayLinks(bench: Bench): void {
  const link = (): PayLinkRequest => {
    const [currency = 'CNY'] = bench.facts.capabilities.currencies;
    return {
      // Of our own form: a rail's bill may hold orders of other products as well.
      orderNumber: toPayLinkNumber(`plk_${randomBytes(16).toString('hex')}`),
      amount: money(12_345n, currency),
      description: '专业版 12 月',
      expiresAt: LATER_DAY.toZonedDateTime('Asia/Shanghai').toInstant().add({ hours: 30 }),
      clientIp: '192.0.2.10',
    };
  };

  describe('pay links', () => {
    const { payLinks, capabilities } = bench.facts;
    if (payLinks === undefined) {
      test('a rail without pay links begins none', () => {
        assert.equal(bench.rail.beginPayment, undefined);
      });
      return;
    }
    const begin = async (request: PayLinkRequest): Promise<string> => {
      const started = await bench.rail.beginPayment?.(request);
      if (started?.kind !== 'open_url') throw new Error(`pay link: ${JSON.stringify(started)}`);
      if (payLinks.madeWhenOpened) {
        assert.deepEqual(await bench.rail.ask(request.orderNumber), { kind: 'not_found' });
        await fetch(started.url);
      }
      return started.url;
    };

    test('the payer pays on the page, and the order is found paid', async () => {
      const { rail, world } = bench;
      const request = link();
      const url = await begin(request);
      assert.equal((await rail.ask(request.orderNumber)).kind, 'accepted');
      await payLinks.pay(url, world);
      await world.sandbox.idle();
      const outcome = await rail.ask(request.orderNumber);
      assert.equal(outcome.kind, 'succeeded');
      if (outcome.kind === 'succeeded') assert.deepEqual(outcome.paid, request.amount);
    });

    const { closeAfterSeconds } = capabilities;
    if (closeAfterSeconds === undefined) return;
    test('a link that is closed in time is never paid', async () => {
      const { rail, world } = bench;
      const request = link();
      const url = await begin(request);
      await pass(bench, closeAfterSeconds);
      assert.equal((await rail.close(request.orderNumber)).kind, 'closed');
      await assert.rejects(payLinks.pay(url, world));
      assert.notEqual((await rail.ask(request.orderNumber)).kind, 'succeeded');
    });
  });
}
