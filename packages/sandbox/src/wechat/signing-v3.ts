import { type Exchange, jsonReply, type Reply } from '../http.ts';
import { terminate } from './contracts.ts';
import { findV3Problem, parseBody, signV3 } from './notices.ts';
import { describeV3 } from './notifications-v3.ts';
import type { Contract } from './records.ts';
import type { WechatService } from './service.ts';
import { beginSigning, findSigningProblem, freshToken } from './signing.ts';
import { WALLET_PATH } from './wallet.ts';

const PRE_SIGN = '/v3/papay/sign/contracts/pre-entrust-sign';
const BY_CODE =
  /^\/v3\/papay\/sign\/contracts\/plan-id\/([^/]+)\/out-contract-code\/([^/]+?)(\/terminate)?$/;

/** The operation names of V3 signing, for scripts; undefined for other paths. */
export function v3SigningOperation(path: string): string | undefined {
  if (path === PRE_SIGN) return 'pre-entrust-sign';
  const match = BY_CODE.exec(path);
  if (match === null) return undefined;
  return match[3] === undefined ? 'querycontract' : 'deletecontract';
}

/** The contract code of a V3 path, for scripts. */
export function codeOfPath(path: string): string | undefined {
  const code = BY_CODE.exec(path)?.[2];
  return code === undefined ? undefined : decodeURIComponent(code);
}

interface Problem {
  readonly status: number;
  readonly code: string;
  readonly message: string;
}

/** Answers 代扣预签约, and query and end of a contract by our code (rails.md §1.14). */
export function answerV3Signing(service: WechatService, exchange: Exchange): Reply {
  const { world } = service;
  const operation = v3SigningOperation(exchange.path);
  const allowed = operation === 'querycontract' ? 'GET' : 'POST';
  const problem = findV3Problem(world, exchange, allowed);
  const answer =
    problem ??
    (operation === 'pre-entrust-sign'
      ? preSign(service, exchange)
      : byCode(service, exchange, operation === 'deletecontract'));
  if ('status' in answer) {
    const { status, code, message } = answer as Problem;
    return signV3(world, jsonReply(status, { code, message, detail: {} }));
  }
  return signV3(world, jsonReply(200, answer));
}

type Answer = Readonly<Record<string, unknown>> | Problem;

function preSign(service: WechatService, exchange: Exchange): Answer {
  const { world, books } = service;
  const body = (parseBody(exchange.body) ?? {}) as Readonly<Record<string, unknown>>;
  const text = (name: string): string => String(body[name] ?? '');
  const scene = text('sign_scene');
  const isApp = scene === 'SIGN_SCENE_APP';
  if (!isApp && scene !== 'SIGN_SCENE_QRCODE') return paramError('sign_scene');
  if (text('appid') !== world.credentials.wechat.appid) return paramError('appid');
  if (typeof body['plan_id'] !== 'number') return paramError('plan_id');
  if (text('out_user_code') === '') return paramError('out_user_code');
  const params = {
    plan_id: text('plan_id'),
    contract_code: text('out_contract_code'),
    contract_display_account: text('contract_display_account'),
    notify_url: text('contract_notify_url'),
    // V3 orders by its own clock; V2's serial, version and time have no place here.
    request_serial: '1',
    version: '1.0',
    timestamp: String(Math.floor(Date.now() / 1000)),
  };
  const refused = findSigningProblem(books, params);
  if (refused !== undefined) return { status: 400, code: refused.code, message: refused.text };
  const { token } = beginSigning(world, books, { token: freshToken(), params });
  if (!isApp) {
    return { pre_entrustweb_id: token, redirect_url: `${service.baseUrl()}${WALLET_PATH}${token}` };
  }
  return {
    pre_entrustweb_id: token,
    mini_program_username: 'gh_sandbox000001',
    mini_program_path: `${WALLET_PATH}${token}`,
  };
}

function paramError(name: string): Problem {
  return { status: 400, code: 'PARAM_ERROR', message: `参数错误: ${name}` };
}

function byCode(service: WechatService, exchange: Exchange, isEnd: boolean): Answer {
  const { world, books } = service;
  const [, plan = '', code = ''] = BY_CODE.exec(exchange.path) ?? [];
  const contract = books
    .contractsByCode(decodeURIComponent(code))
    .find((one) => one.planId === decodeURIComponent(plan));
  if (contract === undefined) return gone();
  if (!isEnd) return describeV3(world, contract);
  if (contract.state === 'terminated') return gone();
  const body = (parseBody(exchange.body) ?? {}) as Readonly<Record<string, unknown>>;
  const remark = body['contract_termination_remark'];
  if (typeof remark !== 'string' || remark === '') return paramError('contract_termination_remark');
  terminate(world, books, { contract, mode: '3', remark });
  return describeV3(world, books.contracts.require(contract.contractId) satisfies Contract);
}

function gone(): Problem {
  return { status: 404, code: 'CONTRACT_NOT_EXIST', message: '签约协议不存在' };
}
