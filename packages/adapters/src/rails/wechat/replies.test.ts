import assert from 'node:assert/strict';
import { sign } from 'node:crypto';
import { describe, test } from 'node:test';
import { money, type Rail } from '@daikou/core';
import { type Answer, listen, type Received } from '../../kit/listener.ts';
import { CONFIG, PLATFORM_KEY_ID, platformPrivateKey } from './fixture.ts';
import { makeWechatRail } from './rail.ts';
import { signV2 } from './signature.ts';

type Fields = Readonly<Record<string, string>>;

function xml(fields: Fields): string {
  const children = Object.entries(fields)
    .map(([name, value]) => `<${name}><![CDATA[${value}]]></${name}>`)
    .join('');
  return `<xml>${children}</xml>`;
}

const HEAD: Fields = {
  return_code: 'SUCCESS',
  return_msg: 'OK',
  appid: CONFIG.appid,
  mch_id: CONFIG.mchid,
  nonce_str: 'nonce',
};

/** A reply as WeChat signs it. */
function signed(fields: Fields): Answer {
  const all = { ...HEAD, ...fields };
  return { status: 200, body: xml({ ...all, sign: signV2(all, CONFIG.apiV2Key, 'MD5') }) };
}

/** Runs `work` with a rail whose every request is answered by `answer`. */
async function withServer<T>(
  answer: (request: Received) => Answer,
  work: (rail: Rail, received: readonly Received[]) => Promise<T>,
): Promise<T> {
  const server = await listen(answer);
  try {
    return await work(makeWechatRail({ ...CONFIG, baseUrl: server.origin }), server.received);
  } finally {
    await server.close();
  }
}

const DEBIT = {
  orderNumber: 'D1N1',
  railReference: '202612010001',
  amount: money(2_985n, 'CNY'),
  description: '专业版',
};

const PAID: Fields = {
  result_code: 'SUCCESS',
  out_trade_no: 'D1N1',
  trade_state: 'SUCCESS',
  total_fee: '2985',
  transaction_id: '4200000001',
  time_end: '20261201073000',
};

describe('replies to a deduction', () => {
  const unsigned = (fields: Fields): Answer => ({ status: 200, body: xml({ ...HEAD, ...fields }) });
  const CASES: readonly (readonly [string, Answer, string])[] = [
    ['accepted', signed({ result_code: 'SUCCESS' }), 'accepted'],
    ['being processed', signed({ result_code: 'FAIL', err_code: 'ORDER_ACCEPTED' }), 'accepted'],
    ['refused', signed({ result_code: 'FAIL', err_code: 'CONTRACT_NOT_EXIST' }), 'refused'],
    ['closed', signed({ result_code: 'FAIL', err_code: 'ORDERCLOSED' }), 'closed'],
    ['a system error', signed({ result_code: 'FAIL', err_code: 'SYSTEMERROR' }), 'unknown'],
    ['the code 0', signed({ result_code: 'FAIL', err_code: '0' }), 'unknown'],
    ['an unlisted code', signed({ result_code: 'FAIL', err_code: 'NEW_ONE' }), 'unknown'],
    ['no code', signed({ result_code: 'FAIL' }), 'unknown'],
    [
      'a failure without signature',
      unsigned({ result_code: 'FAIL', err_code: 'PARAM_ERROR' }),
      'unknown',
    ],
    ['a success without signature', unsigned({ result_code: 'SUCCESS' }), 'unknown'],
    ['return_code FAIL', { status: 200, body: xml({ return_code: 'FAIL' }) }, 'unknown'],
    ['another merchant', signed({ result_code: 'SUCCESS', mch_id: '1' }), 'unknown'],
    ['another app', signed({ result_code: 'SUCCESS', appid: 'wx1' }), 'unknown'],
    ['another order', signed({ result_code: 'SUCCESS', out_trade_no: 'D2N1' }), 'unknown'],
    ['another amount', signed({ result_code: 'SUCCESS', total_fee: '1' }), 'unknown'],
    ['HTTP 202', { ...signed({ result_code: 'SUCCESS' }), status: 202 }, 'unknown'],
  ];
  for (const [name, answer, expected] of CASES) {
    test(`${name}: ${expected}`, async () => {
      const outcome = await withServer(
        () => answer,
        (rail) => rail.submit(DEBIT),
      );
      assert.equal(outcome.kind, expected);
    });
  }

  test('ORDERPAID is followed by a query, whose amount must be the one that was sent', async () => {
    for (const [fee, expected] of [
      ['2985', 'succeeded'],
      ['2986', 'unknown'],
    ] as const) {
      const outcome = await withServer(
        ({ target }) =>
          target.endsWith('apply')
            ? signed({ result_code: 'FAIL', err_code: 'ORDERPAID' })
            : signed({ ...PAID, total_fee: fee }),
        (rail) => rail.submit(DEBIT),
      );
      assert.equal(outcome.kind, expected, fee);
    }
  });
});

describe('queries', () => {
  const ask = (answer: (request: Received) => Answer) =>
    withServer(answer, async (rail, received) => ({
      outcome: await rail.ask('D1N1'),
      paths: received.map((one) => one.target),
    }));

  const STATES: readonly (readonly [Fields, string])[] = [
    [{}, 'succeeded'],
    [{ trade_state: 'REFUND' }, 'succeeded'],
    [{ trade_state: 'ACCEPT' }, 'accepted'],
    [{ trade_state: 'NOTPAY' }, 'accepted'],
    [{ trade_state: 'USERPAYING' }, 'accepted'],
    [{ trade_state: 'CLOSED' }, 'closed'],
    [{ trade_state: 'CLOSED', err_code: 'NOTENOUGH' }, 'refused'],
    [{ trade_state: 'PAYERROR', err_code: 'NEW_ONE' }, 'closed'],
    [{ trade_state: 'REVOKED' }, 'closed'],
    [{ trade_state: 'NEW_STATE' }, 'unknown'],
    [{ trade_state: '' }, 'unknown'],
    [{ out_trade_no: 'D2N1' }, 'unknown'],
    [{ out_trade_no: '' }, 'unknown'],
    [{ total_fee: '' }, 'unknown'],
  ];
  for (const [change, expected] of STATES) {
    test(`${JSON.stringify(change)}: ${expected}`, async () => {
      const { outcome, paths } = await ask(() => signed({ ...PAID, ...change }));
      assert.equal(outcome.kind, expected);
      assert.deepEqual(paths, ['/pay/paporderquery']);
    });
  }

  test('an order that the deduction query does not know is asked at the general one', async () => {
    for (const code of ['ORDERNOTEXIST', 'INVALID_REQUEST', 'PARAM_ERROR']) {
      const { outcome, paths } = await ask(({ target }) =>
        target.includes('pap')
          ? signed({ result_code: 'FAIL', err_code: code })
          : signed({ ...PAID, trade_state: 'CLOSED' }),
      );
      assert.equal(outcome.kind, 'closed', code);
      assert.deepEqual(paths, ['/pay/paporderquery', '/pay/orderquery']);
    }
  });

  test('not found only when both say so', async () => {
    const fail = (code: string) => signed({ result_code: 'FAIL', err_code: code });
    assert.equal((await ask(() => fail('ORDERNOTEXIST'))).outcome.kind, 'not_found');
    const second = await ask(({ target }) =>
      fail(target.includes('pap') ? 'ORDERNOTEXIST' : 'SYSTEMERROR'),
    );
    assert.equal(second.outcome.kind, 'unknown');
    assert.equal((await ask(() => fail('SYSTEMERROR'))).outcome.kind, 'unknown');
  });
});

describe('the pre-deduction notice', () => {
  const notice = { railReference: '202612010001', amount: money(2_985n, 'CNY') };
  const announce = (answer: Answer) =>
    withServer(
      () => answer,
      async (rail) => rail.announce?.(notice),
    );

  /** An answer signed at `now`, the fixed clock of the configuration. */
  function v3(status: number, body: string, seconds = 0): Answer {
    const timestamp = Math.floor(CONFIG.now().epochMilliseconds / 1000) + seconds;
    const message = Buffer.from(`${timestamp}\nnonce\n${body}\n`);
    const headers = {
      'wechatpay-timestamp': String(timestamp),
      'wechatpay-nonce': 'nonce',
      'wechatpay-serial': PLATFORM_KEY_ID,
      'wechatpay-signature': sign('sha256', message, platformPrivateKey).toString('base64'),
    };
    return status === 204 ? { status, headers } : { status, headers, body };
  }

  const error = (code: string): string => JSON.stringify({ code, message: 'words' });
  const CASES: readonly (readonly [string, Answer, string])[] = [
    ['a signed 204', v3(204, ''), 'done'],
    ['an unsigned 204', { status: 204 }, 'unknown'],
    ['a stale 204', v3(204, '', -301), 'unknown'],
    ['a 204 signed over another body', v3(204, 'x'), 'unknown'],
    ['the same notice again', v3(400, error('RESOURCE_ALREADY_EXISTS')), 'done'],
    ['another notice in this cycle', v3(400, error('INVALID_REQUEST')), 'refused'],
    ['a contract that has gone', v3(404, error('CONTRACT_NOT_EXIST')), 'refused'],
    ['an error without signature', { status: 401, body: error('SIGN_ERROR') }, 'refused'],
    ['an error with a wrong signature', v3(400, error('PARAM_ERROR'), -301), 'unknown'],
    ['a server error', v3(500, error('SYSTEM_ERROR')), 'unknown'],
    ['a server error with a code of a refusal', v3(502, error('RULELIMIT')), 'unknown'],
    ['an unlisted code', v3(400, error('NEW_ONE')), 'unknown'],
    ['a page', { status: 404, body: '<html></html>' }, 'unknown'],
  ];
  for (const [name, answer, expected] of CASES) {
    test(`${name}: ${expected}`, async () => {
      assert.equal((await announce(answer))?.kind, expected);
    });
  }

  test('only a contract that has gone says so', async () => {
    const gone = await announce(v3(404, error('CONTRACT_NOT_EXIST')));
    assert.equal(gone?.kind === 'refused' && gone.mandateGone, true);
    const other = await announce(v3(400, error('INVALID_REQUEST')));
    assert.equal(other?.kind === 'refused' && other.mandateGone, false);
  });
});

describe('signing and contracts', () => {
  const signing = {
    contractCode: 'C1',
    displayAccount: '10023',
    singleCap: money(50_000n, 'CNY'),
    requestSerial: '1',
    clientIp: '192.0.2.10',
  };
  const begin = (fields: Fields) =>
    withServer(
      () => ({ status: 200, body: xml({ ...HEAD, ...fields }) }),
      (rail) => rail.beginSigning(signing),
    );

  test('the payer is sent to https only', async () => {
    const to = (url: string) => begin({ result_code: 'SUCCESS', redirect_url: url });
    assert.equal((await to('https://payapp.weixin.qq.com/x')).kind, 'open_url');
    for (const url of ['http://example.test/x', 'javascript:alert(1)', 'weixin://x', '']) {
      assert.equal((await to(url)).kind, 'unknown', url);
    }
  });

  test('a signing that WeChat refuses names its code', async () => {
    const refused = await begin({ result_code: 'FAIL', err_code: 'CONTRACT_EXISTS' });
    assert.equal(refused.kind === 'refused' && refused.code, 'CONTRACT_EXISTS');
  });

  const CONTRACT: Fields = {
    result_code: 'SUCCESS',
    contract_code: 'C1',
    contract_id: '202612010001',
    contract_state: '0',
    contract_signed_time: '2026-12-01 07:30:00',
    openid: 'payer-1',
    err_code: '0',
  };
  const CONTRACTS: readonly (readonly [string, Fields, string])[] = [
    ['active', {}, 'active'],
    ['in progress', { contract_state: '9' }, 'signing'],
    ['never signed', { contract_state: '1' }, 'not_found'],
    ['ended', { contract_state: '1', contract_terminated_time: '2026-12-02 07:30:00' }, 'ended'],
    ['an unlisted state', { contract_state: '2' }, 'unknown'],
    ['another contract code', { contract_code: 'C2' }, 'unknown'],
    ['another contract id', { contract_id: '202612010002' }, 'unknown'],
    ['no time', { contract_signed_time: '' }, 'unknown'],
    ['gone', { result_code: 'FAIL', err_code: 'CONTRACT_NOT_EXIST' }, 'not_found'],
    ['an error', { result_code: 'FAIL', err_code: 'SYSTEMERROR' }, 'unknown'],
  ];
  for (const [name, change, expected] of CONTRACTS) {
    test(`a contract: ${name}: ${expected}`, async () => {
      const report = await withServer(
        () => signed({ ...CONTRACT, ...change }),
        (rail) => rail.queryMandate({ contractCode: 'C1', railReference: '202612010001' }),
      );
      assert.equal(report.kind, expected);
    });
  }

  test('a contract that will not end is not reported as ended', async () => {
    const report = await withServer(
      ({ target }) =>
        target.endsWith('deletecontract')
          ? signed({ result_code: 'FAIL', err_code: 'SYSTEMERROR' })
          : signed(CONTRACT),
      (rail) => rail.endMandate({ contractCode: 'C1' }, '客户关闭'),
    );
    assert.equal(report.kind, 'unknown');
  });
});

describe('replies to payments by hand', () => {
  const PAGE: Fields = {
    result_code: 'SUCCESS',
    prepay_id: 'wx1',
    mweb_url: 'https://wx.tenpay.com/x',
    contract_result_code: 'SUCCESS',
  };
  const link = {
    orderNumber: 'P1',
    amount: DEBIT.amount,
    description: '专业版',
    expiresAt: Temporal.Instant.from('2026-12-02T01:00:00Z'),
    clientIp: '192.0.2.10',
  };
  const sign = {
    flow: 'pay_and_sign',
    contractCode: 'C1',
    displayAccount: '10023',
    singleCap: DEBIT.amount,
    requestSerial: '1',
    clientIp: '192.0.2.10',
    firstPayment: { orderNumber: 'D1N1', amount: DEBIT.amount, description: '首期' },
  } as const;
  const both = async (answer: Answer): Promise<readonly (string | undefined)[]> =>
    withServer(
      () => answer,
      async (rail) => [
        (await rail.beginPayment?.(link))?.kind,
        (await rail.beginSigning(sign)).kind,
      ],
    );

  const REPLIES: readonly (readonly [string, Answer, string])[] = [
    ['a page', signed(PAGE), 'open_url'],
    ['a page that is not https', signed({ ...PAGE, mweb_url: 'http://example.test/' }), 'unknown'],
    ['a script as page', signed({ ...PAGE, mweb_url: 'javascript:alert(1)' }), 'unknown'],
    ['a code to scan', signed({ ...PAGE, mweb_url: '', code_url: 'weixin://wxpay/x' }), 'open_url'],
    ['a code of another scheme', signed({ ...PAGE, mweb_url: '', code_url: 'tel:1' }), 'unknown'],
    ['no page at all', signed({ result_code: 'SUCCESS' }), 'unknown'],
    ['without signature', { status: 200, body: xml({ ...HEAD, ...PAGE }) }, 'unknown'],
    ['of another merchant', signed({ ...PAGE, mch_id: '1' }), 'unknown'],
    ['a definite refusal', signed({ result_code: 'FAIL', err_code: 'NOAUTH' }), 'refused'],
    ['paid already', signed({ result_code: 'FAIL', err_code: 'ORDERPAID' }), 'unknown'],
    ['a number in use', signed({ result_code: 'FAIL', err_code: 'OUT_TRADE_NO_USED' }), 'unknown'],
    ['a system error', signed({ result_code: 'FAIL', err_code: 'SYSTEMERROR' }), 'unknown'],
    ['an unlisted code', signed({ result_code: 'FAIL', err_code: 'NEW_ONE' }), 'unknown'],
  ];
  for (const [name, answer, expected] of REPLIES) {
    test(`${name}: ${expected}`, async () => {
      assert.deepEqual(await both(answer), [expected, expected]);
    });
  }

  test('a contract is taken for signed only where the reply says so', async () => {
    for (const contract_result_code of ['FAIL', '', 'MAYBE']) {
      const reply = { ...PAGE, contract_result_code, contract_err_code: 'CONTRACT_EXISTED' };
      const started = await withServer(
        () => signed(reply),
        (rail) => rail.beginSigning(sign),
      );
      assert.equal(started.kind, 'open_url');
      if (started.kind !== 'open_url') return;
      assert.equal(started.contractRefused?.code, 'CONTRACT_EXISTED');
    }
  });

  test('pay_and_sign without a first payment sends nothing', async () => {
    const { firstPayment: _, ...request } = sign;
    const [started, sent] = await withServer(
      () => signed(PAGE),
      async (rail, received) => [await rail.beginSigning(request), received.length] as const,
    );
    assert.deepEqual([started.kind, sent], ['refused', 0]);
  });
});

describe('replies to app signing', () => {
  const app = (fields: Fields) =>
    withServer(
      () => signed(fields),
      (rail) =>
        rail.beginSigning({
          flow: 'app',
          contractCode: 'C1',
          displayAccount: '10023',
          singleCap: DEBIT.amount,
          requestSerial: '1',
          clientIp: '192.0.2.10',
        }),
    );

  test('a template of before 2025-09-23 has the number for the web view only', async () => {
    const started = await app({ result_code: 'SUCCESS', pre_entrustweb_id: 'E1' });
    const parameters = { pre_entrustweb_id: 'E1' };
    assert.deepEqual(started, { kind: 'launch', flow: 'app', parameters });
  });

  test('a reply without the number says nothing; a refusal names its code', async () => {
    assert.equal((await app({ result_code: 'SUCCESS' })).kind, 'unknown');
    const refused = await app({ result_code: 'FAIL', err_code: 'CONTRACT_EXISTS' });
    assert.equal(refused.kind === 'refused' && refused.code, 'CONTRACT_EXISTS');
  });
});
