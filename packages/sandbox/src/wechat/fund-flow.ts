import { createHash, randomBytes } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { stringify } from 'csv-stringify/sync';
import { addDays, DAY_MS, dateOf, formatDashed, startOfDate } from '../beijing.ts';
import { digitsFrom } from '../chance.ts';
import { type Exchange, jsonReply, type Reply, textReply } from '../http.ts';
import { feeOf, formatYuan, sumOf } from '../money.ts';
import type { World } from '../world.ts';
import { billText, RATE_BASIS_POINTS } from './bill.ts';
import { findV3Problem, signV3 } from './notices.ts';
import type { WechatBooks } from './records.ts';
import type { WechatService } from './service.ts';

/** The bill of a day is made by 09:00 of the next day (finance.md §3.1). */
const READY_AFTER_MS = 9 * 3_600_000;
/** The merchant's money is sent on one minute before the day ends. */
const PAYOUT_AT_MS = DAY_MS - 60_000;
/** A download address lives five minutes by the wall clock. */
const LINK_LIFE_MS = 5 * 60_000;

/** One change of the merchant's money at WeChat Pay. Amounts in 分, less than zero going out. */
export interface FundRow {
  readonly at: number;
  readonly reference: string;
  readonly name: string;
  readonly type: string;
  readonly changeMinor: bigint;
  readonly balanceMinor: bigint;
  readonly voucher: string;
}

type Move = Omit<FundRow, 'balanceMinor'>;

/** Returns every change of money, oldest first, with a payout at the end of each day. */
export function fundRows(world: World, books: WechatBooks): readonly FundRow[] {
  const now = world.clock.now();
  const moves = movesOf(books).sort((a, b) => a.at - b.at);
  const rows: FundRow[] = [];
  let balance = 0n;
  const add = (move: Move) => {
    balance += move.changeMinor;
    rows.push({ ...move, balanceMinor: balance });
  };
  for (const [index, move] of moves.entries()) {
    add(move);
    const date = dateOf(move.at);
    const next = moves[index + 1];
    const isLast = next === undefined || dateOf(next.at) !== date;
    const payoutAt = startOfDate(date) + PAYOUT_AT_MS;
    if (isLast && balance > 0n && payoutAt <= now) {
      add(payoutOf(world.credentials.wechat.mchid, { at: payoutAt, date, minor: balance }));
    }
  }
  return rows;
}

function payoutOf(
  mchid: string,
  of: { readonly at: number; readonly date: string; readonly minor: bigint },
): Move {
  const reference = `60${digitsFrom(26, mchid, 'payout', of.date)}`;
  const words = { name: '提现', type: '提现', voucher: reference };
  return { at: of.at, reference, changeMinor: -of.minor, ...words };
}

function movesOf(books: WechatBooks): Move[] {
  const moves: Move[] = [];
  for (const order of books.ordersByState('SUCCESS')) {
    const fee = feeOf(order.totalFee, RATE_BASIS_POINTS);
    const same = { at: order.finishedAt ?? 0, reference: order.transactionId };
    const voucher = order.transactionId;
    const total = BigInt(order.totalFee);
    moves.push({ ...same, name: '交易', type: '交易', changeMinor: total, voucher });
    if (fee === 0n) continue;
    moves.push({ ...same, name: '交易', type: '扣除交易手续费', changeMinor: -fee, voucher });
  }
  for (const refund of books.refundsByState('SUCCESS')) {
    const order = books.orders.require(refund.outTradeNo);
    const fee = feeOf(refund.refundFee, RATE_BASIS_POINTS);
    const same = { at: refund.finishedAt ?? refund.acceptedAt, reference: refund.refundId };
    const voucher = `REF${order.transactionId}`;
    const back = -BigInt(refund.refundFee);
    moves.push({ ...same, name: '退款', type: '退款', changeMinor: back, voucher });
    if (fee === 0n) continue;
    moves.push({ ...same, name: '退款', type: '退还交易手续费', changeMinor: fee, voucher });
  }
  return moves;
}

/** What WeChat Pay sent to the merchant's bank; it arrives on the day after. */
export function listPayouts(world: World, books: WechatBooks): readonly object[] {
  return fundRows(world, books)
    .filter((row) => row.type === '提现')
    .map((row) => ({
      rail: 'wechat',
      date: dateOf(row.at),
      arrivesOn: addDays(dateOf(row.at), 1),
      amountMinor: Number(-row.changeMinor),
      reference: row.reference,
    }));
}

/** Writes a day's rows: header, values behind backticks, and two lines of summary. */
function writeFundFlow(rows: readonly FundRow[]): string {
  const header = [
    '记账时间',
    '微信支付业务单号',
    '资金流水单号',
    '业务名称',
    '业务类型',
    '收支类型',
    '收支金额(元)',
    '账户结余(元)',
    '资金变更提交申请人',
    '备注',
    '业务凭证号',
  ];
  const lines = rows.map((row, index) => [
    `${formatDashed(row.at)}.000000`,
    row.reference,
    digitsFrom(32, 'flow', row.reference, row.type, index),
    row.name,
    row.type,
    row.changeMinor < 0n ? '支出' : '收入',
    formatYuan(row.changeMinor < 0n ? -row.changeMinor : row.changeMinor),
    formatYuan(row.balanceMinor),
    'system',
    '',
    row.voucher,
  ]);
  const income = rows.filter((row) => row.changeMinor >= 0n);
  const outgo = rows.filter((row) => row.changeMinor < 0n);
  const names = ['资金流水总笔数', '收入笔数', '收入金额', '支出笔数', '支出金额'];
  const figures = [
    String(rows.length),
    String(income.length),
    formatYuan(sumOf(income.map((row) => row.changeMinor))),
    String(outgo.length),
    formatYuan(-sumOf(outgo.map((row) => row.changeMinor))),
  ];
  const quoted = [...lines, figures].map((values) => values.map((value) => `\`${value}`));
  const rowsOut = [header, ...quoted.slice(0, -1), names, ...quoted.slice(-1)];
  return stringify(rowsOut, { record_delimiter: '\r\n', quote: false });
}

interface Link {
  readonly kind: 'fundflowbill' | 'tradebill';
  readonly date: string;
  readonly madeAtMs: number;
}

/** `GET /v3/bill/fundflowbill` and `/v3/bill/tradebill`: where the file is, and its SHA-1. */
export function answerBillAddress(service: WechatService, exchange: Exchange): Reply {
  const { world, books } = service;
  const problem = findV3Problem(world, exchange, 'GET');
  if (problem !== undefined) return refused(world, problem.status, problem);
  const kind = exchange.path.endsWith('tradebill') ? 'tradebill' : 'fundflowbill';
  const date = exchange.query.get('bill_date') ?? '';
  const start = startOfDate(date);
  if (Number.isNaN(start)) {
    return refused(world, 400, { code: 'PARAM_ERROR', message: '参数错误: bill_date' });
  }
  if (world.clock.now() < start + DAY_MS + READY_AFTER_MS) {
    return refused(world, 400, { code: 'STATEMENT_CREATING', message: '账单生成中' });
  }
  const text = textOf(world, books, { kind, date });
  if (text === undefined) {
    return refused(world, 400, { code: 'NO_STATEMENT_EXIST', message: '账单文件不存在' });
  }
  const token = randomBytes(16).toString('hex');
  world.books.table<Link>('wechat_links').put(token, { kind, date, madeAtMs: Date.now() });
  const reply = {
    hash_type: 'SHA1',
    hash_value: createHash('sha1').update(text).digest('hex'),
    download_url: `${service.baseUrl()}/v3/billdownload/file?token=${token}`,
  };
  return signV3(world, jsonReply(200, reply));
}

function textOf(
  world: World,
  books: WechatBooks,
  of: { readonly kind: Link['kind']; readonly date: string },
): string | undefined {
  if (of.kind === 'tradebill') return billText(world, books, of.date);
  const rows = fundRows(world, books).filter((row) => dateOf(row.at) === of.date);
  return rows.length === 0 ? undefined : writeFundFlow(rows);
}

/** `GET /v3/billdownload/file`: the packed file. Its reply carries no signature. */
export function answerBillFile(service: WechatService, exchange: Exchange): Reply {
  const { world, books } = service;
  const problem = findV3Problem(world, exchange, 'GET');
  if (problem !== undefined) return refused(world, problem.status, problem);
  const link = world.books.table<Link>('wechat_links').get(exchange.query.get('token') ?? '');
  if (link === undefined || Date.now() - link.madeAtMs > LINK_LIFE_MS) {
    return refused(world, 400, { code: 'INVALID_REQUEST', message: '下载链接已失效' });
  }
  const text = textOf(world, books, link);
  if (text === undefined) return textReply(404, 'Not Found');
  const headers = { 'content-type': 'application/x-gzip' };
  return { status: 200, headers, body: gzipSync(text) };
}

function refused(
  world: World,
  status: number,
  problem: { readonly code: string; readonly message: string },
): Reply {
  const { code, message } = problem;
  return signV3(world, jsonReply(status, { code, message, detail: {} }));
}
