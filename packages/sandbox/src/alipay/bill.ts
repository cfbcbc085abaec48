import { randomBytes } from 'node:crypto';
import { addDays, addMonths, dateOf, formatDashed, startOfDate } from '../beijing.ts';
import { type Reply, textReply } from '../http.ts';
import { formatYuan, sumOf } from '../money.ts';
import type { World } from '../world.ts';
import { amountOf, costOf, type Line, linesOf, movementsOf } from './account.ts';
import { accountZip } from './account-file.ts';
import type { BizContent } from './agreements.ts';
import { framed, gbk } from './bill-frame.ts';
import { type AlipayBooks, type BillLink, maskedLogonId } from './records.ts';
import { type Content, failure, success } from './replies.ts';
import { packGbk } from './zip.ts';

/** Where the bill links live on this server. */
export const BILL_PATH = '/bill/download';
/** A day's bill is ready by 10:00 of the next day, a month's on the 4th (rails.md §2.10). */
const DAY_READY_MS = 10 * 3_600_000;
const MONTH_READY_DAY = '04';

/**
 * `alipay.data.dataservice.bill.downloadurl.query`: a link that lives for seconds of wall-clock
 * time.
 */
export function queryBill(
  world: World,
  books: AlipayBooks,
  ask: { readonly content: BizContent; readonly baseUrl: string },
): Content {
  const billType = String(ask.content['bill_type'] ?? '');
  const billDate = String(ask.content['bill_date'] ?? '');
  const [first, next] = spanOf(billDate);
  if (!['trade', 'signcustomer'].includes(billType) || Number.isNaN(startOfDate(first))) {
    return failure('INVAILID_ARGUMENTS', '入参不合法');
  }
  const monthly = billDate.length === 7;
  const readyAt = monthly
    ? startOfDate(`${next.slice(0, 8)}${MONTH_READY_DAY}`)
    : startOfDate(next) + DAY_READY_MS;
  if (world.clock.now() < readyAt) return failure('BILL_NOT_EXIST', '账单尚未生成');
  const rows = billType === 'trade' ? linesOf(books) : movementsOf(world, books);
  if (!rows.some(within(first, next))) return failure('BILL_NOT_EXIST', '账单不存在');
  const token = randomBytes(16).toString('hex');
  const lifeMs = world.settings.current.alipay.billDownloadSeconds * 1000;
  books.billLinks.put(token, { token, billDate, billType, expiresAtMs: Date.now() + lifeMs });
  return success({ bill_download_url: `${ask.baseUrl}${BILL_PATH}?token=${token}` });
}

/** Returns the first date of the bill and the first date after it. */
function spanOf(billDate: string): readonly [first: string, next: string] {
  if (/^\d{4}-(0[1-9]|1[0-2])$/.test(billDate)) {
    return [`${billDate}-01`, addMonths(`${billDate}-01`, 1)];
  }
  if (Number.isNaN(startOfDate(billDate))) return [billDate, billDate];
  return [billDate, addDays(billDate, 1)];
}

function within(first: string, next: string): (row: { readonly at: number }) => boolean {
  return ({ at }) => dateOf(at) >= first && dateOf(at) < next;
}

/** Serves the zip behind a link; one that has expired is gone. */
export function downloadBill(world: World, books: AlipayBooks, token: string): Reply {
  const link = books.billLinks.get(token);
  if (link === undefined) return textReply(404, 'Not Found');
  if (Date.now() > link.expiresAtMs) return textReply(403, 'The download link has expired.');
  const headers = {
    'content-type': 'application/zip',
    'content-disposition': `attachment; filename="${link.billDate}.csv.zip"`,
  };
  return { status: 200, headers, body: Buffer.from(writeZip(world, books, link)) };
}

type Column = readonly [header: string, value: (line: Line) => string];

const zero = () => '0.00';
const empty = () => '';

/** The columns of 业务明细 (rails.md §2.10). */
const DETAIL: readonly Column[] = [
  ['支付宝交易号', (line) => `${line.trade.tradeNo}\t`],
  ['商户订单号', (line) => `${line.trade.outTradeNo}\t`],
  ['业务类型', (line) => (line.refund === undefined ? '交易' : '退款')],
  ['商品名称', (line) => line.trade.subject],
  ['创建时间', (line) => formatDashed(line.trade.createdAt)],
  ['完成时间', (line) => formatDashed(line.at)],
  ['门店编号', empty],
  ['门店名称', empty],
  ['操作员', empty],
  ['终端号', empty],
  ['对方账户', (line) => `${maskedLogonId(line.trade.userId)}\t`],
  ['订单金额（元）', (line) => formatYuan(amountOf(line))],
  ['商家实收（元）', (line) => formatYuan(amountOf(line))],
  ['支付宝红包（元）', zero],
  ['集分宝（元）', zero],
  ['支付宝优惠（元）', zero],
  ['商家优惠（元）', zero],
  ['券核销金额（元）', zero],
  ['券名称', empty],
  ['商家红包消费金额（元）', zero],
  ['卡消费金额（元）', zero],
  ['退款批次号/请求号', (line) => line.refund?.outRequestNo ?? ''],
  ['服务费（元）', (line) => formatYuan(costOf(line))],
  ['分润（元）', zero],
  ['备注', (line) => line.trade.body],
];

function writeZip(world: World, books: AlipayBooks, link: BillLink): Uint8Array {
  const [first, next] = spanOf(link.billDate);
  const { sellerId } = world.credentials.alipay;
  const stem = `${sellerId}0156_${link.billDate.replaceAll('-', '')}_`;
  const frame = { sellerId, first, next };
  if (link.billType === 'signcustomer') {
    const movements = movementsOf(world, books).filter(within(first, next));
    return accountZip({ stem, frame, movements, layout: world.settings.current.alipay.layout });
  }
  const lines = linesOf(books).filter(within(first, next));
  const rows = [
    DETAIL.map(([header]) => header),
    ...lines.map((line) => DETAIL.map(([, value]) => value(line))),
  ];
  const details = framed({ ...frame, name: '业务明细' }, rows, totalsOf(lines));
  const summary = framed({ ...frame, name: '业务汇总' }, summaryOf(lines), []);
  return packGbk({
    [`${stem}业务明细.csv`]: gbk(details),
    [`${stem}业务明细(汇总).csv`]: gbk(summary),
  });
}

function totalsOf(lines: readonly Line[]): string[] {
  const total = (chosen: readonly Line[]) => formatYuan(sumOf(chosen.map(amountOf)));
  const paid = lines.filter((line) => line.refund === undefined);
  const refunded = lines.filter((line) => line.refund !== undefined);
  return [
    `#交易合计：${paid.length}笔，商家实收共${total(paid)}元，商家优惠共0.00元`,
    `#退款合计：${refunded.length}笔，商家实收退款共${total(refunded)}元，商家优惠退款共0.00元`,
  ];
}

function summaryOf(lines: readonly Line[]): string[][] {
  const refunds = lines.filter((line) => line.refund !== undefined).length;
  const amount = sumOf(lines.map(amountOf));
  const cost = sumOf(lines.map(costOf));
  return [
    [
      '门店编号',
      '门店名称',
      '交易订单总笔数',
      '退款订单总笔数',
      '订单金额（元）',
      '商家实收（元）',
      '支付宝优惠（元）',
      '商家优惠（元）',
      '卡消费金额（元）',
      '服务费（元）',
      '分润（元）',
      '实收净额（元）',
    ],
    [
      '合计',
      '',
      String(lines.length - refunds),
      String(refunds),
      formatYuan(amount),
      formatYuan(amount),
      '0.00',
      '0.00',
      '0.00',
      formatYuan(cost),
      '0.00',
      formatYuan(amount + cost),
    ],
  ];
}
