import { randomFillSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type AlipayConfig,
  type MailConfig,
  makeAlipayRail,
  makeMailChannel,
  makeSmsChannel,
  makeWechatRail,
  type SmsConfig,
  type WechatConfig,
} from '@daikou/adapters';
import {
  type ContactChannel,
  DEFAULT_TIMETABLE,
  money,
  type NoticeChannel,
  type Rail,
  type RailId,
  type Store,
} from '@daikou/core';
import type { Engine, Log, MethodPlan } from '@daikou/engine';

/**
 * Everything outside that a merchant is connected to. Wall clock and addresses are filled in here.
 */
export type Connections = {
  readonly wechat?: Omit<WechatConfig, 'now' | 'notifyUrl' | 'contractNotifyUrl'>;
  readonly alipay?: Omit<AlipayConfig, 'now' | 'notifyUrl' | 'agreementNotifyUrl'>;
  readonly mail?: Omit<MailConfig, 'now'>;
  readonly sms?: Omit<SmsConfig, 'now'>;
};

/**
 * What people call each rail. The one place, with the rails' folders, where rail ids are written.
 */
const RAIL_NAMES = new Map([
  ['wechat', { zh: '微信支付', en: 'WeChat Pay' }],
  ['alipay', { zh: '支付宝', en: 'Alipay' }],
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

/** Joins the ports of one merchant: its rails and channels on this store. */
export function composeEngine(parts: {
  readonly store: Store;
  readonly log: Log;
  readonly connections: Connections;
  readonly baseUrl: string;
  readonly merchantCode: string;
}): Engine {
  const { connections, baseUrl, merchantCode } = parts;
  const rails = new Map<RailId, Rail>();
  const channels = new Map<ContactChannel, NoticeChannel>();
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
  if (connections.mail !== undefined) {
    channels.set('mail', makeMailChannel({ ...connections.mail, now: wallNow }));
  }
  if (connections.sms !== undefined) {
    channels.set('sms', makeSmsChannel({ ...connections.sms, now: wallNow }));
  }
  return {
    store: parts.store,
    rails,
    channels,
    clock: { now: wallNow },
    entropy: pooledEntropy(),
    timetable: DEFAULT_TIMETABLE,
    railNames: RAIL_NAMES,
    log: parts.log,
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
