import type { RefundOutcome, RefundRefusalClass, RefundRequest } from '@daikou/core';
import type { Archive } from './archive.ts';
import type { SepaSettings } from './config.ts';
import { REFUND_FILE } from './events.ts';
import { toPain001 } from './pain001.ts';
import { messageIdOf } from './submit.ts';
import { targetDayFrom } from './target-days.ts';
import { openAccount } from './vault.ts';

const NUMBER = /^[A-Za-z0-9]{1,35}$/;

/** Where a refund goes. */
export type Refunding = {
  readonly settings: SepaSettings;
  readonly archive: Archive;
  readonly ask: (refundNumber: string) => Promise<RefundOutcome>;
};

/**
 * Pays a refund by credit transfer (pain.001) to the account of the mandate. A reversal (pain.007)
 * is for collections that should not have been made and only within two days of settlement; a
 * transfer can return a part, and later. One number is one file for ever.
 */
export async function refundByTransfer(
  parts: Refunding,
  request: RefundRequest,
): Promise<RefundOutcome> {
  const { settings, archive } = parts;
  const { refundNumber, amount, paid } = request;
  await archive.repair();
  await archive.refresh();
  if (!NUMBER.test(refundNumber) || amount.currency !== 'EUR' || amount.minor <= 0n) {
    return refuse('merchant_fault', 'request_invalid', 'The number or the amount is not for SEPA.');
  }
  const before = await archive.orderOf(refundNumber);
  if (before !== undefined) {
    if (before.minor === amount.minor) return parts.ask(refundNumber);
    return { kind: 'unknown', detail: 'the number was sent before with another amount' };
  }
  if (amount.minor > paid.minor) {
    return refuse('amount', 'amount_above_payment', 'A refund is at most what was paid.');
  }
  const railReference =
    request.railReference ?? (await archive.orderOf(request.orderNumber))?.railReference;
  const receiver = openAccount(settings.vault, railReference ?? '');
  if (railReference === undefined || receiver === undefined) {
    return refuse('payer_account', 'account_sealed', 'The account of the payer cannot be opened.');
  }
  const id = messageIdOf(REFUND_FILE, [refundNumber]);
  const at = settings.now();
  const executeOn = targetDayFrom(at.toZonedDateTimeISO(settings.zone).toPlainDate());
  const transfer = { refundNumber, amount, reason: request.reason, executeOn, receiver };
  const sent = await archive.send({
    id,
    xml: toPain001(settings, { id, at, transfer }),
    orders: [
      {
        number: refundNumber,
        minor: amount.minor,
        groupId: `${id}-1`,
        railReference,
        refundOf: request.orderNumber,
      },
    ],
  });
  if (sent === 'sent') return { kind: 'accepted' };
  if (sent === 'not_sent') return { kind: 'never_sent', detail: 'the outbox cannot be written' };
  return { kind: 'unknown', detail: 'the file may be in the outbox' };
}

function refuse(refusalClass: RefundRefusalClass, code: string, message: string): RefundOutcome {
  return { kind: 'refused', refusal: { class: refusalClass, code, message } };
}
