import type {
  ContractRefused,
  PayLinkRequest,
  PayLinkStarted,
  SigningRequest,
  SigningStarted,
} from '@daikou/core';
import { type Connection, isTrusted } from './connection.ts';
import { toBridge, toContractOrder, toUnifiedOrder } from './pay-wire.ts';
import { readV2Reply } from './replies.ts';
import { PAY_PAGE_CODES } from './statuses.ts';
import { codeOf } from './wire.ts';
import type { Fields } from './xml.ts';

/** An order that the payer pays by hand: a page to open, or the address behind a code to scan. */
export async function beginPayment(
  rail: Connection,
  request: PayLinkRequest,
): Promise<PayLinkStarted> {
  const order = toUnifiedOrder(rail.settings, request);
  const reply = readV2Reply(await rail.client.postV2(order), rail.settings);
  if (reply.kind === 'unknown') return { kind: 'unknown', detail: reply.detail };
  if (reply.fields['result_code'] !== 'SUCCESS') return refusedPage(reply.fields);
  return openPage(rail, reply.fields) ?? noPage();
}

/**
 * 支付中签约: a payment that signs as well. The two go their own ways: a contract that WeChat refuses
 * (`contract_result_code` FAIL, quality list point 21) lets the payment go on, and the answer says
 * so in `contractRefused`. Their ends come in two separate notices.
 */
export async function beginPayAndSign(
  rail: Connection,
  request: SigningRequest,
): Promise<SigningStarted> {
  const { firstPayment } = request;
  if (firstPayment === undefined) {
    const message = 'pay_and_sign wants a first payment';
    return { kind: 'refused', code: 'FIRST_PAYMENT_MISSING', message };
  }
  const order = toContractOrder(rail.settings, request, firstPayment);
  const reply = readV2Reply(await rail.client.postV2(order), rail.settings);
  if (reply.kind === 'unknown') return { kind: 'unknown', detail: reply.detail };
  const { fields } = reply;
  if (fields['result_code'] !== 'SUCCESS') return refusedPage(fields);
  const half = contractRefused(fields);
  const page = openPage(rail, fields);
  if (page !== undefined) return { ...page, ...half };
  const prepayId = fields['prepay_id'];
  if (firstPayment.payerReference === undefined || !prepayId) return noPage();
  const parameters = toBridge(rail.settings, prepayId);
  return { kind: 'launch', flow: 'pay_and_sign', parameters, ...half };
}

/** Whatever is not SUCCESS is a contract that is not being signed: only a query can say more. */
function contractRefused(fields: Fields): { readonly contractRefused?: ContractRefused } {
  const result = fields['contract_result_code'];
  if (result === 'SUCCESS') return {};
  const code = fields['contract_err_code'] || 'CONTRACT_REFUSED';
  const message = fields['contract_err_code_des'] ?? '';
  return { contractRefused: { code, message } };
}

function refusedPage(
  fields: Fields,
):
  | { readonly kind: 'refused'; readonly code: string; readonly message: string }
  | { readonly kind: 'unknown'; readonly detail: string } {
  const { code, message } = codeOf(fields);
  return PAY_PAGE_CODES.has(code)
    ? { kind: 'refused', code, message }
    : { kind: 'unknown', detail: `${code} ${message}` };
}

function noPage(): { readonly kind: 'unknown'; readonly detail: string } {
  return { kind: 'unknown', detail: 'the reply names no page of the wallet' };
}

/** `mweb_url` is opened; `code_url` (weixin://…) is shown as a code to the wallet. */
function openPage(
  rail: Connection,
  fields: Fields,
): { readonly kind: 'open_url'; readonly url: string } | undefined {
  const { mweb_url: page, code_url: code } = fields;
  if (page !== undefined && isTrusted(page, rail.settings.baseUrl)) {
    return { kind: 'open_url', url: page };
  }
  return code?.startsWith('weixin://') ? { kind: 'open_url', url: code } : undefined;
}
