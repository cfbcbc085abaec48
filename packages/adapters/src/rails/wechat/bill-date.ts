import { BEIJING } from '../beijing.ts';
import { BillUnreadable } from '../bill-errors.ts';

/**
 * Whether a bill is of its date. One row on it is enough: WeChat does not say how it files what
 * happens at midnight, and a file that was mixed up has no row of the day that was asked for.
 */
export class DateCheck {
  readonly #wanted: Temporal.PlainDate;
  #other: Temporal.PlainDate | undefined;
  #isFound = false;

  constructor(wanted: Temporal.PlainDate) {
    this.#wanted = wanted;
  }

  see(at: Temporal.Instant): void {
    if (this.#isFound) return;
    const date = at.toZonedDateTimeISO(BEIJING).toPlainDate();
    if (date.equals(this.#wanted)) this.#isFound = true;
    else this.#other ??= date;
  }

  /** Throws `other_bill` when rows were seen and none of them is of the date. */
  require(): void {
    if (this.#isFound || this.#other === undefined) return;
    throw new BillUnreadable('other_bill', `the bill is of ${this.#other}`);
  }
}
