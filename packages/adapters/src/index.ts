export {
  type CardListing,
  isCardNumber,
  labelOfCard,
  lookUpCard,
} from './cards/directory.ts';
export {
  makeSafeFetch,
  type SafeFetch,
  type SafeFetchOptions,
  type SafeOutcome,
  type SafeRequest,
} from './http/safe-fetch.ts';
export { maskTarget, readTarget } from './http/target.ts';
export {
  formatWebhookSecret,
  isWebhookSecret,
  signWebhook,
  type WebhookHeaders,
  type WebhookToSign,
} from './http/webhook-signature.ts';
export { makeDingtalkChannel } from './notices/dingtalk/channel.ts';
export { type DingtalkConfig, describeDingtalkConfig } from './notices/dingtalk/config.ts';
export { makeInboxChannel } from './notices/inbox/channel.ts';
export { makeMailChannel } from './notices/mail/channel.ts';
export { describeMailConfig, type MailConfig } from './notices/mail/config.ts';
export { makeOfficialAccountChannel } from './notices/official-account/channel.ts';
export {
  describeOfficialAccountConfig,
  type OfficialAccountConfig,
} from './notices/official-account/config.ts';
export { makeSmsChannel } from './notices/sms/channel.ts';
export { describeSmsConfig, type SmsConfig } from './notices/sms/config.ts';
export { smsVariables } from './notices/templates.ts';
export { makeWebhookChannel, type WebhookChannelConfig } from './notices/webhook/channel.ts';
export { makeWecomChannel } from './notices/wecom/channel.ts';
export { describeWecomConfig, type WecomConfig } from './notices/wecom/config.ts';
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
export { type AddressVaultConfig, makeAddressVault } from './webhooks/addresses.ts';
export { makeWebhookSender, type WebhookConfig } from './webhooks/sender.ts';
