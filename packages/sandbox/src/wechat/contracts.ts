import { formatDashed } from '../beijing.ts';
import type { World } from '../world.ts';
import { type Finding, found, refuse } from './messages.ts';
import { notifyContract } from './notifications.ts';
import type { Contract, TerminationMode, WechatBooks } from './records.ts';
import type { Params } from './signature.ts';

/** Finds a contract by `contract_id`, or by `plan_id` and `contract_code`. */
export function findContract(books: WechatBooks, params: Params): Contract | undefined {
  const id = params['contract_id'];
  if (id !== undefined && id !== '') return books.contracts.get(id);
  return books
    .contractsByCode(params['contract_code'] ?? '')
    .find((contract) => contract.planId === params['plan_id']);
}

/**
 * `POST /papay/querycontract`: the state 0 signed, 1 not signed or ended, 9 waiting for the user.
 */
export function queryContract(world: World, books: WechatBooks, params: Params): Finding {
  const contract = findContract(books, params);
  if (contract !== undefined) return found(describe(contract));
  const signings = books.signingsByCode(params['contract_code'] ?? '');
  const signing = signings.filter((one) => one.planId === params['plan_id']).at(-1);
  if (signing === undefined) return refuse('CONTRACT_NOT_EXIST', '签约协议不存在');
  const open = signing.decision === undefined && signing.expiresAt >= world.clock.now();
  return found({
    plan_id: signing.planId,
    contract_code: signing.contractCode,
    request_serial: signing.requestSerial,
    contract_display_account: signing.displayAccount,
    contract_state: open ? '9' : '1',
  });
}

function describe(contract: Contract): Params {
  return {
    contract_id: contract.contractId,
    plan_id: contract.planId,
    request_serial: contract.requestSerial,
    contract_code: contract.contractCode,
    contract_display_account: contract.displayAccount,
    contract_state: contract.state === 'active' ? '0' : '1',
    contract_signed_time: formatDashed(contract.signedAt),
    contract_expired_time: formatDashed(contract.expiresAt),
    ...(contract.terminatedAt !== undefined && {
      contract_terminated_time: formatDashed(contract.terminatedAt),
      contract_termination_mode: contract.terminationMode ?? '2',
      contract_termination_remark: contract.terminationRemark ?? '',
    }),
    openid: contract.openid,
    err_code: '0',
  };
}

/** `POST /papay/deletecontract`: ends a contract in the merchant's name (mode 3). */
export function deleteContract(world: World, books: WechatBooks, params: Params): Finding {
  const remark = params['contract_termination_remark'] ?? '';
  if (remark === '' || remark.length > 512) {
    return refuse('PARAM_ERROR', '参数错误: contract_termination_remark');
  }
  const contract = findContract(books, params);
  if (contract === undefined || contract.state === 'terminated') {
    return refuse('CONTRACT_NOT_EXIST', '签约协议不存在或已解约');
  }
  terminate(world, books, { contract, mode: '3', remark });
  return found({
    contract_id: contract.contractId,
    plan_id: contract.planId,
    contract_code: contract.contractCode,
  });
}

/** Who ends a contract, and why. */
export interface Termination {
  readonly contract: Contract;
  readonly mode: TerminationMode;
  readonly remark: string;
}

/** Ends a contract and tells the merchant at the URL that the template names. */
export function terminate(world: World, books: WechatBooks, termination: Termination): void {
  const ended: Contract = {
    ...termination.contract,
    state: 'terminated',
    terminatedAt: world.clock.now(),
    terminationMode: termination.mode,
    terminationRemark: termination.remark,
  };
  books.contracts.put(ended.contractId, ended);
  const url = world.settings.current.wechat.terminationUrl;
  notifyContract(world, ended, { type: 'DELETE', url });
}
