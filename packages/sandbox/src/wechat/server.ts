import type { Version } from '../callbacks.ts';
import { answerThroughFaults, type Occasion, SWAP_FAULTS } from '../faults.ts';
import { DROPPED, type Exchange, type Reply, textReply } from '../http.ts';
import { downloadBill } from './bill.ts';
import { deleteContract, findContract, queryContract } from './contracts.ts';
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
import { closeOrder, queryDeduction, queryOrder } from './queries.ts';
import { queryRefunds, refundOrder } from './refunds.ts';
import type { WechatService } from './service.ts';
import type { Params } from './signature.ts';
import { beginSigning, findSigningProblem, freshToken } from './signing.ts';
import { answerBrowser, answerH5, answerWalletPage, WALLET_PATH } from './wallet.ts';

/** Operations whose reply names an amount and an order, so that a fault can swap them. */
const SWAPPABLE = new Set(['/pay/paporderquery', '/pay/orderquery']);

type Operation = (service: WechatService, params: Params) => Finding;

const OPERATIONS: Readonly<Record<string, Operation>> = {
  '/papay/preentrustweb': preEntrust,
  '/papay/querycontract': ({ world, books }, params) => queryContract(world, books, params),
  '/papay/deletecontract': ({ world, books }, params) => deleteContract(world, books, params),
  '/pay/paporderquery': ({ books }, params) => queryDeduction(books, params),
  '/pay/orderquery': ({ books }, params) => queryOrder(books, params),
  '/pay/closeorder': ({ world, books }, params) => closeOrder(world, books, params),
  '/secapi/pay/refund': ({ world, books }, params) => refundOrder(world, books, params),
  '/pay/refundquery': ({ books }, params) => queryRefunds(books, params),
};

/** Answers one request to WeChat Pay. */
export function answerWechat(service: WechatService, exchange: Exchange): Reply | Promise<Reply> {
  const { path } = exchange;
  if (path === '/papay/entrustweb') return answerBrowser(service, exchange);
  if (path.startsWith(WALLET_PATH)) return answerWalletPage(service, exchange);
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
  if (path.startsWith('/v3/')) {
    const error = { code: 'RESOURCE_NOT_EXISTS', message: '请求的资源不存在' };
    return signV3(service.world, textReply(404, JSON.stringify(error), 'application/json'));
  }
  return answerV2(service, exchange);
}

function answerV2(service: WechatService, exchange: Exchange): Reply | Promise<Reply> {
  const { path } = exchange;
  const known = path in OPERATIONS || path === '/pay/pappayapply' || path === '/pay/downloadbill';
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
  if (path === '/pay/downloadbill') return downloadBill(world, books, params);
  if (path === '/pay/pappayapply') {
    const applied = applyDeduction(world, books, params);
    return applied.kind === 'silent' ? DROPPED : signedReply(world, request, applied.finding);
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
    orderNumber: params['out_trade_no'],
  };
}
