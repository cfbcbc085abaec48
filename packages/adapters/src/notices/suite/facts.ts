import { randomBytes } from 'node:crypto';
import {
  type DeliveryReport,
  MESSAGE_TEMPLATES,
  type NoticeChannel,
  type NoticeMessage,
  renderWith,
  type SendOutcome,
} from '@daikou/core';
import type { Listener } from '../../kit/listener.ts';
import type { Sandbox } from '../../kit/sandbox.ts';

/** What a channel's own test file tells the family suite. */
export type ChannelFacts = {
  readonly channelName: string;
  /** The name of the channel's simulator in faults. */
  readonly simulator: string;
  readonly open: (sandbox: Sandbox, change?: ChannelChange) => NoticeChannel;
  /** Addresses that nobody else in the tests uses; a robot's address holds its secret. */
  readonly address: (sandbox: Sandbox, change?: ChannelChange) => string;
  /** How the address stands in the sandbox's list of messages. */
  readonly listedAs: (address: string) => string;
  /** Makes the sandbox fail every delivery, or none; absent where the reply is the proof. */
  readonly failing?: (share: number) => unknown;
  /** Configures where reports go, for a channel that reads them. */
  readonly reports?: (url: string) => unknown;
  /** Makes the provider wait this long with its reports, in milliseconds. */
  readonly reportsAfter?: (milliseconds: number) => unknown;
  /** A code of the provider that refuses for good. Absent where the simulator has no such fault. */
  readonly refusal?: string;
  /** The provider's code for "too fast", and whether the notice goes again or elsewhere. */
  readonly tooFast?: { readonly code: string; readonly outcome: SendOutcome['kind'] };
  /** False where a message cannot be lost after it was taken: the receiver itself answers. */
  readonly canLose: boolean;
};

export type ChannelChange = { readonly origin?: string; readonly wrongSecret?: boolean };

/** What a test of the suite works on. */
export type Bench = { sandbox: Sandbox; inbox: Listener; channel: NoticeChannel };

const VARIABLES = {
  merchantName: '云笔记',
  planName: '专业版',
  amount: '¥29.85',
  collectDate: '2026-12-06',
  railName: '微信支付',
  howToCancel: 'https://pay.example.test/stop',
};

/** A notice of a renewal, with a number of its own; rendered in its language by its purpose. */
export function makeNotice(address: string, change: Partial<NoticeMessage> = {}): NoticeMessage {
  const { locale = 'zh-CN', purpose = 'renewal', variables = VARIABLES } = change;
  const templateKey = purpose === 'retry' ? 'retry' : 'renewal';
  return {
    noticeId: `not_${randomBytes(16).toString('hex')}`,
    address,
    locale,
    purpose,
    templateKey,
    variables,
    ...renderWith(MESSAGE_TEMPLATES[templateKey].texts[locale], variables),
    ...change,
  };
}

/** What every report that came so far says, as the channel reads it. */
export function reportsIn(bench: Bench): readonly DeliveryReport[] {
  return bench.inbox.received.flatMap((raw) => bench.channel.readReport?.(raw) ?? []);
}
