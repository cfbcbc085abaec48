import { randomFillSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type AlipayConfig,
  type DingtalkConfig,
  type MailConfig,
  makeAlipayRail,
  makeDingtalkChannel,
  makeInboxChannel,
  makeMailChannel,
  makeOfficialAccountChannel,
  makeSepaRail,
  makeSmsChannel,
  makeUnionpayRail,
  makeWebhookChannel,
  makeWechatRail,
  makeWecomChannel,
  type OfficialAccountConfig,
  type SepaConfig,
  type SmsConfig,
  type UnionpayConfig,
  type WebhookChannelConfig,
  type WechatConfig,
  type WecomConfig,
} from '@daikou/adapters';
import {
  type ContactChannel,
  DEFAULT_AMOUNT_GUARD,
  DEFAULT_TIMETABLE,
  type MerchantId,
  money,
  type NoticeChannel,
  parseRefundNumber,
  type Rail,
  type RailId,
  type Store,
} from '@daikou/core';
import type { Engine, Log, MethodPlan } from '@daikou/engine';
import { type RefundPolicySettings, readRefundPolicy } from './refund-policy.ts';
import { makeAddresses, makeSender, type WebhookSettings } from './webhook-sender.ts';

/**
 * Everything outside that a merchant is connected to. Wall clock and addresses are filled in here.
 */
export type Connections = {
  readonly wechat?: Omit<WechatConfig, 'now' | 'notifyUrl' | 'contractNotifyUrl'>;
  readonly alipay?: Omit<AlipayConfig, 'now' | 'notifyUrl' | 'agreementNotifyUrl'>;
  readonly sepa?: Omit<SepaConfig, 'now'>;
  readonly unionpay?: Omit<UnionpayConfig, 'now' | 'notifyUrl' | 'committedAt'>;
  readonly mail?: Omit<MailConfig, 'now'>;
  readonly sms?: Omit<SmsConfig, 'now'>;
  readonly dingtalk?: Omit<DingtalkConfig, 'now'>;
  readonly wecom?: Omit<WecomConfig, 'now'>;
  readonly officialAccount?: Omit<OfficialAccountConfig, 'now'>;
  /** Notices to systems of the customers' own. */
  readonly noticeWebhook?: Omit<WebhookChannelConfig, 'now'>;
  /** What the merchant decided about money that goes back. */
  readonly refunds?: RefundPolicySettings;
  /** How webhooks leave: the key that seals their secrets, where machines share one. */
  readonly webhooks?: WebhookSettings;
  /** When a person looks at an amount first; absent: the defaults; false: never. */
  readonly amountGuard?: false | { readonly times?: number; readonly fromMinor?: number };
};

/**
 * What people call each rail. The one place, with the rails' folders, where rail ids are written.
 */
const RAIL_NAMES = new Map([
  ['wechat', { zh: '微信支付', en: 'WeChat Pay' }],
  ['alipay', { zh: '支付宝', en: 'Alipay' }],
  ['unionpay', { zh: '银联', en: 'UnionPay' }],
  ['sepa', { zh: 'SEPA 直接借记', en: 'SEPA Direct Debit' }],
]);

/** The most that one debit takes under the mandates of an import: ¥200. */
const IMPORT_SINGLE_CAP = money(20_000n, 'CNY');

/** How the payment methods of a subscriber file are collected. */
export const METHOD_PLANS: ReadonlyMap<string, MethodPlan> = new Map<string, MethodPlan>([
  [
    'Bank transfer (automatic)',
    { collection: 'auto_debit', rail: 'alipay', singleCap: IMPORT_SINGLE_CAP },
  ],
  [
    'Credit card (automatic)',
    { collection: 'auto_debit', rail: 'wechat', singleCap: IMPORT_SINGLE_CAP },
  ],
  ['Electronic check', { collection: 'by_hand' }],
  ['Mailed check', { collection: 'by_hand' }],
]);

export function wallNow(): Temporal.Instant {
  return Temporal.Now.instant();
}

/**
 * Random bytes for ids, drawn from the system in blocks: a system call per id would cost more than
 * the id.
 */
function pooledEntropy(): { readonly bytes: (length: number) => Uint8Array } {
  const pool = new Uint8Array(8192);
  let used = pool.length;
  return {
    bytes: (length) => {
      if (used + length > pool.length) {
        randomFillSync(pool);
        used = 0;
      }
      used += length;
      return pool.slice(used - length, used);
    },
  };
}

/** Where a rail or provider calls back for a merchant. */
export function callbackUrl(baseUrl: string, what: string, merchantCode: string): string {
  return `${baseUrl}/callbacks/${what}/${merchantCode}`;
}

/**
 * When the last intent to send a number was committed, for rails that name an order by number and
 * time. One record answers for the order or refund and for all questions about it.
 */
function committedTimes(
  store: Store,
  merchantCode: string,
): (number: string) => Promise<Temporal.Instant | undefined> {
  let merchant: MerchantId | undefined;
  return async (number) => {
    merchant ??= (await store.findMerchant(merchantCode))?.id;
    if (merchant === undefined) return undefined;
    const refundId = parseRefundNumber(number);
    const times = await store.transact(merchant, async (tx) =>
      refundId === undefined
        ? (await tx.findAttemptsByOrderNumber([number])).map(({ attempt }) => attempt.submittedAt)
        : (await tx.loadRefunds([refundId])).flatMap(({ submittedAt }) => submittedAt ?? []),
    );
    return times.sort(Temporal.Instant.compare).at(-1);
  };
}

/** Joins the ports of one merchant: its rails and channels on this store. */
export function composeEngine(parts: {
  readonly store: Store;
  readonly log: Log;
  readonly connections: Connections;
  readonly baseUrl: string;
  readonly merchantCode: string;
  /** Gives the installation's own key for sealed secrets; absent: only what the connections say. */
  readonly folderKey?: () => string;
}): Engine {
  const { connections, baseUrl, merchantCode } = parts;
  const rails = new Map<RailId, Rail>();
  const channels = composeChannels(connections);
  if (connections.wechat !== undefined) {
    const url = callbackUrl(baseUrl, 'wechat', merchantCode);
    const config = { ...connections.wechat, now: wallNow, notifyUrl: url, contractNotifyUrl: url };
    const rail = makeWechatRail(config);
    rails.set(rail.id, rail);
  }
  if (connections.alipay !== undefined) {
    const url = callbackUrl(baseUrl, 'alipay', merchantCode);
    const config = { ...connections.alipay, now: wallNow, notifyUrl: url, agreementNotifyUrl: url };
    const rail = makeAlipayRail(config);
    rails.set(rail.id, rail);
  }
  if (connections.unionpay !== undefined) {
    const url = callbackUrl(baseUrl, 'unionpay', merchantCode);
    const committedAt = committedTimes(parts.store, merchantCode);
    const config = { ...connections.unionpay, now: wallNow, notifyUrl: url, committedAt };
    const rail = makeUnionpayRail(config);
    rails.set(rail.id, rail);
  }
  if (connections.sepa !== undefined) {
    const rail = makeSepaRail({ ...connections.sepa, now: wallNow });
    rails.set(rail.id, rail);
  }
  return {
    store: parts.store,
    rails,
    channels,
    clock: { now: wallNow },
    entropy: pooledEntropy(),
    timetable: DEFAULT_TIMETABLE,
    ...(connections.refunds === undefined
      ? {}
      : { refunds: readRefundPolicy(connections.refunds) }),
    ...amountGuardOf(connections.amountGuard),
    ...makeAddresses(connections.webhooks, parts.folderKey),
    ...makeSender(connections.webhooks, { folderKey: parts.folderKey, now: wallNow }),
    railNames: RAIL_NAMES,
    log: parts.log,
  };
}

/** The merchant's message channels. The inbox needs no provider: every merchant has it. */
function composeChannels(connections: Connections): Map<ContactChannel, NoticeChannel> {
  const { mail, sms, dingtalk, wecom, officialAccount, noticeWebhook } = connections;
  const made = [
    makeInboxChannel(),
    mail === undefined ? undefined : makeMailChannel({ ...mail, now: wallNow }),
    sms === undefined ? undefined : makeSmsChannel({ ...sms, now: wallNow }),
    dingtalk === undefined ? undefined : makeDingtalkChannel({ ...dingtalk, now: wallNow }),
    wecom === undefined ? undefined : makeWecomChannel({ ...wecom, now: wallNow }),
    officialAccount === undefined
      ? undefined
      : makeOfficialAccountChannel({ ...officialAccount, now: wallNow }),
    noticeWebhook === undefined
      ? undefined
      : makeWebhookChannel({ ...noticeWebhook, now: wallNow }),
  ];
  return new Map(made.flatMap((one) => (one === undefined ? [] : [[one.id, one] as const])));
}

/** The most that `times` can be: above it the guard would guard nothing. */
const GUARD_TIMES_MAX = 100;

/** The merchant's amount guard, its numbers checked: whole, and such that it guards something. */
function amountGuardOf(given: Connections['amountGuard']): Pick<Engine, 'amountGuard'> {
  if (given === false) return {};
  const { times, fromMinor } = given ?? {};
  const isTimes = times === undefined || (Number.isInteger(times) && times >= 2);
  const isFrom = fromMinor === undefined || (Number.isSafeInteger(fromMinor) && fromMinor >= 0);
  if (!isTimes || !isFrom || (times ?? 0) > GUARD_TIMES_MAX) {
    throw new ConfigurationInvalid(
      'config.json: amountGuard wants times (2 to 100) and fromMinor (0 or more), or false.',
    );
  }
  return {
    amountGuard: {
      ...DEFAULT_AMOUNT_GUARD,
      ...(times === undefined ? {} : { times: BigInt(times) }),
      ...(fromMinor === undefined ? {} : { fromMinor: BigInt(fromMinor) }),
    },
  };
}

/** The configuration cannot be used; the message says what is wrong, never a value of it. */
export class ConfigurationInvalid extends Error {
  override readonly name = 'ConfigurationInvalid';
}

/**
 * The connections of real merchants, from `<home>/config.json` by merchant code. A merchant that is
 * not in it has no rails: its debits wait and say so. Throws one sentence when the file is not
 * JSON.
 */
export function readConnections(home: string): Readonly<Record<string, Connections>> {
  const path = join(home, 'config.json');
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw error;
  }
  try {
    return JSON.parse(text) as Readonly<Record<string, Connections>>;
  } catch {
    throw new ConfigurationInvalid('config.json in the data folder is not valid JSON.');
  }
}
