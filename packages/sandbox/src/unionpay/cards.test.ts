import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { openStage, type Stage } from '../testing/stage.ts';
import {
  CARD,
  openUnionpayMerchant,
  readNotice,
  tokenOf,
  type UnionpayMerchant,
} from '../testing/unionpay-merchant.ts';

let stage: Stage;
let merchant: UnionpayMerchant;
before(async () => {
  stage = await openStage();
  merchant = await openUnionpayMerchant(stage);
});
after(() => stage.close());

const codeOf = async (reply: Promise<Readonly<Record<string, string>>>) =>
  (await reply)['respCode'];
const tokenPayData = '{trId=62&tokenType=01}';
const open = (orderId: string, smsCode: string, number = CARD) =>
  merchant.call('79/00', { orderId, tokenPayData, ...merchant.card(number, smsCode) });
const notices = async (txnType: string) =>
  (await stage.settled('/unionpay'))
    .map((one) => readNotice(one.body))
    .filter((one) => one['txnType'] === txnType);

describe('cards', () => {
  test('a card opens with the code, and the notice has the same token', async () => {
    const token = await merchant.openCard('CARD0001');
    const told = (await notices('79')).find((one) => one['orderId'] === 'CARD0001');
    assert.ok(told !== undefined);
    assert.equal(tokenOf(told), token);
    const asked = await merchant.call('78/02', { orderId: 'CARD0001', tokenPayData });
    assert.equal(tokenOf(asked), token);
  });

  test('123456 and 654321 are wrong, and so is any code before one was sent', async () => {
    assert.equal(await codeOf(open('CARD0002', '111111')), '71');
    await merchant.call('77/00', { orderId: 'CARD0002', tokenPayData, ...merchant.card(CARD) });
    assert.equal(await codeOf(open('CARD0002', '123456')), '71');
    assert.equal(await codeOf(open('CARD0002', '654321')), '71');
    assert.equal(await codeOf(merchant.call('78/02', { orderId: 'CARD0002', tokenPayData })), '34');
    assert.equal(await codeOf(open('CARD0002', '111111')), '00');
    assert.equal(await codeOf(open('CARD0002', '111111')), '12');
  });

  test('a number with a wrong check digit is refused', async () => {
    const given = merchant.card('6216260000000000000');
    const reply = merchant.call('77/00', { orderId: 'CARD0003', tokenPayData, ...given });
    assert.equal(await codeOf(reply), '61');
  });

  test('a deleted token is gone: for questions, debits and a second deletion', async () => {
    const token = await merchant.openCard('CARD0004');
    const end = () =>
      merchant.call('74/01', { orderId: 'CARDEND4', tokenPayData: `{token=${token}&trId=62}` });
    assert.equal(await codeOf(end()), '00');
    assert.equal(await codeOf(end()), '40');
    assert.equal(await codeOf(merchant.call('78/02', { orderId: 'CARD0004', tokenPayData })), '40');
    assert.equal(await codeOf(merchant.pay(token, 'CARDPAY4')), '40');
  });

  test('on the page the payer agrees or not', async () => {
    const url = merchant.frontUrl('CARD0005');
    assert.match(await (await fetch(url)).text(), /银联（沙箱）/);
    const decide = (decision: string) =>
      fetch(url, { method: 'POST', body: new URLSearchParams({ decision }) });
    assert.deepEqual(await (await decide('refuse')).json(), { opened: false });
    assert.equal(await codeOf(merchant.call('78/02', { orderId: 'CARD0005', tokenPayData })), '34');
    assert.equal(((await (await decide('agree')).json()) as { opened: boolean }).opened, true);
    assert.equal(await codeOf(merchant.call('78/02', { orderId: 'CARD0005', tokenPayData })), '00');
    assert.equal((await fetch(url.replace('CARD0005', 'CARD0006'))).status, 400);
  });

  test('the books hold no card number', async () => {
    const { body } = await stage.admin('GET', '/admin/books');
    const text = JSON.stringify(body);
    assert.ok(!text.includes(CARD) && !text.includes('PRIVATE KEY'));
  });
});

describe('requests', () => {
  const REFUSED = [
    ['of another version', { version: '5.0.0' }, '10'],
    ['of another merchant', { merId: '777000000000000' }, '31'],
    ['with the serial of another certificate', { certId: '1' }, '11'],
    ['with a short number', { orderId: 'SHORT' }, '10'],
    ['with a dash in the number', { orderId: 'D-0000001' }, '10'],
    ['without a time', { txnTime: '' }, '13'],
  ] as const;
  for (const [name, change, code] of REFUSED) {
    test(`${name}: ${code}`, async () => {
      const fields = { orderId: 'REQ00001', ...change };
      assert.equal(await codeOf(merchant.call('00/00', fields)), code);
    });
  }
});

describe('debits', () => {
  test('a debit is taken, then paid, then told; the question says the same', async () => {
    const token = await merchant.openCard('DEBIT001');
    const reply = await merchant.pay(token, 'DEBITPAY1');
    assert.equal(reply['respCode'], '00');
    const told = (await notices('01')).find((one) => one['orderId'] === 'DEBITPAY1');
    const asked = await merchant.ask('DEBITPAY1');
    assert.equal(asked['origRespCode'], '00');
    for (const name of ['queryId', 'txnAmt', 'traceTime', 'settleDate']) {
      assert.equal(told?.[name], asked[name], name);
    }
    assert.equal(asked['traceTime'], '1201080000');
  });

  test('number and time together are the order: both again is a duplicate', async () => {
    const token = await merchant.openCard('DEBIT002');
    await merchant.pay(token, 'DEBITPAY2');
    assert.equal(await codeOf(merchant.pay(token, 'DEBITPAY2')), '12');
    assert.equal(await codeOf(merchant.ask('DEBITPAY9')), '34');
  });

  test('an issuer refuses later: taken first, found at the question, never told', async () => {
    const token = await merchant.openCard('DEBIT003');
    const fault = { rail: 'unionpay', orderNumber: 'DEBITPAY3', fault: '64' };
    await stage.admin('POST', '/admin/faults', fault);
    assert.equal(await codeOf(merchant.pay(token, 'DEBITPAY3')), '00');
    assert.ok(!(await notices('01')).some((one) => one['orderId'] === 'DEBITPAY3'));
    assert.equal((await merchant.ask('DEBITPAY3'))['origRespCode'], '64');
  });

  test('a balance is a balance, and a month has its limit', async () => {
    const token = await merchant.openCard('DEBIT004', '6216260000000000019');
    await stage.admin('PUT', '/admin/card', { token, balance: 2_000 });
    await merchant.pay(token, 'DEBITPAY4A', '1990');
    await stage.settled();
    await merchant.pay(token, 'DEBITPAY4B', '20');
    await stage.settled();
    await stage.admin('PUT', '/admin/card', { token, balance: 99_000, monthLimit: 2_000 });
    assert.equal((await merchant.ask('DEBITPAY4B'))['origRespCode'], '64');
    await merchant.pay(token, 'DEBITPAY4C', '20');
    await stage.settled();
    assert.equal((await merchant.ask('DEBITPAY4C'))['origRespCode'], '81');
  });

  for (const outcome of ['03_THEN_PAID', '05_THEN_PAID', 'A6', 'LOST_CALLBACK'] as const) {
    test(`${outcome} ends in a payment`, async () => {
      const orderId = `DEBITX${outcome.replaceAll('_', '')}`;
      const token = await merchant.openCard(`C${orderId}`);
      await stage.admin('POST', '/admin/faults', {
        rail: 'unionpay',
        orderNumber: orderId,
        fault: outcome,
      });
      const expected = /^0/.test(outcome) ? outcome.slice(0, 2) : '00';
      assert.equal(await codeOf(merchant.pay(token, orderId)), expected);
      const told = (await notices('01')).some((one) => one['orderId'] === orderId);
      assert.equal(told, outcome !== 'LOST_CALLBACK');
      const code = outcome === 'A6' ? 'A6' : '00';
      assert.equal((await merchant.ask(orderId))['origRespCode'], code);
    });
  }
});

describe('refunds', () => {
  test('parts are returned up to what was paid, each number once', async () => {
    const token = await merchant.openCard('REFUND01');
    await merchant.pay(token, 'REFUNDPAY1');
    await stage.settled();
    const queryId = (await merchant.ask('REFUNDPAY1'))['queryId'] ?? '';
    assert.equal(await codeOf(merchant.refund(queryId, 'REFUNDA1', '990')), '00');
    assert.equal(await codeOf(merchant.refund(queryId, 'REFUNDA1', '990')), '12');
    assert.equal(await codeOf(merchant.refund(queryId, 'REFUNDB1', '1001')), '33');
    assert.equal(await codeOf(merchant.refund(queryId, 'REFUNDC1', '1000')), '00');
    assert.equal(await codeOf(merchant.refund('202600000000000000000', 'REFUNDD1', '1')), '34');
    await stage.settled();
    assert.equal((await merchant.ask('REFUNDC1'))['origRespCode'], '00');
    const { body } = await stage.admin('GET', '/admin/books/summary');
    assert.equal((body['unionpay'] as { refundedMinor: number }).refundedMinor, 1_990);
  });
});
