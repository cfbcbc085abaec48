import { formatCompact, formatDashed } from '../beijing.ts';
import type { Version } from '../callbacks.ts';
import { SWAP_FAULTS } from '../faults.ts';
import type { World } from '../world.ts';
import { signMessage, wordsOf } from './messages.ts';
import type { Order, Token, UnionpayBooks } from './records.ts';
import type { Fields } from './signature.ts';

/** Seconds between tries. The schedule is not published; this is the sandbox's own. */
const RETRY_SECONDS = [60, 120, 240, 480, 960, 3600, 7200];

/** The Beijing time without its year, as the rail writes `traceTime`. */
export function traceTimeOf(instantMs: number): string {
  return formatCompact(instantMs).slice(4);
}

/** The clearing day of an instant: it begins at 23:00 of the day before (rails.md §3.4). */
export function settleDateOf(instantMs: number): string {
  return formatDashed(instantMs + 3_600_000).slice(0, 10);
}

/** The fields that tell what became of an order, in a notice and in a query alike. */
export function orderFields(order: Order): Fields {
  const at = order.endedAt ?? order.createdAt;
  return {
    orderId: order.orderId,
    txnTime: order.txnTime,
    txnAmt: String(order.txnAmt),
    currencyCode: '156',
    queryId: order.queryId,
    traceNo: order.traceNo,
    traceTime: traceTimeOf(at),
    ...(order.reqReserved !== '' && { reqReserved: order.reqReserved }),
    ...(order.state === 'done' && {
      settleAmt: String(order.txnAmt),
      settleCurrencyCode: '156',
      settleDate: settleDateOf(at).slice(5).replace('-', ''),
    }),
  };
}

function envelope(world: World, kind: readonly [txnType: string, txnSubType: string]): Fields {
  return {
    version: '5.1.0',
    encoding: 'UTF-8',
    signMethod: '01',
    txnType: kind[0],
    txnSubType: kind[1],
    bizType: '000902',
    accessType: '0',
    merId: world.credentials.unionpay.merId,
  };
}

/** Tells the merchant of money that moved. What failed is not told (rails.md §3.4). */
export function notifyOrder(world: World, books: UnionpayBooks, order: Order): void {
  const isDebit = order.kind === 'debit';
  const paid = isDebit ? order : books.orders.get(order.originalKey ?? '');
  const name = isDebit ? 'pay_callback' : 'refund_callback';
  enter(world, {
    fields: {
      ...envelope(world, isDebit ? ['01', '01'] : ['04', '00']),
      ...orderFields(order),
      respCode: order.code ?? '00',
      respMsg: wordsOf(order.code ?? '00'),
    },
    url: order.backUrl,
    kind: name,
    subject: order.orderId,
    contractCode: order.contractCode,
    orderNumber: paid?.orderId ?? order.orderId,
    swappable: SWAP_FAULTS,
  });
}

/** Tells the merchant of an opened card with its token. */
export function notifyOpening(world: World, token: Token, backUrl: string): void {
  enter(world, {
    fields: {
      ...envelope(world, ['79', '00']),
      ...tokenFields(world, token),
      respCode: '00',
      respMsg: wordsOf('00'),
    },
    url: backUrl,
    kind: 'sign_callback',
    subject: token.orderId,
    contractCode: token.orderId,
    swappable: new Set(['swapped_order']),
  });
}

/** A token with its dates, and the card number encrypted for the merchant. */
export function tokenFields(world: World, token: Token): Fields {
  const { trId } = world.credentials.unionpay;
  const begin = formatCompact(token.beginsAt);
  const end = formatCompact(token.endsAt);
  const pairs = [
    `token=${token.token}`,
    `trId=${trId}`,
    'tokenLevel=40',
    `tokenBegin=${begin}`,
    `tokenEnd=${end}`,
    'tokenType=01',
  ];
  return {
    orderId: token.orderId,
    txnTime: token.txnTime,
    accNo: token.accNo,
    activateStatus: '1',
    tokenPayData: `{${pairs.join('&')}}`,
  };
}

interface Notice {
  readonly fields: Fields;
  readonly url: string;
  readonly kind: string;
  readonly subject: string;
  readonly contractCode: string;
  readonly orderNumber?: string;
  readonly swappable: ReadonlySet<string>;
}

function enter(world: World, notice: Notice): void {
  const { fields, url, kind, subject, contractCode, orderNumber } = notice;
  world.callbacks.enter({
    occasion: { rail: 'unionpay', operations: ['callback', kind], contractCode, orderNumber },
    kind,
    subject,
    url,
    contentType: 'application/x-www-form-urlencoded; charset=utf-8',
    bodyOf: (version) => writeBody(world, fields, version),
    swappable: notice.swappable,
    retrySeconds: RETRY_SECONDS,
    timeScale: world.settings.current.unionpay.callbackTimeScale,
    acknowledgement: 'http_2xx',
  });
}

function writeBody(world: World, fields: Fields, version: Version): string {
  const signed = signMessage(world.credentials.unionpay, falsify(fields, version));
  const forged = version === 'wrong_signature' || version === 'probe';
  const right = signed['signature'] ?? '';
  const signature = forged ? [...right].reverse().join('') : right;
  return new URLSearchParams({ ...signed, signature }).toString();
}

/** The same fields with another amount (one yuan more) or another order. */
export function falsify(fields: Fields, version: Version | undefined): Fields {
  if (version === 'swapped_amount') {
    const other = String(Number(fields['txnAmt'] ?? 0) + 100);
    return { ...fields, txnAmt: other, settleAmt: other };
  }
  return version === 'swapped_order' ? { ...fields, orderId: `${fields['orderId']}X` } : fields;
}
