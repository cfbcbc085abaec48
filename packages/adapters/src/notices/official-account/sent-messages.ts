import type { DeliveryReport } from '@daikou/core';

/** Messages that are remembered at most; an event comes within seconds of its message. */
const MESSAGES = 50_000;

/**
 * Which notice a message number of the provider stands for, for the messages that this process
 * sent: the event can overtake the saving of the number. Older ones are found in the store.
 */
export class SentMessages {
  readonly #notices = new Map<string, string>();

  add(reference: string, noticeId: string): void {
    this.#notices.set(reference, noticeId);
    if (this.#notices.size <= MESSAGES) return;
    const oldest = this.#notices.keys().next();
    if (oldest.done !== true) this.#notices.delete(oldest.value);
  }

  /** The report with our number of the notice where it is known. */
  named(report: DeliveryReport): DeliveryReport {
    const noticeId = this.#notices.get(report.providerReference);
    return noticeId === undefined ? report : { ...report, noticeId };
  }
}
