import type { SendOutcome } from '@daikou/core';
import type { SafeFetch } from '../../http/safe-fetch.ts';
import { listed } from '../../rails/tables.ts';
import { postJson } from '../robots/post-json.ts';
import { CODES } from './codes.ts';
import { OFFICIAL_ACCOUNT_ENDPOINT, type OfficialAccountConfig } from './config.ts';

type Unsent = Exclude<SendOutcome, { kind: 'sent' }>;
type Token = { readonly text: string; readonly goodUntil: Temporal.Instant };

/** A token is replaced this long before it ends: WeChat itself makes the next one then. */
const MARGIN_SECONDS = 300;

/** The longest validity that is believed, in seconds. */
const VALID_SECONDS = 7_200;

/**
 * The account's access token, by `/cgi-bin/stable_token`: asking again gives the same one, so that
 * several processes, and other programs of the account, do not end each other's.
 */
export class AccessToken {
  readonly #config: OfficialAccountConfig;
  readonly #fetch: SafeFetch;
  #token: Token | undefined;
  #asking: Promise<Token | Unsent> | undefined;

  constructor(config: OfficialAccountConfig, fetch: SafeFetch) {
    this.#config = config;
    this.#fetch = fetch;
  }

  /** The token; what the provider said where it gave none. One request at a time. */
  async get(): Promise<Token | Unsent> {
    const known = this.#token;
    if (known !== undefined && Temporal.Instant.compare(this.#config.now(), known.goodUntil) < 0) {
      return known;
    }
    this.#asking ??= this.#ask().finally(() => {
      this.#asking = undefined;
    });
    return this.#asking;
  }

  /** The provider did not take this token; the next `get` asks for another. */
  drop(text: string): void {
    if (this.#token?.text === text) this.#token = undefined;
  }

  async #ask(): Promise<Token | Unsent> {
    const { appId, appSecret, now } = this.#config;
    const url = new URL(
      '/cgi-bin/stable_token',
      this.#config.endpoint ?? OFFICIAL_ACCOUNT_ENDPOINT,
    );
    const answer = await postJson(this.#fetch, {
      url: url.href,
      body: { grant_type: 'client_credential', appid: appId, secret: appSecret },
    });
    if (answer.kind !== 'answer') return answer;
    const { access_token: text, expires_in: seconds } = answer.fields;
    if (typeof text === 'string' && text !== '' && typeof seconds === 'number') {
      const lasting = Math.min(VALID_SECONDS, Math.max(0, Math.floor(seconds) - MARGIN_SECONDS));
      this.#token = { text, goodUntil: now().add({ seconds: lasting }) };
      return this.#token;
    }
    return listed(CODES, answer.code) === 'later' || answer.code === ''
      ? { kind: 'unknown', detail: `token: errcode ${answer.code}` }
      : { kind: 'refused', code: answer.code, message: answer.words };
  }
}
