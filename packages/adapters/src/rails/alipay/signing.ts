import {
  type FirstPayment,
  formatDecimal,
  money,
  type SigningFlow,
  type SigningRequest,
  type SigningStarted,
} from '@daikou/core';
import { toRailText } from '../rail-text.ts';
import { ALIPAY_CAPABILITIES } from './capabilities.ts';
import type { AlipayCall, BizContent } from './client.ts';
import type { AlipaySettings } from './config.ts';
import type { Connection } from './connection.ts';
import { SUBJECT } from './wire.ts';

/** Opens Alipay's own app on its sign page (rails.md §2.2); the page's parameters follow. */
const SIGN_SCHEME =
  'alipays://platformapi/startapp?appId=60000157&appClearTop=false&startMultApp=YES&sign_params=';

/** The method and own product code of each way to pay a first order by hand. */
const PAY_METHODS = {
  wap: { method: 'alipay.trade.wap.pay', product: 'QUICK_WAP_WAY' },
  page: { method: 'alipay.trade.page.pay', product: 'FAST_INSTANT_TRADE_PAY' },
  app: { method: 'alipay.trade.app.pay', product: 'QUICK_MSECURITY_PAY' },
} as const;

/** A request that has what its flow wants. */
type Ready = {
  readonly request: SigningRequest;
  readonly rules: BizContent;
};

/**
 * Starts a signing. No call is made: the payer's browser or the seller's app opens what we sign.
 * Refuses a flow that is not declared, a missing or too late planned date (periodic products), and
 * `pay_and_sign` without a first order.
 */
export function beginSigning(rail: Connection, request: SigningRequest): SigningStarted {
  const { settings } = rail;
  const flow: SigningFlow = request.flow ?? 'browser_page';
  const period = periodRules(settings, request);
  if ('refusal' in period) return period.refusal;
  const ready: Ready = { request, rules: period.rules };
  switch (flow) {
    case 'browser_page':
      return { kind: 'open_url', url: rail.client.pageUrl(toSigning(settings, ready)) };
    case 'app': {
      const signParams = rail.client.appText(toSigning(settings, ready));
      const scheme = `${SIGN_SCHEME}${encodeURIComponent(signParams)}`;
      return { kind: 'launch', flow, parameters: { scheme, signParams } };
    }
    case 'pay_and_sign':
      return payAndSign(rail, ready);
    case 'wallet_page':
    case 'mini_program':
    case 'message_code':
    case 'paper':
      return refused('flow_unsupported', `Alipay has no signing flow ${flow} here.`);
  }
}

function refused(code: string, message: string): SigningStarted {
  return { kind: 'refused', code, message };
}

/**
 * The rule of a periodic agreement: one debit a month from the planned date on, with the caps that
 * are configured (rails.md §2.4). Empty for 商家扣款, which has no period.
 */
function periodRules(
  settings: AlipaySettings,
  request: SigningRequest,
): { readonly rules: BizContent } | { readonly refusal: SigningStarted } {
  if (settings.productCode !== 'CYCLE_PAY_AUTH') return { rules: {} };
  const { firstPlannedDate, singleCap } = request;
  const latestDay = ALIPAY_CAPABILITIES.plannedDate?.latestDayOfMonth ?? 28;
  if (firstPlannedDate === undefined) {
    const message = 'Alipay must be told the first planned debit date at signing.';
    return { refusal: refused('planned_date_missing', message) };
  }
  if (firstPlannedDate.day > latestDay) {
    const message = `Alipay takes monthly plans on days 1 to ${latestDay} only.`;
    return { refusal: refused('planned_date_too_late_in_month', message) };
  }
  const { totalAmountMinor, totalPayments } = settings;
  return {
    rules: {
      period_rule_params: {
        period_type: 'MONTH',
        period: 1,
        execute_time: firstPlannedDate.toString(),
        single_amount: formatDecimal(singleCap),
        ...(totalAmountMinor === undefined
          ? {}
          : { total_amount: formatDecimal(money(BigInt(totalAmountMinor), 'CNY')) }),
        ...(totalPayments === undefined ? {} : { total_payments: totalPayments }),
      },
    },
  };
}

/** What the payer agrees to; the same object for the sign page and beside a first order. */
function agreementTerms(settings: AlipaySettings, { request, rules }: Ready): BizContent {
  return {
    personal_product_code: settings.personalProductCode,
    product_code: settings.productCode,
    sign_scene: settings.signScene,
    external_agreement_no: request.contractCode,
    external_logon_id: toRailText(request.displayAccount, { maxLength: 32 }),
    access_params: { channel: settings.signChannel },
    ...rules,
  };
}

/** The page on which the payer agrees. */
function toSigning(settings: AlipaySettings, ready: Ready): AlipayCall {
  return {
    method: 'alipay.user.agreement.page.sign',
    notifyUrl: settings.agreementNotifyUrl,
    content: agreementTerms(settings, ready),
  };
}

/**
 * 支付并签约: one page on which the payer pays a first order and agrees. Two notices follow, each to its
 * own address, and either may stay away: a payer may pay without agreeing.
 */
function payAndSign(rail: Connection, ready: Ready): SigningStarted {
  const { firstPayment } = ready.request;
  if (firstPayment === undefined) {
    return refused('first_payment_missing', 'Paying and signing needs a first order to pay.');
  }
  if (firstPayment.amount.currency !== 'CNY') {
    return refused('currency_unsupported', 'Alipay takes CNY only.');
  }
  const order = toFirstPayment(rail.settings, ready, firstPayment);
  if (rail.settings.firstPaymentBy !== 'app') {
    return { kind: 'open_url', url: rail.client.pageUrl(order) };
  }
  const parameters = { orderString: rail.client.appText(order) };
  return { kind: 'launch', flow: 'pay_and_sign', parameters };
}

function toFirstPayment(
  settings: AlipaySettings,
  ready: Ready,
  firstPayment: FirstPayment,
): AlipayCall {
  const { method, product } = PAY_METHODS[settings.firstPaymentBy];
  return {
    method,
    notifyUrl: settings.notifyUrl,
    content: {
      out_trade_no: firstPayment.orderNumber,
      total_amount: formatDecimal(firstPayment.amount),
      subject: toRailText(firstPayment.description, SUBJECT),
      // The periodic product names itself; beside 商家扣款 the payment keeps its own product.
      product_code: settings.productCode === 'CYCLE_PAY_AUTH' ? 'CYCLE_PAY_AUTH' : product,
      agreement_sign_params: {
        ...agreementTerms(settings, ready),
        sign_notify_url: settings.agreementNotifyUrl,
      },
    },
  };
}
