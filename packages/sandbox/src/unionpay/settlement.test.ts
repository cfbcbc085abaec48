import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { inflateSync } from 'node:zlib';
import { unzipSync } from 'fflate';
import iconv from 'iconv-lite';
import { openStage, type Stage } from '../testing/stage.ts';
import { openUnionpayMerchant, type UnionpayMerchant } from '../testing/unionpay-merchant.ts';

describe('the settlement file of UnionPay', () => {
  let stage: Stage;
  let merchant: UnionpayMerchant;
  const moveTo = (now: string) => stage.admin('PUT', '/admin/clock', { now });
  before(async () => {
    stage = await openStage('2026-12-30T22:00:00+08:00');
    merchant = await openUnionpayMerchant(stage);
    const token = await merchant.openCard('SETTLE01');
    await merchant.pay(token, 'SETTLEPAY1');
    await stage.settled();
    // A clearing day ends at 23:00.
    await moveTo('2026-12-30T23:00:00+08:00');
    await merchant.pay(token, 'SETTLEPAY2', '5000');
    await stage.settled();
    const queryId = (await merchant.ask('SETTLEPAY2'))['queryId'] ?? '';
    await merchant.refund(queryId, 'SETTLEBACK2', '1000');
    await stage.settled();
  });
  after(() => stage.close());

  const fetchFile = (settleDate: string) =>
    merchant.call('76/01', { settleDate, fileType: '00', bizType: '000000' });
  const linesOf = (content: string): readonly Buffer[] => {
    const files = unzipSync(inflateSync(Buffer.from(content, 'base64')));
    const [, bytes] = Object.entries(files).find(([name]) => name.includes('ZM_')) ?? [];
    const text = Buffer.from(bytes ?? []).toString('latin1');
    return text
      .split('\r\n')
      .filter((line) => line !== '')
      .map((line) => Buffer.from(line, 'latin1'));
  };

  test('is not there before 09:00 of the next day', async () => {
    await moveTo('2026-12-31T12:00:00+08:00');
    assert.equal((await fetchFile('1231'))['respCode'], '98');
    await moveTo('2027-01-01T08:59:00+08:00');
    assert.equal((await fetchFile('1231'))['respCode'], '98');
  });

  test('has the trades of its clearing day in fixed widths of bytes', async () => {
    await moveTo('2027-01-01T09:00:00+08:00');
    const lines = linesOf((await fetchFile('1231'))['fileContent'] ?? '');
    assert.equal(lines.length, 2);
    const first = lines.find((line) => line.includes('S22'));
    const second = lines.find((line) => line.includes('S30'));
    assert.ok(first !== undefined && second !== undefined);
    // 42 fields and 41 blanks.
    assert.equal(first.length, 566 + 41);
    const text = iconv.decode(first, 'gbk');
    assert.ok(text.includes('SETTLEPAY2') && text.includes('代扣沙箱商户'));
    assert.ok(text.includes('C000000004970') && text.includes('D000000000030'));
    const back = iconv.decode(second, 'gbk');
    assert.ok(back.includes('SETTLEBACK2') && back.includes('D000000000994'));
  });

  test('of the day before has the trade before 23:00 only', async () => {
    const lines = linesOf((await fetchFile('1230'))['fileContent'] ?? '');
    assert.equal(lines.length, 1);
    assert.ok(lines[0]?.includes('SETTLEPAY1'));
  });

  test('of a day without trades is empty, and of no day is refused', async () => {
    assert.deepEqual(linesOf((await fetchFile('1229'))['fileContent'] ?? ''), []);
    assert.equal((await fetchFile('1331'))['respCode'], '10');
  });
});
