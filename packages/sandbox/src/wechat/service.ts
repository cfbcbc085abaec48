import type { World } from '../world.ts';
import type { WechatBooks } from './records.ts';

/** What the request handlers of this rail need. `baseUrl` is where the wallet pages are served. */
export interface WechatService {
  readonly world: World;
  readonly books: WechatBooks;
  readonly baseUrl: () => string;
  /** The request came over TLS with the merchant's certificate. */
  readonly secure?: boolean;
}
