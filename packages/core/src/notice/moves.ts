import type { Moves } from '../result/moves.ts';
import type { NoticeState } from './notice.ts';

/** `sending` → `sending` is a sender that died: its lease ran out and another took the notice. */
export const NOTICE_MOVES: Moves<NoticeState> = {
  planned: ['sending', 'failed'],
  sending: ['sending', 'sent', 'delivered', 'failed'],
  sent: ['delivered', 'failed'],
  delivered: [],
  failed: [],
};
