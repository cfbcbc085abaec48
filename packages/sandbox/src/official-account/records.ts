import type { Table } from '../books.ts';
import type { World } from '../world.ts';

/** One template message. `sentAt` is business time, `eventAtMs` wall-clock time. */
export interface TemplateMessage {
  readonly id: string;
  /** 19 digits, as WeChat's are: more than a number of JavaScript holds. */
  readonly msgId: string;
  readonly openId: string;
  readonly templateId: string;
  readonly clientMsgId: string;
  readonly link: string;
  /** The fields, joined. */
  readonly text: string;
  readonly sentAt: number;
  readonly acceptedAtMs: number;
  readonly eventAtMs: number;
  readonly fails: boolean;
  readonly status: 'waiting' | 'delivered' | 'failed' | 'lost';
}

/** A user of whom something is special: everybody else follows the account. */
export interface Follower {
  readonly openId: string;
  readonly follows: boolean;
  /** Refuses the account's messages: taken, then reported as blocked. */
  readonly blocks: boolean;
}

/** The access token in force. */
export interface AccountToken {
  readonly text: string;
  readonly endsAtMs: number;
}

export interface OfficialAccountBooks {
  readonly messages: Table<TemplateMessage>;
  readonly followers: Table<Follower>;
  readonly tokens: Table<AccountToken>;
}

export function openOfficialAccountBooks(world: World): OfficialAccountBooks {
  return {
    messages: world.books.table('official_account_messages'),
    followers: world.books.table('official_account_followers'),
    tokens: world.books.table('official_account_tokens'),
  };
}
