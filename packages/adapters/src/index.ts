export {
  type CardListing,
  isCardNumber,
  labelOfCard,
  lookUpCard,
} from './cards/directory.ts';
export { makeMailChannel } from './notices/mail/channel.ts';
export { describeMailConfig, type MailConfig } from './notices/mail/config.ts';
export { makeSmsChannel } from './notices/sms/channel.ts';
export { describeSmsConfig, type SmsConfig } from './notices/sms/config.ts';
export { type NoticeText, noticeText, smsVariables } from './notices/templates.ts';
export {
  type AlipayConfig,
  describeConfig as describeAlipayConfig,
} from './rails/alipay/config.ts';
export { makeAlipayRail } from './rails/alipay/rail.ts';
export { type BillProblem, BillUnreadable } from './rails/bill-errors.ts';
export { describeConfig as describeSepaConfig, type SepaConfig } from './rails/sepa/config.ts';
export { makeSepaRail } from './rails/sepa/rail.ts';
export {
  describeConfig as describeUnionpayConfig,
  type UnionpayConfig,
} from './rails/unionpay/config.ts';
export { makeUnionpayRail } from './rails/unionpay/rail.ts';
export {
  describeConfig as describeWechatConfig,
  type WechatConfig,
} from './rails/wechat/config.ts';
export { makeWechatRail, toEntrustUrl } from './rails/wechat/rail.ts';
export { readStatement, STATEMENT_READERS } from './statements/readers.ts';
