import type { Books, Table } from './books.ts';

/**
 * Everything that `PUT /admin/configure` can change, with the value in force. Durations in
 * milliseconds.
 */
export interface Configuration {
  readonly seed: string;
  readonly wechat: {
    readonly terminationUrl: string;
    readonly callbackTimeScale: number;
    readonly layout: 'current' | 'classic';
    readonly billBom: boolean;
    readonly successesPerCycle: number;
    readonly processingMs: number;
    /** How long a request takes whose outcome is ARRIVES_LATE. */
    readonly lateMs: number;
    /** Calls of one operation a second before FREQUENCY_LIMITED; 0 for no limit. */
    readonly callsPerSecond: number;
    /** What one user may be charged on one day, in 分; 0 for no limit. */
    readonly dailyCapMinor: number;
    /** Which generation tells the merchant of signed and ended contracts. */
    readonly contractCallbacks: 'v2' | 'v3';
    /** The key that signs V3; empty for the newest. */
    readonly signingKeyId: string;
  };
  readonly alipay: {
    readonly appGatewayUrl: string;
    readonly callbackTimeScale: number;
    readonly earlyWindowDays: number;
    readonly billDownloadSeconds: number;
    readonly processingMs: number;
    /** The columns of 账务明细: of today, or of 2012. */
    readonly layout: 'current' | 'classic';
    /** Whether `agreement.query` still shows an ended agreement (as STOP) or no longer knows it. */
    readonly showsEnded: boolean;
    /** Calls a second before the gateway answers 40005; 0 for no limit. */
    readonly callsPerSecond: number;
  };
  readonly unionpay: {
    readonly callbackTimeScale: number;
    readonly processingMs: number;
  };
  /** Version of the bank's camt files: `08` or `02`. */
  readonly sepa: { readonly camtVersion: string };
  readonly callbacks: {
    readonly duplicateBp: number;
    readonly delayMs: readonly [number, number];
  };
  readonly sms: {
    readonly failBp: number;
    readonly reportDelayMs: number;
    readonly reportUrl: string;
  };
  readonly smtp: {
    readonly failBp: number;
    readonly reportUrl: string;
    readonly reportToken: string;
    readonly reportDelayMs: number;
  };
  /** Messages of one robot a minute; 0 for no limit. */
  readonly dingtalk: { readonly messagesPerMinute: number };
  readonly wecom: { readonly messagesPerMinute: number };
  readonly officialAccount: {
    readonly failBp: number;
    readonly reportDelayMs: number;
    /** Where events are pushed to. */
    readonly eventUrl: string;
  };
  /** What a webhook that is signed rightly is answered. */
  readonly webhookTarget: { readonly status: number };
}

/** A rail's rules before anybody configures them; an empty URL means "nowhere". */
export const DEFAULTS: Configuration = {
  seed: 'daikou',
  wechat: {
    terminationUrl: '',
    callbackTimeScale: 1,
    layout: 'current',
    billBom: false,
    successesPerCycle: 2,
    processingMs: 20,
    lateMs: 300,
    callsPerSecond: 0,
    dailyCapMinor: 250_000,
    contractCallbacks: 'v2',
    signingKeyId: '',
  },
  alipay: {
    appGatewayUrl: '',
    callbackTimeScale: 1,
    earlyWindowDays: 5,
    billDownloadSeconds: 30,
    processingMs: 200,
    layout: 'current',
    showsEnded: false,
    callsPerSecond: 0,
  },
  unionpay: { callbackTimeScale: 1, processingMs: 20 },
  sepa: { camtVersion: '08' },
  callbacks: { duplicateBp: 0, delayMs: [0, 0] },
  sms: { failBp: 0, reportDelayMs: 50, reportUrl: '' },
  smtp: { failBp: 0, reportUrl: '', reportToken: '', reportDelayMs: 50 },
  dingtalk: { messagesPerMinute: 20 },
  wecom: { messagesPerMinute: 20 },
  officialAccount: { failBp: 0, reportDelayMs: 50, eventUrl: '' },
  webhookTarget: { status: 204 },
};

type Section = Readonly<Record<string, unknown>>;

/** Keeps the configuration in the books and refuses what it does not know. */
export class Settings {
  readonly #table: Table<Configuration>;

  constructor(books: Books) {
    this.#table = books.table('configuration');
    // Books of an older sandbox lack the settings that came later.
    const kept = this.#table.get('configuration');
    if (kept !== undefined) this.#table.put('configuration', withDefaults(kept));
  }

  get current(): Configuration {
    return this.#table.get('configuration') ?? DEFAULTS;
  }

  /**
   * Merges `changes` section by section; returns a sentence instead when something in them is
   * wrong.
   */
  change(changes: unknown): string | undefined {
    if (!isSection(changes)) return 'The configuration must be a JSON object.';
    const merged: Record<string, unknown> = { ...this.current };
    for (const [name, value] of Object.entries(changes)) {
      const before = merged[name];
      if (name === 'seed') {
        if (typeof value !== 'string' || value === '') return 'seed must be a text.';
        merged[name] = value;
      } else if (isSection(before) && isSection(value)) {
        const problem = findProblem(name, value);
        if (problem !== undefined) return problem;
        merged[name] = { ...before, ...value };
      } else {
        return `${name} is not a section of the configuration.`;
      }
    }
    this.#table.put('configuration', merged as unknown as Configuration);
    return undefined;
  }
}

function withDefaults(kept: Configuration): Configuration {
  const sections = Object.entries(DEFAULTS).map(([name, model]) => {
    const value: unknown = (kept as unknown as Section)[name];
    return [name, isSection(model) && isSection(value) ? { ...model, ...value } : (value ?? model)];
  });
  return Object.fromEntries(sections) as Configuration;
}

function isSection(value: unknown): value is Section {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function findProblem(section: string, values: Section): string | undefined {
  const model = DEFAULTS[section as keyof Configuration] as unknown as Section;
  for (const [key, value] of Object.entries(values)) {
    const problem = judge(key, value, model[key]);
    if (problem !== undefined) return `${section}.${key} ${problem}`;
  }
  return undefined;
}

function judge(key: string, value: unknown, model: unknown): string | undefined {
  if (model === undefined) return 'is not a setting of the sandbox.';
  if (Array.isArray(model)) {
    const range = Array.isArray(value) && value.length === 2 ? (value as unknown[]) : undefined;
    if (range?.every(isAmount) !== true) return 'must be [min, max] in milliseconds.';
    return Number(range[0]) <= Number(range[1]) ? undefined : 'must begin with the smaller number.';
  }
  if (typeof value !== typeof model) return `must be a ${typeof model}.`;
  if (typeof value === 'number' && !isAmount(value)) return 'must be zero or more.';
  if (key.endsWith('Bp') && Number(value) > 10_000) return 'must be at most 10000 basis points.';
  if (key.endsWith('Url') && value !== '' && !URL.canParse(String(value))) return 'must be a URL.';
  if (key === 'contractCallbacks' && value !== 'v2' && value !== 'v3') return 'must be v2 or v3.';
  if (key === 'layout' && value !== 'current' && value !== 'classic') {
    return 'must be current or classic.';
  }
  return undefined;
}

function isAmount(value: unknown): boolean {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0;
}
