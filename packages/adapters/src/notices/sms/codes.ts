/**
 * `Code` of SendSms other than `OK`, as Aliyun documents them (rails.md §5.4). `ask`: the message
 * may have been taken. A code that is not listed is `unknown` on purpose.
 */
export const SEND_CODES: Readonly<Record<string, 'refused' | 'ask'>> = {
  'isv.BUSINESS_LIMIT_CONTROL': 'refused',
  'isv.DAY_LIMIT_CONTROL': 'refused',
  'isv.MONTH_LIMIT_CONTROL': 'refused',
  'isv.OUT_OF_SERVICE': 'refused',
  'isv.AMOUNT_NOT_ENOUGH': 'refused',
  'isv.SMS_SIGNATURE_SCENE_ILLEGAL': 'refused',
  'isv.SIGN_STATE_ILLEGAL': 'refused',
  'isv.SMS_SIGNATURE_ILLEGAL': 'refused',
  'isv.SMS_TEMPLATE_ILLEGAL': 'refused',
  'isv.MOBILE_NUMBER_ILLEGAL': 'refused',
  'isp.RAM_PERMISSION_DENY': 'refused',
  'isv.DENY_IP_RANGE': 'refused',
  'isp.SYSTEM_ERROR': 'ask',
  // Refusals of the gateway itself: the call was not let through.
  SignatureDoesNotMatch: 'refused',
  SignatureNonceUsed: 'refused',
  'InvalidAccessKeyId.NotFound': 'refused',
  'InvalidTimeStamp.Expired': 'refused',
  'Throttling.User': 'refused',
};

/** `SendStatus` of QuerySendDetails. */
export const SEND_STATUSES: Readonly<Record<string, 'waiting' | 'failed' | 'delivered'>> = {
  '1': 'waiting',
  '2': 'failed',
  '3': 'delivered',
};
