import { formatDashed, startOfDate } from '../beijing.ts';
import { formatYuan } from '../money.ts';
import type { World } from '../world.ts';
import { notifyAgreement, OPEN_END } from './notifications.ts';
import { type Agreement, type AlipayBooks, maskedLogonId } from './records.ts';
import { type Content, failure, success } from './replies.ts';

/** The `biz_content` of a request. */
export type BizContent = Readonly<Record<string, unknown>>;

/** Finds an agreement by its number, or by product code, scene and the merchant's number. */
export function findAgreement(books: AlipayBooks, content: BizContent): Agreement | undefined {
  const number = content['agreement_no'];
  if (typeof number === 'string' && number !== '') return books.agreements.get(number);
  return books
    .agreementsByExternal(String(content['external_agreement_no'] ?? ''))
    .find(
      (agreement) =>
        agreement.personalProductCode === content['personal_product_code'] &&
        agreement.signScene === content['sign_scene'],
    );
}

function notFound(): Content {
  return failure('USER_AGREEMENT_NOT_EXIST', '用户协议不存在');
}

/**
 * `alipay.user.agreement.query`; one that was ended is no longer found, or is shown as STOP when
 * the sandbox is told to (`alipay.showsEnded`).
 */
export function queryAgreement(world: World, books: AlipayBooks, content: BizContent): Content {
  const agreement = findAgreement(books, content);
  const { showsEnded } = world.settings.current.alipay;
  if (agreement === undefined) return notFound();
  const ended = agreement.status === 'UNSIGN';
  if (ended && !showsEnded) return notFound();
  const { rule } = agreement;
  return success({
    agreement_no: agreement.agreementNo,
    external_agreement_no: agreement.externalAgreementNo,
    external_logon_id: agreement.externalLogonId,
    personal_product_code: agreement.personalProductCode,
    sign_scene: agreement.signScene,
    status: ended ? 'STOP' : agreement.status,
    sign_time: formatDashed(agreement.signedAt),
    valid_time: formatDashed(agreement.signedAt),
    invalid_time: ended ? formatDashed(agreement.unsignedAt ?? 0) : OPEN_END,
    principal_id: agreement.userId,
    pricipal_type: 'CARD',
    alipay_logon_id: maskedLogonId(agreement.userId),
    third_party_type: 'PARTNER',
    ...(rule && { single_quota: formatYuan(rule.singleAmount) }),
    ...(agreement.lastDeductDate && { last_deduct_time: agreement.lastDeductDate }),
    ...(agreement.nextDeductDate && { next_deduct_time: agreement.nextDeductDate }),
  });
}

/** `alipay.user.agreement.unsign`: the result is told again at the request's `notify_url`. */
export function unsignAgreement(
  world: World,
  books: AlipayBooks,
  ask: { readonly content: BizContent; readonly notifyUrl: string },
): Content {
  const agreement = findAgreement(books, ask.content);
  if (agreement === undefined || agreement.status === 'UNSIGN') return notFound();
  endAgreement(world, books, { agreement, url: ask.notifyUrl });
  return success();
}

/** Ends an agreement and enters `dut_user_unsign`. */
export function endAgreement(
  world: World,
  books: AlipayBooks,
  ending: { readonly agreement: Agreement; readonly url: string },
): void {
  const { agreement, url } = ending;
  const ended: Agreement = { ...agreement, status: 'UNSIGN', unsignedAt: world.clock.now() };
  books.agreements.put(ended.agreementNo, ended);
  notifyAgreement(world, ended, { type: 'dut_user_unsign', url });
}

/** Alipay pauses an agreement: it shows as STOP, and no notice tells it. */
export function pauseAgreement(books: AlipayBooks, agreement: Agreement): void {
  books.agreements.put(agreement.agreementNo, { ...agreement, status: 'STOP' });
}

/**
 * `alipay.user.agreement.executionplan.modify`: the plan can only be moved later (rails.md §2.5).
 */
export function modifyPlan(books: AlipayBooks, content: BizContent): Content {
  const agreement = findAgreement(books, content);
  if (agreement === undefined || agreement.status === 'UNSIGN') return notFound();
  const deductTime = String(content['deduct_time'] ?? '');
  const { rule, nextDeductDate } = agreement;
  const monthly = rule?.periodType === 'MONTH';
  const wrong =
    nextDeductDate === undefined ||
    Number.isNaN(startOfDate(deductTime)) ||
    deductTime <= nextDeductDate ||
    (monthly && Number(deductTime.slice(8)) > 28);
  if (wrong) return failure('ILLEGAL_EXECUTION_TIME', '执行时间不合法');
  books.agreements.put(agreement.agreementNo, { ...agreement, nextDeductDate: deductTime });
  return success({ agreement_no: agreement.agreementNo, deduct_time: deductTime });
}
