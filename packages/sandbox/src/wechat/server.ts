import type { Version } from '../callbacks.ts';
import { answerThroughFaults, BUSINESS_FAULTS, type Occasion, SWAP_FAULTS } from '../faults.ts';
import { DROPPED, type Exchange, type Reply, textReply } from '../http.ts';
import { downloadBill } from './bill.ts';
import { deleteContract, findContract, queryContract } from './contracts.ts';
import { answerBillAddress, answerBillFile } from './fund-flow.ts';
import {
  type Finding,
  findMessageProblem,
  forgeReply,
  found,
  readMessage,
  signedReply,
  transportFailure,
} from './messages.ts';
import { answerNotice, parseNoticePath, signV3 } from './notices.ts';
import { falsify } from './notifications.ts';
import { applyDeduction } from './orders.ts';
import { answerPayPage } from './pay-page.ts';
import { contractOrder, PAY_PATH, unifiedOrder } from './payments.ts';
import { closeOrder, queryDeduction, queryOrder } from './queries.ts';
import { findNamed, queryRefunds, refundOrder } from './refunds.ts';
import type { WechatService } from './service.ts';
import type { Params } from './signature.ts';
import { beginSigning, findSigningProblem, freshToken } from './signing.ts';
import { answerV3Signing, codeOfPath, v3SigningOperation } from './signing-v3.ts';
import {
  answerBrowser,
  answerH5,
  answerMiniProgram,
  answerWalletPage,
  WALLET_PATH,
} from './wallet.ts';

/** Operations whose reply names an amount and an order, so that a fault can swap them. */
const SWAPPABLE = new Set(['/pay/paporderquery', '/pay/orderquery']);

/** V2 operations that answer in ways of their own. */
const OTHERS = new Set(['/pay/pappayapply', '/pay/downloadbill', '/secapi/pay/refund']);

type Operation = (service: WechatService, params: Params) => Finding;

const OPERATIONS: Readonly<Record<string, Operation>> = {
  '/papay/preentrustweb': preEntrust,
  '/papay/querycontract': ({ world, books }, params) => queryContract(world, books, params),
  '/papay/deletecontract': ({ world, books }, params) => deleteContract(world, books, params),
  '/pay/paporderquery': ({ books }, params) => queryDeduction(books, params),
  '/pay/orderquery': ({ books }, params) => queryOrder(books, params),
  '/pay/closeorder': ({ world, books }, params) => closeOrder(world, books, params),
  '/pay/unifiedorder': unifiedOrder,
  '/pay/contractorder': contractOrder,
  '/pay/refundquery': ({ books }, params) => queryRefunds(books, params),
};

const V3_BILLS: Readonly<Record<string, (service: WechatService, exchange: Exchange) => Reply>> = {
  '/v3/bill/fundflowbill': answerBillAddress,
  '/v3/bill/tradebill': answerBillAddress,
  '/v3/billdownload/file': answerBillFile,
};

/** Answers one request to WeChat Pay. */
export function answerWechat(service: WechatService, exchange: Exchange): Reply | Promise<Reply> {
  const { path } = exchange;
  if (path === '/papay/entrustweb') return answerBrowser(service, exchange);
  if (path.startsWith(WALLET_PATH)) return answerWalletPage(service, exchange);
  if (path.startsWith(PAY_PATH)) return answerPayPage(service, exchange);
  if (path === '/wallet/mini-program') return answerMiniProgram(service, exchange);
  if (path.startsWith('/secapi/') && service.secure !== true) {
    // The real host ends here too: without the certificate nothing is read.
    return textReply(
      400,
      '<html><h1>400 No required SSL certificate was sent</h1></html>',
      'text/html',
    );
  }
  if (path === '/papay/h5entrustweb') {
    const params = Object.fromEntries(exchange.query);
    return throughFaults(service, occasionOf(service, path, params), () =>
      answerH5(service, params),
    );
  }
  const noticePath = parseNoticePath(path);
  if (noticePath !== undefined) {
    const contract = service.books.contracts.get(noticePath.contractId);
    const occasion: Occasion = {
      rail: 'wechat',
      operations: [noticePath.operation],
      contractCode: contract?.contractCode,
    };
    return throughFaults(service, occasion, () =>
      answerNotice(service.world, service.books, { exchange, path: noticePath }),
    );
  }
  const signing = v3SigningOperation(path);
  if (signing !== undefined) {
    const contractCode = codeOfPath(path);
    const occasion: Occasion = { rail: 'wechat', operations: [signing], contractCode };
    return throughFaults(service, occasion, () => answerV3Signing(service, exchange));
  }
  const bill = V3_BILLS[path];
  if (bill !== undefined) {
    const operations = [path.slice(path.lastIndexOf('/') + 1)];
    return throughFaults(service, { rail: 'wechat', operations }, () => bill(service, exchange));
  }
  if (path.startsWith('/v3/')) {
    const error = { code: 'RESOURCE_NOT_EXISTS', message: '请求的资源不存在' };
    return signV3(service.world, textReply(404, JSON.stringify(error), 'application/json'));
  }
  return answerV2(service, exchange);
}

function answerV2(service: WechatService, exchange: Exchange): Reply | Promise<Reply> {
  const { path } = exchange;
  const known = path in OPERATIONS || OTHERS.has(path);
  if (!known) return textReply(404, '404 Not Found');
  const params = readMessage(exchange);
  const problem = findMessageProblem(service.world, params);
  const occasion = occasionOf(service, path, params ?? {});
  return throughFaults(service, occasion, () =>
    params === undefined || problem !== undefined
      ? transportFailure(problem ?? 'XML格式错误')
      : carryOut(service, { path, params, occasion }),
  );
}

function carryOut(
  service: WechatService,
  request: { readonly path: string; readonly params: Params; readonly occasion: Occasion },
): Reply {
  const { world, books } = service;
  const { path, params } = request;
  const failed = world.faults.take(request.occasion, BUSINESS_FAULTS);
  if (failed !== undefined) {
    // Carried out or not, the answer is the same: a signed FAIL with the code of the script.
    if (failed.processed === true) carryOut(service, request);
    const code = failed.code ?? 'SYSTEMERROR';
    return signedReply(world, request, { ok: false, refusal: { code, text: '业务失败' } });
  }
  if (path === '/pay/downloadbill') return downloadBill(world, books, params);
  if (path === '/pay/pappayapply') {
    const applied = applyDeduction(world, books, params);
    return applied.kind === 'silent' ? DROPPED : signedReply(world, request, applied.finding);
  }
  if (path === '/secapi/pay/refund') {
    const refunded = refundOrder(world, books, params);
    return refunded.kind === 'silent' ? DROPPED : signedReply(world, request, refunded.finding);
  }
  const finding = OPERATIONS[path]?.(service, params);
  if (finding === undefined) return textReply(404, '404 Not Found');
  return signedReply(world, request, swapWhenScripted(service, request, finding));
}

function swapWhenScripted(
  service: WechatService,
  request: { readonly path: string; readonly occasion: Occasion },
  finding: Finding,
): Finding {
  if (!finding.ok || !SWAPPABLE.has(request.path)) return finding;
  const swap = service.world.faults.take(request.occasion, SWAP_FAULTS);
  return swap === undefined ? finding : found(falsify(finding.fields, swap.fault as Version));
}

function preEntrust(service: WechatService, params: Params): Finding {
  const problem = findSigningProblem(service.books, params);
  if (problem !== undefined) return { ok: false, refusal: problem };
  const { token } = beginSigning(service.world, service.books, { token: freshToken(), params });
  return found({
    pre_entrustweb_id: token,
    miniprogram_username: 'gh_sandbox000001',
    miniprogram_path: `${WALLET_PATH}${token}`,
  });
}

function throughFaults(
  service: WechatService,
  occasion: Occasion,
  act: () => Reply,
): Promise<Reply> {
  return answerThroughFaults(service.world.faults, occasion, { act, forge: forgeReply });
}

function occasionOf(service: WechatService, path: string, params: Params): Occasion {
  return {
    rail: 'wechat',
    operations: [path.slice(path.lastIndexOf('/') + 1)],
    contractCode: params['contract_code'] ?? findContract(service.books, params)?.contractCode,
    // A refund query names the refund only; scripts name the order that it belongs to.
    orderNumber: params['out_trade_no'] ?? findNamed(service.books, params)?.outTradeNo,
  };
}
