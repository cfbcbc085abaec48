import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { makeId, money, type Rail, type SigningRequest, toContractCode } from '@daikou/core';
import type { Card } from './card-data.ts';
import { madeUpCard } from './card-fixture.ts';
import { type Fixture, openFixture } from './fixture.ts';
import { makeUnionpayRail } from './rail.ts';

let fixture: Fixture;
let rail: Rail;
before(async () => {
  fixture = await openFixture();
  rail = makeUnionpayRail(fixture.config);
});
after(() => fixture.stop());

let made = 0;
const freshCode = (): string => {
  made += 1;
  const random = new Uint8Array(10).fill(made);
  const { epochMilliseconds } = Temporal.Now.instant();
  return toContractCode(makeId('man', { epochMilliseconds, random, bucket: 0 }));
};
const request = (contractCode: string, account?: Card): SigningRequest => ({
  flow: 'message_code',
  contractCode,
  displayAccount: '客户 10023',
  singleCap: money(50_000n, 'CNY'),
  requestSerial: '1',
  clientIp: '192.0.2.10',
  ...(account === undefined ? {} : { account }),
});
const confirm = async (contractCode: string, account: Card, code: string) =>
  rail.confirmSigning?.({ contractCode, account, code });
const script = (operation: string, contractCode: string, fault: string) =>
  fixture.sandbox.admin('POST', '/admin/faults', {
    rail: 'unionpay',
    operation,
    contractCode,
    fault,
  });

describe('a card is verified by its four elements and a code to the phone', () => {
  test('the right code opens it: token, issuer, type, six and four digits', async () => {
    const [code, card] = [freshCode(), madeUpCard()];
    assert.deepEqual(await rail.beginSigning(request(code, card)), { kind: 'code_sent' });
    const report = await confirm(code, card, '111111');
    assert.ok(report?.kind === 'active');
    assert.deepEqual(report.account, {
      kind: 'card',
      bin: '621626',
      lastFour: card.number.slice(-4),
      cardType: 'debit',
      issuer: '平安银行',
    });
    assert.match(report.railReference, /^\d{19}$/);
    assert.deepEqual(await rail.queryMandate({ contractCode: code }), report);
    // Given twice, the same code changes nothing.
    assert.deepEqual(await confirm(code, card, '111111'), report);
  });

  test('a wrong code leaves it open for another one', async () => {
    const [code, card] = [freshCode(), madeUpCard()];
    await rail.beginSigning(request(code, card));
    for (const wrong of ['123456', '654321', '000000']) {
      assert.deepEqual(await confirm(code, card, wrong), { kind: 'signing', contractCode: code });
      const asked = await rail.queryMandate({ contractCode: code });
      assert.deepEqual(asked, { kind: 'not_found', contractCode: code });
    }
    assert.equal((await confirm(code, card, '111111'))?.kind, 'active');
  });

  test('a code that was never sent, or for another card, opens nothing', async () => {
    const [code, card] = [freshCode(), madeUpCard()];
    assert.equal((await confirm(code, card, '111111'))?.kind, 'signing');
    await rail.beginSigning(request(code, madeUpCard()));
    assert.equal((await confirm(code, card, '111111'))?.kind, 'signing');
  });

  const REFUSALS = ['61', '63', '66', '68', '38'] as const;
  for (const fault of REFUSALS) {
    test(`${fault} at the code is a refusal, at the opening nothing signed`, async () => {
      const [code, card] = [freshCode(), madeUpCard()];
      await script('send_code', code, fault);
      const begun = await rail.beginSigning(request(code, card));
      assert.equal(begun.kind === 'refused' && begun.code, fault);
      await rail.beginSigning(request(code, card));
      await script('open', code, fault);
      const report = await confirm(code, card, '111111');
      assert.deepEqual(report, { kind: 'not_found', contractCode: code });
    });
  }

  const BAD: readonly (readonly [string, Partial<Card>, string])[] = [
    ['a wrong check digit', { number: '6216260000000000000' }, 'card_number_wrong'],
    ['letters in the number', { number: '62162600000000000AB' }, 'card_number_wrong'],
    ['a short ID number', { identityNumber: '1234' }, 'identity_wrong'],
    ['no name', { holderName: ' ' }, 'holder_wrong'],
    ['no phone', { phone: '' }, 'holder_wrong'],
  ];
  for (const [name, change, expected] of BAD) {
    test(`${name} never leaves the house`, async () => {
      const begun = await rail.beginSigning(request(freshCode(), { ...madeUpCard(), ...change }));
      assert.equal(begun.kind === 'refused' && begun.code, expected);
    });
  }

  test('no card, another kind of account, a contract code that is not ours', async () => {
    const none = await rail.beginSigning(request(freshCode()));
    assert.equal(none.kind === 'refused' && none.code, 'card_missing');
    const other = await rail.beginSigning(request('C1X0001', madeUpCard()));
    assert.equal(other.kind === 'refused' && other.code, 'contract_code');
  });

  test('a lost answer to the opening is unknown, and the question finds the token', async () => {
    const [code, card] = [freshCode(), madeUpCard()];
    await rail.beginSigning(request(code, card));
    const fault = { rail: 'unionpay', operation: 'open', fault: 'connection_reset' };
    await fixture.sandbox.admin('POST', '/admin/faults', { ...fault, processed: true });
    assert.equal((await confirm(code, card, '111111'))?.kind, 'unknown');
    assert.equal((await rail.queryMandate({ contractCode: code })).kind, 'active');
  });
});

describe('the end of a token', () => {
  const signed = async () => {
    const [code, card] = [freshCode(), madeUpCard()];
    await rail.beginSigning(request(code, card));
    const report = await confirm(code, card, '111111');
    assert.ok(report?.kind === 'active');
    return { contractCode: code, railReference: report.railReference };
  };

  test('is believed only when the question says so', async () => {
    const mandate = await signed();
    const fault = { rail: 'unionpay', operation: 'delete_token', fault: 'http_500' };
    await fixture.sandbox.admin('POST', '/admin/faults', fault);
    assert.equal((await rail.endMandate(mandate, '解约')).kind, 'unknown');
    assert.equal((await rail.queryMandate(mandate)).kind, 'active');
    const ended = await rail.endMandate(mandate, '解约');
    assert.equal(ended.kind === 'ended' && ended.endedBy, 'merchant');
  });

  test('without its number the token is looked up first', async () => {
    const { contractCode } = await signed();
    assert.equal((await rail.endMandate({ contractCode }, '解约')).kind, 'ended');
    assert.equal((await rail.endMandate({ contractCode }, '解约')).kind, 'not_found');
  });

  test('another token than the one that we know is no answer', async () => {
    const mandate = await signed();
    const asked = await rail.queryMandate({ ...mandate, railReference: '6235000000000000000' });
    assert.equal(asked.kind, 'unknown');
  });

  test('a token past its five years has expired', async () => {
    const mandate = await signed();
    const { rail: late } = {
      rail: makeUnionpayRail({
        ...fixture.config,
        now: () => Temporal.Now.instant().add({ hours: 24 * 365 * 6 }),
      }),
    };
    const report = await late.queryMandate(mandate);
    assert.equal(report.kind === 'ended' && report.endedBy, 'expired');
  });
});
