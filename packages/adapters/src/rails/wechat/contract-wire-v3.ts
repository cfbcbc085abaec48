import type { MandateHandle, MandateReport, SigningRequest } from '@daikou/core';
import { parseOffsetTime } from '../beijing.ts';
import { toRailText } from '../rail-text.ts';
import { listed } from '../tables.ts';
import type { WechatSettings } from './config.ts';
import { toDisplayAccount } from './contract-wire.ts';
import { type Json, objectAt, textAt } from './json.ts';
import { enderOf, V3_CONTRACT_STATES } from './statuses.ts';
import { TEXT } from './wire.ts';

/** Where a V3 pre-signing is opened: by the seller's app, or by any browser and its code. */
export type V3Scene = 'SIGN_SCENE_APP' | 'SIGN_SCENE_QRCODE';

/**
 * 代扣预签约 V3. `out_user_code` names the payer to us alone; the contract code does, as it is unique
 * and says nothing about a person.
 */
export function toPreSigning(
  settings: WechatSettings,
  request: SigningRequest,
  scene: V3Scene,
): { readonly path: string; readonly body: object } {
  return {
    path: 'v3/papay/sign/contracts/pre-entrust-sign',
    body: {
      sign_scene: scene,
      appid: settings.appid,
      plan_id: Number(settings.planId),
      out_contract_code: request.contractCode,
      contract_display_account: toDisplayAccount(request.displayAccount),
      contract_notify_url: settings.contractNotifyUrl,
      out_user_code: request.contractCode,
      device_info: { device_ip: request.clientIp },
    },
  };
}

/** A contract by our code under the template: the one name that V3 takes. */
export function toContractPath(settings: WechatSettings, mandate: MandateHandle): string {
  const plan = encodeURIComponent(settings.planId);
  const code = encodeURIComponent(mandate.contractCode);
  return `v3/papay/sign/contracts/plan-id/${plan}/out-contract-code/${code}`;
}

export function toContractEndV3(
  settings: WechatSettings,
  mandate: MandateHandle,
  remark: string,
): { readonly path: string; readonly body: object } {
  return {
    path: `${toContractPath(settings, mandate)}/terminate`,
    body: { contract_termination_remark: toRailText(remark, TEXT) || '-' },
  };
}

/**
 * What V3 says of a contract, in the reply of a query and in an event alike. `SIGN_FAILED` is a
 * contract that never came to be; a state that is not listed says nothing.
 */
export function fromV3Contract(content: Json, contractCode: string): MandateReport {
  const railReference = textAt(content, 'contract_id');
  switch (listed(V3_CONTRACT_STATES, textAt(content, 'contract_state'))) {
    case 'active': {
      const at = parseOffsetTime(content['contract_signed_time']);
      if (at === undefined || !railReference) return saysNothing('active, without number or time');
      const openid = textAt(content, 'openid');
      const payer = openid ? { payerReference: openid } : {};
      return { kind: 'active', contractCode, railReference, ...payer, at };
    }
    case 'ended': {
      const info = objectAt(content, 'contract_terminate_info') ?? {};
      const at = parseOffsetTime(info['contract_terminated_time']);
      if (at === undefined) return saysNothing('ended, without its time');
      const endedBy = enderOf(textAt(info, 'contract_termination_mode'));
      const reference = railReference ? { railReference } : {};
      return { kind: 'ended', contractCode, ...reference, endedBy, at };
    }
    case 'not_signed':
      return { kind: 'not_found', contractCode };
    case undefined:
      return saysNothing('unlisted contract_state');
  }
}

function saysNothing(detail: string): MandateReport {
  return { kind: 'unknown', detail };
}
