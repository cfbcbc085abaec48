import { randomInt } from 'node:crypto';
import { isCardNumber } from '../../cards/directory.ts';
import type { Card } from './card-data.ts';

/**
 * Test fixture: a card that nobody has, with a known prefix and a right check digit, a holder whose
 * ID number has a region that does not exist, and a phone of the range kept for stories.
 */
export function madeUpCard(): Card {
  const body = `621626${String(randomInt(10 ** 12)).padStart(12, '0')}`;
  const check = '0123456789'.split('').find((digit) => isCardNumber(`${body}${digit}`));
  return {
    kind: 'card',
    number: `${body}${check}`,
    holderName: '测试持卡人',
    identityNumber: `0000000000${String(randomInt(10 ** 7)).padStart(7, '0')}X`,
    phone: `+1 907 555 01${String(randomInt(100)).padStart(2, '0')}`,
  };
}
