import { MESSAGE_TEMPLATES } from '@daikou/core';
import type { Connections } from '../compose.ts';
import type { SandboxEndpoints } from './sandbox-process.ts';

type Credentials = {
  readonly wechat: {
    readonly mchid: string;
    readonly appid: string;
    readonly apiV2Key: string;
    readonly apiV3Key: string;
    readonly merchantSerial: string;
    readonly merchantPrivateKey: string;
    readonly platformKeyId: string;
    readonly platformPublicKey: string;
    readonly platformKeys: Readonly<Record<string, string>>;
    readonly secureAuthority: string;
    readonly clientCertificate: { readonly certificate: string; readonly key: string };
    readonly templates: readonly { readonly planId: string | number; readonly mode: string }[];
  };
  readonly alipay: {
    readonly appId: string;
    readonly sellerId: string;
    readonly merchantPrivateKey: string;
    readonly alipayPublicKey: string;
  };
  readonly unionpay: Omit<NonNullable<Connections['unionpay']>, 'gateway' | 'fileGateway'>;
  readonly sms: {
    readonly accessKeyId: string;
    readonly accessKeySecret: string;
    readonly signName: string;
    readonly templateCodes: readonly string[];
  };
  readonly smtp: { readonly user: string; readonly pass: string };
  readonly dingtalk: { readonly accessToken: string; readonly secret: string };
  readonly wecom: { readonly key: string };
  readonly officialAccount: Omit<AccountConnection, 'templates' | 'endpoint'> & {
    readonly templateIds: readonly string[];
  };
};

type AccountConnection = NonNullable<Connections['officialAccount']>;

/** Calls to simulators: over http, to this machine. */
const LOCAL = { allowLoopback: true } as const;

/** One message in the simulators' books. */
export type SandboxMessage = {
  readonly channel: string;
  readonly to: string;
  readonly text: string;
  readonly status: string;
};

/** What the simulators' own books say, for comparing with ours. */
export type BooksSummary = Readonly<
  Record<
    string,
    {
      readonly orders?: number;
      readonly succeeded?: number;
      readonly succeededMinor?: number | string;
      readonly doubleDebits?: readonly unknown[];
    }
  >
>;

/** Milliseconds for one admin call; moving the clock may work off a day of deductions. */
const ADMIN_TIMEOUT_MILLISECONDS = 60_000;

/** The simulators' local admin endpoint: the outside world's clock and temper. */
export class SandboxAdmin {
  readonly #endpoints: SandboxEndpoints;

  constructor(endpoints: SandboxEndpoints) {
    this.#endpoints = endpoints;
  }

  async #call(method: string, path: string, body?: unknown): Promise<unknown> {
    const response = await fetch(`${this.#endpoints.admin}${path}`, {
      method,
      signal: AbortSignal.timeout(ADMIN_TIMEOUT_MILLISECONDS),
      ...(body === undefined
        ? {}
        : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`The sandbox refused ${method} ${path}: ${text}`);
    return text === '' ? undefined : JSON.parse(text);
  }

  async configure(settings: unknown): Promise<void> {
    await this.#call('PUT', '/admin/configure', settings);
  }

  async setOutcomes(outcomes: unknown): Promise<void> {
    await this.#call('PUT', '/admin/outcomes', outcomes);
  }

  /** Times in which rails cannot be reached: a whole new list of `{rail, from, until}`. */
  async setOutages(outages: unknown): Promise<void> {
    await this.#call('PUT', '/admin/outages', { outages });
  }

  async now(): Promise<Temporal.Instant> {
    const answer = (await this.#call('GET', '/admin/clock')) as { readonly now: string };
    return Temporal.Instant.from(answer.now);
  }

  async moveClock(now: Temporal.Instant): Promise<void> {
    await this.#call('PUT', '/admin/clock', { now: now.toString() });
  }

  /** Waits until nothing waits for its first try; returns how many wait to be tried again. */
  async idle(): Promise<{ readonly retrying: number }> {
    return (await this.#call('POST', '/admin/idle')) as { readonly retrying: number };
  }

  async summary(): Promise<BooksSummary> {
    return (await this.#call('GET', '/admin/books/summary')) as BooksSummary;
  }

  /** What arrived by the message channels, or did not, oldest first. */
  async messages(): Promise<readonly SandboxMessage[]> {
    const answer = await this.#call('GET', '/admin/messages');
    return (answer as { readonly messages: readonly SandboxMessage[] }).messages;
  }

  /** The address of the `number`th group robot, as its provider shows it to the group. */
  async robotAddress(channel: 'dingtalk' | 'wecom', number: number): Promise<string> {
    const { dingtalk, wecom } = (await this.#call('GET', '/admin/credentials')) as Credentials;
    return channel === 'wecom'
      ? `https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=${wecom.key}-${number}`
      : `https://oapi.dingtalk.com/robot/send?access_token=${dingtalk.accessToken}${number}` +
          `#${dingtalk.secret}`;
  }

  /** How a merchant is connected to these simulators. `reportToken` guards delivery reports. */
  async connections(reportToken: string): Promise<Connections> {
    const keys = (await this.#call('GET', '/admin/credentials')) as Credentials;
    const { wechat, alipay, unionpay, sms, smtp } = keys;
    const template = wechat.templates.find((one) => one.mode === 'pre_notice');
    const smsTemplates = smsTemplatesOf(sms.templateCodes);
    return {
      wechat: {
        baseUrl: this.#endpoints.wechat,
        mchid: wechat.mchid,
        appid: wechat.appid,
        apiV2Key: wechat.apiV2Key,
        apiV3Key: wechat.apiV3Key,
        merchantSerial: wechat.merchantSerial,
        merchantPrivateKey: wechat.merchantPrivateKey,
        platformKeys: wechat.platformKeys,
        clientCertificate: wechat.clientCertificate,
        secureBaseUrl: this.#endpoints.wechatSecure,
        secureAuthority: wechat.secureAuthority,
        planId: String(template?.planId ?? ''),
        serverIp: '127.0.0.1',
      },
      alipay: {
        gateway: this.#endpoints.alipay,
        appId: alipay.appId,
        sellerId: alipay.sellerId,
        merchantPrivateKey: alipay.merchantPrivateKey,
        alipayPublicKey: alipay.alipayPublicKey,
        billOrigin: new URL(this.#endpoints.alipay).origin,
      },
      unionpay: {
        ...unionpay,
        gateway: this.#endpoints.unionpay,
        fileGateway: this.#endpoints.unionpay,
      },
      mail: {
        host: this.#endpoints.smtp.host,
        port: this.#endpoints.smtp.port,
        secure: false,
        user: smtp.user,
        pass: smtp.pass,
        from: 'Daikou Demo <billing@merchant.example.test>',
        reportToken,
      },
      sms: {
        endpoint: this.#endpoints.sms,
        accessKeyId: sms.accessKeyId,
        accessKeySecret: sms.accessKeySecret,
        signName: sms.signName,
        templateCodes: { 'zh-CN': smsTemplates, en: smsTemplates },
      },
      dingtalk: { endpoint: this.#endpoints.dingtalk, http: LOCAL },
      wecom: { endpoint: this.#endpoints.wecom, http: LOCAL },
      officialAccount: this.#account(keys.officialAccount),
    };
  }

  #account({ templateIds, ...account }: Credentials['officialAccount']): AccountConnection {
    const templates = templatesOf(templateIds[0] ?? '');
    return {
      appId: account.appId,
      appSecret: account.appSecret,
      token: account.token,
      encodingAesKey: account.encodingAesKey,
      endpoint: this.#endpoints.officialAccount,
      templates: { 'zh-CN': templates, en: templates },
      http: LOCAL,
    };
  }
}

/** A registered code for every message: the first two gate debits, the third is for the rest. */
function smsTemplatesOf([renewal = '', retry = renewal, other = renewal]: readonly string[]) {
  const others = Object.keys(MESSAGE_TEMPLATES).map((key) => [key, other] as const);
  return { ...Object.fromEntries(others), renewal, retry };
}

/** Every message of ours in a template that has a field for each of its variables. */
function templatesOf(templateId: string) {
  const fieldsOf = (variables: Readonly<Record<string, string>>) =>
    Object.fromEntries(Object.keys(variables).map((name, at) => [name, `keyword${at + 1}`]));
  return Object.fromEntries(
    Object.entries(MESSAGE_TEMPLATES).map(([key, { samples }]) => [
      key,
      { templateId, fields: fieldsOf(samples['zh-CN']) },
    ]),
  );
}
