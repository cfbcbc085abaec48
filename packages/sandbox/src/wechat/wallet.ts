import type { Exchange, Reply } from '../http.ts';
import { jsonReply, textReply } from '../http.ts';
import { consentPage, refusalPage, tellDecision } from '../page.ts';
import { findMessageProblem, type Refusal, xmlReply } from './messages.ts';
import { type Signing, templateOf } from './records.ts';
import type { WechatService } from './service.ts';
import { type Params, signTypeOf } from './signature.ts';
import {
  beginSigning,
  decideSigning,
  describeRules,
  findSigningProblem,
  freshToken,
  tokenOfQuery,
} from './signing.ts';

/** Where the wallet's pages live on this server. */
export const WALLET_PATH = '/wallet/sign/';

/**
 * `GET /papay/h5entrustweb`: an unsigned XML reply with the link to the wallet page (rails.md
 * §1.5).
 */
export function answerH5(service: WechatService, params: Params): Reply {
  const { world, books } = service;
  const problem = findMessageProblem(world, params);
  if (problem !== undefined) return xmlReply({ return_code: 'FAIL', return_msg: problem });
  // This endpoint signs with HMAC-SHA256 only; an MD5 signature is refused like a wrong one.
  if (signTypeOf(params) !== 'HMAC-SHA256') {
    return xmlReply({ return_code: 'FAIL', return_msg: '签名失败' });
  }
  const refused = params['clientip']
    ? findSigningProblem(books, params)
    : { code: 'PARAM_ERROR', text: '参数错误: clientip' };
  if (refused !== undefined) return h5Failure(refused);
  const { token } = beginSigning(world, books, { token: freshToken(), params });
  return xmlReply({
    return_code: 'SUCCESS',
    return_msg: 'OK',
    result_code: 'SUCCESS',
    result_msg: 'OK',
    redirect_url: `${service.baseUrl()}${WALLET_PATH}${token}`,
  });
}

function h5Failure(refused: Refusal): Reply {
  return xmlReply({
    return_code: 'SUCCESS',
    return_msg: 'OK',
    result_code: 'FAIL',
    result_msg: refused.text,
    err_code: refused.code,
    err_code_des: refused.text,
  });
}

/** `/papay/entrustweb` in the user's browser: GET shows the page, POST decides. MD5 only. */
export function answerBrowser(service: WechatService, exchange: Exchange): Reply {
  const { world, books } = service;
  const params = Object.fromEntries(exchange.query);
  const token = tokenOfQuery(params);
  const problem = findMessageProblem(world, params);
  if (problem !== undefined || signTypeOf(params) !== 'MD5') {
    return refusalPage(exchange, 400, problem ?? '签名失败');
  }
  if (books.signings.get(token) === undefined) {
    const refused = findSigningProblem(books, params);
    if (refused !== undefined) {
      return refusalPage(exchange, refused.code === 'PARAM_ERROR' ? 400 : 409, refused.text);
    }
  }
  const signing = beginSigning(world, books, { token, params });
  if (exchange.method === 'POST') return decide(service, exchange, signing);
  return showPage(signing, exchange.target);
}

/** The page behind a link of `h5entrustweb` or `preentrustweb`; the link can be opened once. */
export function answerWalletPage(service: WechatService, exchange: Exchange): Reply {
  const { world, books } = service;
  const signing = books.signings.get(exchange.path.slice(WALLET_PATH.length));
  if (signing === undefined) return refusalPage(exchange, 404, '链接不存在');
  if (exchange.method === 'POST') return decide(service, exchange, signing);
  if (exchange.method !== 'GET') return textReply(405, 'Method Not Allowed');
  if (signing.visited || signing.expiresAt < world.clock.now()) {
    return refusalPage(exchange, 410, '链接已失效，请返回商户重新发起');
  }
  books.signings.put(signing.token, { ...signing, visited: true });
  return showPage(signing, exchange.target);
}

/** The mini program in which users sign; its `extraData` are the signed common fields. */
const SIGNING_PROGRAM = 'wxbd687630cd02ce1d';

/**
 * `POST /wallet/mini-program`: what WeChat does when a seller's mini program opens the one for
 * signing. Answers with the page on which the user decides.
 */
export function answerMiniProgram(service: WechatService, exchange: Exchange): Reply {
  const { world, books } = service;
  const launched = readLaunch(exchange);
  if (launched?.appId !== SIGNING_PROGRAM || launched.path !== 'pages/index/index') {
    return refusalPage(exchange, 404, '小程序不存在');
  }
  const params = launched.extraData;
  const problem = findMessageProblem(world, params);
  if (problem !== undefined || signTypeOf(params) !== 'MD5' || params['version'] !== undefined) {
    return refusalPage(exchange, 400, problem ?? '签名失败');
  }
  // This flow alone has no `version`; the rules of the others apply to the rest.
  const refused = findSigningProblem(books, { ...params, version: '1.0' });
  if (refused !== undefined) return refusalPage(exchange, 409, refused.text);
  const { token } = beginSigning(world, books, { token: tokenOfQuery(params), params });
  return jsonReply(200, { page: `${service.baseUrl()}${WALLET_PATH}${token}` });
}

interface Launch {
  readonly appId: string;
  readonly path: string;
  readonly extraData: Params;
}

function readLaunch(exchange: Exchange): Launch | undefined {
  try {
    return JSON.parse(exchange.body.toString('utf8')) as Launch;
  } catch {
    return undefined;
  }
}

function showPage(signing: Signing, action: string): Reply {
  return consentPage({
    wallet: '微信支付（沙箱）',
    productName: templateOf(signing.planId)?.name ?? '自动扣费服务',
    account: signing.displayAccount,
    lines: describeRules(signing),
    action,
  });
}

function decide(service: WechatService, exchange: Exchange, signing: Signing): Reply {
  const form = new URLSearchParams(exchange.body.toString('utf8'));
  const decided = decideSigning(service.world, service.books, {
    token: signing.token,
    decision: form.get('decision') ?? '',
    user: form.get('user') ?? undefined,
  });
  return tellDecision(exchange, decided);
}
