import type { Moves } from '../result/moves.ts';
import type { ExceptionState } from './money-exception.ts';
import type { RefundState } from './refund.ts';

export const REFUND_MOVES: Moves<RefundState> = {
  awaiting_approval: ['approved', 'manual_review', 'withdrawn'],
  approved: ['submitting', 'manual_review', 'withdrawn', 'succeeded'],
  // Approved again: the same number goes out later.
  submitting: ['accepted', 'unknown', 'approved', 'manual_review', 'succeeded'],
  accepted: ['approved', 'manual_review', 'succeeded'],
  unknown: ['accepted', 'approved', 'manual_review', 'succeeded'],
  // Unknown again: a person had the rail asked once more. Succeeded also by bank transfer.
  manual_review: ['approved', 'unknown', 'succeeded', 'withdrawn'],
  succeeded: [],
  withdrawn: [],
};

export const EXCEPTION_MOVES: Moves<ExceptionState> = {
  open: ['refunding', 'credited', 'booked'],
  refunding: ['refunded', 'credited'],
  refunded: [],
  credited: [],
  booked: [],
};

/** A refund that may move money at this moment: no other of its order is sent. */
export function isRefundOpen(state: RefundState): boolean {
  return state === 'submitting' || state === 'accepted' || state === 'unknown';
}

/** A refund that counts against what its order paid (I6): all but those withdrawn. */
export function isRefundLive(state: RefundState): boolean {
  return state !== 'withdrawn';
}
