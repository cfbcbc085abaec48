import { randomBytes } from 'node:crypto';
import type { Books } from './books.ts';

/** What the message channels give their customer. */
export interface ChannelCredentials {
  /** A robot's token is this, or this followed by digits: every group has a robot of its own. */
  readonly dingtalk: { readonly accessToken: string; readonly secret: string };
  /** A robot's key is this, or this with a dash and digits. */
  readonly wecom: { readonly key: string };
  readonly officialAccount: {
    readonly originalId: string;
    readonly appId: string;
    readonly appSecret: string;
    readonly token: string;
    readonly encodingAesKey: string;
    readonly templateIds: readonly string[];
  };
  /** Every receiver without secrets of its own verifies with this one. */
  readonly webhookTarget: { readonly secret: string };
}

/** Reads the credentials of this home, or makes them at its first start. */
export function loadChannelCredentials(books: Books): ChannelCredentials {
  const table = books.table<ChannelCredentials>('channel_credentials');
  const known = table.get('channels');
  if (known !== undefined) return known;
  const made = makeCredentials();
  table.put('channels', made);
  return made;
}

function makeCredentials(): ChannelCredentials {
  const hex = (bytes: number) => randomBytes(bytes).toString('hex');
  const uuid = hex(16).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
  return {
    dingtalk: { accessToken: hex(24), secret: `SEC${hex(32)}` },
    wecom: { key: uuid },
    officialAccount: {
      originalId: `gh_${hex(6)}`,
      appId: `wx${hex(8)}`,
      appSecret: hex(16),
      token: hex(10),
      // 43 letters and digits, as base64 of 32 bytes without its last sign may be read.
      encodingAesKey: `${hex(21)}A`,
      templateIds: [1, 2, 3, 4].map((n) => `${hex(20)}-T${n}`),
    },
    webhookTarget: { secret: `whsec_${randomBytes(32).toString('base64')}` },
  };
}
