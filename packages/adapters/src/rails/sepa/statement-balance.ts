import { parseAmount } from '@daikou/core';
import { find, textAt, type XmlNode, XmlUnreadable } from './xml-stream.ts';

/** Opening balances: of the day, or the closing one of the day before. */
const OPENING = ['OPBD', 'PRCD'];
const CLOSING = ['CLBD'];

/**
 * Whether a statement proves itself: its opening balance and all booked entries, ours or not, make
 * its closing balance. An entry that was cut out, doubled or changed on the way does not.
 */
export class StatementBalance {
  #booked = 0n;
  #isWhole = true;

  /** Begins anew: what was seen belonged to a notification, which has no balance. */
  forget(): void {
    this.#booked = 0n;
    this.#isWhole = true;
  }

  /** An entry of the statement that is being read. */
  see(entry: XmlNode): void {
    const state = textAt(entry, 'Sts', 'Cd') ?? textAt(entry, 'Sts');
    if (state !== 'BOOK') return;
    const change = signedMinor(entry);
    if (change === undefined) this.#isWhole = false;
    else this.#booked += change;
  }

  /**
   * The statement has ended. Throws when its figures contradict each other. One page of several and
   * a statement without its opening balance prove nothing either way.
   */
  end(statement: XmlNode): void {
    const [booked, isWhole] = [this.#booked, this.#isWhole];
    this.forget();
    const isOnlyPage =
      (textAt(statement, 'StmtPgntn', 'PgNb') ?? '1') === '1' &&
      textAt(statement, 'StmtPgntn', 'LastPgInd') !== 'false';
    const opening = balanceOf(statement, OPENING);
    const closing = balanceOf(statement, CLOSING);
    if (!isOnlyPage || !isWhole || opening === undefined || closing === undefined) return;
    if (opening + booked === closing) return;
    throw new XmlUnreadable(
      `The entries add up to ${booked}, the balances of the statement to ${closing - opening}.`,
    );
  }
}

function balanceOf(statement: XmlNode, codes: readonly string[]): bigint | undefined {
  const balances = statement.children.filter(({ name }) => name === 'Bal');
  const found = codes.flatMap((code) =>
    balances.filter((one) => textAt(one, 'Tp', 'CdOrPrtry', 'Cd') === code),
  );
  return found[0] === undefined ? undefined : signedMinor(found[0]);
}

/** The amount of an entry or a balance in cents, less than zero for a debit. */
function signedMinor(node: XmlNode): bigint | undefined {
  const amount = find(node, 'Amt');
  const parsed = parseAmount(amount?.text.trim() ?? '', 'EUR');
  const direction = textAt(node, 'CdtDbtInd');
  if (amount?.attributes['Ccy'] !== 'EUR' || !parsed.ok) return undefined;
  if (direction !== 'CRDT' && direction !== 'DBIT') return undefined;
  return direction === 'CRDT' ? parsed.value.minor : -parsed.value.minor;
}
