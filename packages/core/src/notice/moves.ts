import type { Moves } from '../result/moves.ts';
import type { NoticeState } from './notice.ts';

/**
 * `sending` → `sending` is a sender that died: its lease ran out and another took the notice.
 * `sending` → `planned` is a notice whose hour is a quiet one of the customer's.
 */
export const NOTICE_MOVES: Moves<NoticeState> = {
  planned: ['sending', 'failed'],
  sending: ['planned', 'sending', 'sent', 'delivered', 'failed'],
  sent: ['delivered', 'failed'],
  delivered: [],
  failed: [],
};
