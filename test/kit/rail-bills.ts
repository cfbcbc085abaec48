import { createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { deflateSync } from 'node:zlib';
import { zipSync } from 'fflate';
import {
  makeAlipayRail,
  makeUnionpayRail,
  makeWechatRail,
} from '../../packages/adapters/src/index.ts';
import { listen } from '../../packages/adapters/src/kit/listener.ts';
import { gbk, pack } from '../../packages/adapters/src/rails/alipay/archive-fixture.ts';
import {
  CONFIG as ALIPAY,
  alipayPrivateKey,
  signedReply,
} from '../../packages/adapters/src/rails/alipay/fixture.ts';
import {
  CREDITOR,
  debitOf,
  freshConfig,
  signPaper,
} from '../../packages/adapters/src/rails/sepa/fixture.ts';
import { makeSepaRail } from '../../packages/adapters/src/rails/sepa/rail.ts';
import { CONFIG as WECHAT } from '../../packages/adapters/src/rails/wechat/fixture.ts';
import { money, type Rail } from '../../packages/core/src/index.ts';
import { signFields, writeReply } from '../../packages/sandbox/src/unionpay/signature.ts';
import { makeCertificate } from '../../packages/sandbox/src/x509.ts';

/** A payment on a bill. */
export type PaidRow = { readonly order: string; readonly minor: bigint };

/** What a bill says of itself; a test changes a part. */
export type BillFacts = {
  readonly rows: readonly PaidRow[];
  readonly date: Temporal.PlainDate;
  /** Whose bill it is; absent: the merchant's own. */
  readonly merchant?: string;
  /** What the summary is too high by, in 分. */
  readonly excess?: bigint;
};

/** Longest bill that these rails take, in bytes as sent: small, so that a test can go beyond it. */
export const SMALL_LIMIT_BYTES = 64 * 1024;

/** The rail itself; the rail by a key whose time is over; somebody else. */
export type Signer = 'rail' | 'expired' | 'stranger';

/** A rail of ours whose other side hands out whatever bytes a test gives it. */
export type BillDesk = {
  readonly rail: Rail;
  /** A true bill in this rail's form, or one that is changed as the facts say. */
  readonly write: (facts: BillFacts) => Uint8Array;
  /** From now on this is the bill; where messages are signed, `by` says by whom. */
  readonly hand: (bytes: Uint8Array, by?: Signer) => Promise<void>;
  readonly close: () => Promise<void>;
};

export function yuan(minor: bigint): string {
  return `${minor / 100n}.${String(minor % 100n).padStart(2, '0')}`;
}

/** 0.60 %, half up. */
export function feeOf(minor: bigint): bigint {
  return (minor * 60n + 5_000n) / 10_000n;
}

function sumsOf({ rows, excess = 0n }: BillFacts) {
  const paid = rows.reduce((sum, { minor }) => sum + minor, 0n) + excess;
  const fee = rows.reduce((sum, { minor }) => sum + feeOf(minor), 0n);
  return { paid, fee };
}

/** A server that answers every request by the address that it came to. */
function serve(
  answer: (target: string, host: string, asked: URLSearchParams) => string | Uint8Array,
) {
  return listen(({ target, headers, body }) => ({
    status: 200,
    body: answer(
      target,
      `http://${headers['host']}`,
      new URLSearchParams(Buffer.from(body).toString()),
    ),
  }));
}

/** The bill of WeChat Pay by V2, as text: what is not signed is believed by its sums only. */
export async function openWechatDesk(): Promise<BillDesk> {
  let bill: Uint8Array = new Uint8Array();
  const { origin, close } = await serve(() => bill);
  return {
    rail: makeWechatRail({ ...WECHAT, baseUrl: origin, billLimitBytes: SMALL_LIMIT_BYTES }),
    write: (facts) => {
      const { rows, date, merchant = WECHAT.mchid } = facts;
      const { paid, fee } = sumsOf(facts);
      const header = '交易时间,商户号,微信订单号,商户订单号,交易类型,交易状态,应结订单金额,手续费';
      const cells = rows.map(({ order, minor }) =>
        [
          `${date} 08:00:05`,
          merchant,
          `42${order}`,
          order,
          'PAP',
          'SUCCESS',
          yuan(minor),
          yuan(feeOf(minor)),
        ].map((cell) => `\`${cell}`),
      );
      const totals = `\`${rows.length},\`${yuan(paid)},\`${yuan(fee)}`;
      const names = '总交易单数,应结订单总金额,手续费总金额';
      return Buffer.from([header, ...cells, names, totals, ''].join('\r\n'));
    },
    hand: async (bytes) => {
      bill = bytes;
    },
    close,
  };
}

/** The archive of Alipay: the address where it lies is signed, the archive is not. */
export async function openAlipayDesk(): Promise<BillDesk> {
  let archive: Uint8Array = new Uint8Array();
  let key: KeyObject = alipayPrivateKey;
  const method = 'alipay.data.dataservice.bill.downloadurl.query';
  const { origin, close } = await serve((target, host) => {
    if (target.startsWith('/bill')) return archive;
    const content = { code: '10000', msg: 'Success', bill_download_url: `${host}/bill` };
    return signedReply(method, content, key);
  });
  const config = { ...ALIPAY, gateway: `${origin}/gateway.do`, billOrigin: origin };
  return {
    rail: makeAlipayRail({ ...config, billLimitBytes: SMALL_LIMIT_BYTES }),
    write: writeAlipayArchive,
    hand: async (bytes, by = 'rail') => {
      archive = bytes;
      key = by === 'rail' ? alipayPrivateKey : strangeKey();
    },
    close,
  };
}

function strangeKey(): KeyObject {
  return generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
}

function writeAlipayArchive(facts: BillFacts): Buffer {
  const { rows, date, merchant = ALIPAY.sellerId } = facts;
  const { paid, fee } = sumsOf(facts);
  const [year, month, day] = date.toString().split('-');
  const about = [
    `#账号：[${merchant}0156]`,
    `#起始日期：[${year}年${month}月${day}日 00:00:00]   终止日期：[…]`,
  ];
  const header = '支付宝交易号,商户订单号,业务类型,完成时间,订单金额（元）,退款批次号/请求号';
  const cells = rows.map(({ order, minor }) => {
    const amounts = [yuan(minor), '', yuan(feeOf(minor))];
    return [`2026${order}`, order, '交易', `${date} 08:00:05`, ...amounts].join();
  });
  const summary = '门店名称,交易订单总笔数,退款订单总笔数,订单金额（元）,服务费（元）';
  const total = `合计,${rows.length},0,${yuan(paid)},${yuan(fee)}`;
  const details = [...about, `${header},服务费（元）`, ...cells, ''].join('\r\n');
  return pack([
    { name: 'b_业务明细.csv', bytes: gbk(details) },
    { name: 'b_业务明细(汇总).csv', bytes: gbk([summary, total, ''].join('\r\n')) },
  ]);
}

const MER_ID = '777290058167151';

/** The settlement file of UnionPay, inside a signed reply with the signer's certificate. */
export async function openUnionpayDesk(): Promise<
  BillDesk & {
    /**
     * From now on every order was sent before and is paid with 59.70, but for what `change` says of
     * the answer to a question.
     */
    readonly say: (change: Readonly<Record<string, string>>) => void;
  }
> {
  let answer = (_target: string, _asked: URLSearchParams): string => '';
  const { origin, close } = await serve((target, _host, asked) => answer(target, asked));
  const { config, sign } = unionpayChain();
  return {
    rail: makeUnionpayRail({
      ...config,
      gateway: origin,
      fileGateway: origin,
      billLimitBytes: SMALL_LIMIT_BYTES,
    }),
    write: writeSettlementArchive,
    hand: async (bytes, by = 'rail') => {
      const fileContent = Buffer.from(bytes).toString('base64');
      const reply = sign({ respCode: '00', respMsg: '成功', fileContent }, by);
      answer = () => reply;
    },
    say: (change) => {
      answer = (target, asked) => {
        const named = ['orderId', 'txnTime'].map((name) => [name, asked.get(name) ?? ''] as const);
        const order = Object.fromEntries(named);
        if (target.includes('backTransReq')) return sign({ ...order, respCode: '12' }, 'rail');
        const paid = { txnAmt: '5970', currencyCode: '156', traceTime: '0302080005', queryId: '1' };
        const codes = { respCode: '00', origRespCode: '00' };
        return sign({ ...order, ...codes, ...paid, ...change }, 'rail');
      };
    },
    close,
  };
}

/** One key for everybody: what counts here are names, issuers and dates. */
function unionpayChain() {
  const key = { privateKey: alipayPrivateKey, publicKey: createPublicKey(alipayPrivateKey) };
  const { privateKey } = key;
  const dates = {
    from: Date.parse('2020-01-01T00:00:00Z'),
    until: Date.parse('2049-12-31T00:00:00Z'),
  };
  const [rootName, middleName] = [{ commonName: 'A root' }, { commonName: 'A middle' }];
  const root = makeCertificate({ ...dates, subject: rootName, key, serial: 1n, isCa: true });
  const issuedBy = { subject: rootName, privateKey };
  const middle = makeCertificate({
    ...dates,
    subject: middleName,
    issuer: issuedBy,
    key,
    serial: 2n,
    isCa: true,
  });
  const leaf = (commonName: string, serial: bigint, until = dates.until) =>
    makeCertificate({
      from: dates.from,
      until,
      subject: { commonName },
      issuer: { subject: middleName, privateKey },
      key,
      serial,
    });
  const own = leaf('041@A merchant', 3n);
  const signers: Readonly<Record<Signer, string>> = {
    rail: leaf('041@1@中国银联股份有限公司@1', 4n),
    expired: leaf('041@1@中国银联股份有限公司@1', 5n, Date.parse('2026-02-28T00:00:00Z')),
    stranger: leaf('041@1@Somebody@1', 6n),
  };
  return {
    config: {
      merId: MER_ID,
      trId: '62000000001',
      signingKey: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
      signingCertificate: own,
      encryptionCertificate: own,
      rootCertificate: root,
      middleCertificate: middle,
      notifyUrl: 'https://daikou.example.test/callbacks/cards',
      now: () => Temporal.Instant.from('2026-03-03T03:00:00Z'),
    },
    sign: (fields: Readonly<Record<string, string>>, by: Signer) => {
      const signPubKeyCert = signers[by];
      const all = { merId: MER_ID, ...fields, version: '5.1.0', signMethod: '01', signPubKeyCert };
      return writeReply(signFields(all, privateKey));
    },
  };
}

/** Widths of a ZM line in bytes, one blank between fields (finance.md §3.1). */
const ZM_WIDTHS =
  '3,11,11,6,10,19,12,4,2,21,2,32,2,6,10,13,13,4,15,2,2,6,2,4,32,1,21,15,1,15,32,13,13,8,' +
  '32,13,13,12,2,1,32,98';

function writeSettlementArchive(facts: BillFacts): Buffer {
  const { rows, date, merchant = MER_ID, excess = 0n } = facts;
  const lines = rows.map(({ order, minor }, index) => {
    const net = `C${digits(minor - feeOf(minor) + (index === 0 ? excess : 0n))}`;
    const fields: Readonly<Record<number, string>> = {
      0: 'S22',
      4: `${date.toString().slice(5).replace('-', '')}080005`,
      6: digits(minor),
      9: `20260302${String(index).padStart(13, '0')}`,
      11: order,
      15: `D${digits(feeOf(minor))}`,
      19: '01',
      27: merchant,
      32: net,
    };
    const cells = ZM_WIDTHS.split(',').map((width, at) =>
      (fields[at] ?? '').padEnd(Number(width), ' '),
    );
    return `${cells.join(' ')}\r\n`;
  });
  return deflateSync(zipSync({ [`INN26030288ZM_${merchant}`]: Buffer.from(lines.join('')) }));
}

function digits(minor: bigint): string {
  return minor.toString().padStart(12, '0');
}

/** The statements of a bank, as files in a folder. Its account statement is its bill. */
export async function openSepaDesk(): Promise<BillDesk> {
  const config = await freshConfig();
  const rail = makeSepaRail(config);
  const railReference = await signPaper(rail, 'C1');
  const sent = new Set<string>();
  return {
    rail: {
      ...rail,
      // What a bill names must have been sent: the register of sent numbers proves it.
      submit: async (request) => {
        const [outcome] = (await rail.submitMany?.([{ ...request, railReference }])) ?? [];
        if (outcome === undefined) throw new Error('the rail takes files');
        sent.add(request.orderNumber);
        return outcome;
      },
    },
    write: ({ rows, date, merchant = CREDITOR.iban.replaceAll(' ', ''), excess = 0n }) => {
      const total = rows.reduce((sum, { minor }) => sum + minor, 0n) + excess;
      const details = rows
        .map(({ order, minor }) => tag('TxDtls', `${refs(order)}${euro(minor)}`))
        .join('');
      const entry = [
        euro(total),
        '<CdtDbtInd>CRDT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts>',
        tag('BookgDt', tag('Dt', date.toString())),
        '<AcctSvcrRef>B1</AcctSvcrRef><BkTxCd/>',
        tag('NtryDtls', details),
      ].join('');
      const account = tag('Acct', tag('Id', tag('IBAN', merchant)));
      const balance = (code: string, minor: bigint) =>
        tag(
          'Bal',
          tag('Tp', tag('CdOrPrtry', tag('Cd', code))),
          euro(minor),
          '<CdtDbtInd>CRDT</CdtDbtInd>',
          tag('Dt', tag('Dt', date.toString())),
        );
      const inside = [
        '<Id>S1</Id><CreDtTm>2026-03-02T20:00:00</CreDtTm>',
        account,
        balance('OPBD', 0n),
        balance('CLBD', total - excess),
        tag('Ntry', entry),
      ];
      const header = '<GrpHdr><MsgId>M1</MsgId><CreDtTm>2026-03-02T20:00:00</CreDtTm></GrpHdr>';
      return Buffer.from(tag('Document', tag('BkToCstmrStmt', header, tag('Stmt', ...inside))));
    },
    hand: (bytes) => writeFile(join(config.inbox, '1.xml'), bytes),
    close: async () => undefined,
  };
}

function refs(order: string): string {
  return `<Refs><AcctSvcrRef>B-${order}</AcctSvcrRef>${tag('EndToEndId', order)}</Refs>`;
}

function euro(minor: bigint): string {
  return `<Amt Ccy="EUR">${yuan(minor)}</Amt>`;
}

function tag(name: string, ...content: readonly string[]): string {
  return `<${name}>${content.join('')}</${name}>`;
}

/** Sends these orders, so that the rail knows them: what a file rail's bill wants. */
export async function send(desk: BillDesk, rows: readonly PaidRow[]): Promise<void> {
  for (const { order, minor } of rows) {
    await desk.rail.submit({ ...debitOf(order, ''), amount: money(minor, 'EUR') });
  }
}
