import type { ContactChannel, NoticeChannel, NoticeMessage, SendOutcome } from '@daikou/core';
import { makeSafeFetch, type SafeFetch, type SafeFetchOptions } from '../../http/safe-fetch.ts';
import { listed } from '../../rails/tables.ts';
import { RobotBudget } from './budget.ts';
import { postJson } from './post-json.ts';

/** What an `errcode` means for the notice: it was not taken, the robot is too fast, or later. */
export type RobotCode = 'refused' | 'too_fast' | 'later';

/** One message for one robot. */
export type RobotCall = {
  /** Which robot it is, for its budget. */
  readonly robot: string;
  readonly url: string;
  readonly body: unknown;
};

export type RobotKind = {
  readonly id: ContactChannel;
  /** `errcode` other than 0; one that is not listed says nothing. */
  readonly codes: Readonly<Record<string, RobotCode>>;
  /** Undefined when the message's address is not that of a robot. */
  readonly toCall: (message: NoticeMessage) => RobotCall | undefined;
  readonly now: () => Temporal.Instant;
  readonly http?: SafeFetchOptions;
};

/**
 * Notices by group robots. The reply proves the delivery: errcode 0 means that the message stands
 * in the group. Robots do not recognise repeats; a notice is sent once by its caller. A robot that
 * may not send now leaves the outcome unknown, so that the notice goes again.
 */
export function makeRobotChannel(kind: RobotKind): NoticeChannel {
  const fetch = makeSafeFetch(kind.http);
  const budget = new RobotBudget(kind.now);
  return {
    id: kind.id,
    proof: 'reply',
    send: (message) => send(message, { kind, fetch, budget }),
    // Each call has a connection of its own; there is nothing to give back.
    close: async () => {},
  };
}

async function send(
  message: NoticeMessage,
  parts: { readonly kind: RobotKind; readonly fetch: SafeFetch; readonly budget: RobotBudget },
): Promise<SendOutcome> {
  const { kind, fetch, budget } = parts;
  const call = kind.toCall(message);
  if (call === undefined) {
    return { kind: 'refused', code: 'address_not_valid', message: 'not the address of a robot' };
  }
  if (!budget.take(call.robot)) return { kind: 'unknown', detail: 'rate_limited' };
  const answer = await postJson(fetch, call);
  if (answer.kind !== 'answer') return answer;
  if (answer.code === '0') return { kind: 'sent', providerReference: message.noticeId };
  switch (listed(kind.codes, answer.code)) {
    case 'refused':
      return { kind: 'refused', code: answer.code, message: answer.words };
    case 'too_fast':
      budget.silence(call.robot);
      return { kind: 'unknown', detail: 'rate_limited' };
    case 'later':
    case undefined:
      return { kind: 'unknown', detail: `errcode ${answer.code}` };
  }
}
