import {
  type BankStatement,
  type Currency,
  type Money,
  negate,
  type StatementFile,
  type StatementReader,
  type StatementReading,
} from '@daikou/core';
import {
  amountOf,
  currencyOf,
  numberLines,
  type RawLine,
  reading,
  StatementDamaged,
  sha256,
  textOf,
  wordsOf,
} from './reading.ts';

/** One field of a message: `:61:…` with the lines that belong to it. */
type Field = { readonly tag: string; readonly text: string };

/**
 * SWIFT MT940 (Customer Statement Message), as banks hand it out in files: one or more messages,
 * with or without their `{4:` envelope. `:86:` is free text or `?nn` sub-fields; its form differs
 * from bank to bank, so only words for people are taken from it.
 */
export const mt940Reader: StatementReader = {
  id: 'mt940',
  format: 'mt940',
  read: (file) => reading(() => readMessages(file)),
};

function readMessages(file: StatementFile): StatementReading {
  const text = textOf(file.bytes);
  if (text === undefined || !/^:20:/m.test(text) || !/^:60[FM]:/m.test(text)) {
    return { kind: 'other_format' };
  }
  const fields = fieldsOf(text);
  const starts = fields.flatMap(({ tag }, index) => (tag === '20' ? [index] : []));
  const statements = starts.map((start, index) =>
    toStatement(file, fields.slice(start, starts[index + 1])),
  );
  return { kind: 'ready', statements };
}

function fieldsOf(text: string): readonly Field[] {
  const fields: { tag: string; text: string }[] = [];
  for (const line of text.split(/\r\n|\n|\r/)) {
    const match = /^(?:\{[^}]*\})*(?:\{4:)?:(\d{2}[A-Z]?):(.*)$/.exec(line);
    const last = fields.at(-1);
    if (match !== null) fields.push({ tag: match[1] ?? '', text: match[2] ?? '' });
    else if (last !== undefined && line !== '' && !/^[-{]/.test(line)) last.text += `\n${line}`;
  }
  return fields;
}

type Balance = { readonly money: Money; readonly on: Temporal.PlainDate };

function toStatement(file: StatementFile, fields: readonly Field[]): BankStatement {
  const find = (tags: readonly string[]) => fields.find(({ tag }) => tags.includes(tag))?.text;
  const opening = balanceOf(find(['60F', '60M']), ':60:');
  const closing = balanceOf(find(['62F', '62M']), ':62:');
  const lines = linesOf(fields, opening.money.currency, closing.on);
  const dates = [closing.on, ...lines.map(({ bookedOn }) => bookedOn)].sort(
    Temporal.PlainDate.compare,
  );
  return {
    account: file.account,
    format: 'mt940',
    currency: opening.money.currency,
    from: dates.at(0) ?? closing.on,
    until: dates.at(-1) ?? closing.on,
    opening: opening.money,
    closing: closing.money,
    contentHash: file.contentHash,
    lines: numberLines(lines),
  };
}

/** `C260301CNY1234,56`: side, date, currency, amount. */
function balanceOf(text: string | undefined, place: string): Balance {
  const match = /^([CD])(\d{6})([A-Z]{3})(\d+,\d*)$/.exec(text?.trim() ?? '');
  if (match === null) throw new StatementDamaged(`${place} is not a balance.`);
  const [, side = '', date = '', currency = '', amount = ''] = match;
  return {
    money: signed(amount, currencyOf(currency, place), { isCredit: side === 'C', place }),
    on: shortDate(date, place),
  };
}

function signed(
  text: string,
  currency: Currency,
  about: { readonly isCredit: boolean; readonly place: string },
): Money {
  const decimal = text.replace(',', '.').replace(/\.$/, '');
  const amount = amountOf(decimal, currency, about.place);
  return about.isCredit ? amount : negate(amount);
}

function shortDate(text: string, place: string): Temporal.PlainDate {
  try {
    const [year, month, day] = [text.slice(0, 2), text.slice(2, 4), text.slice(4, 6)];
    return Temporal.PlainDate.from(`20${year}-${month}-${day}`);
  } catch {
    throw new StatementDamaged(`${place}: “${text}” is not a date.`);
  }
}

/** Value date, entry date, side, funds code, amount, kind, our reference, the bank's reference. */
const LINE =
  /^(\d{6})(\d{4})?(R?[CD])([A-Z])?(\d+,\d*)([A-Z]\w{3})([^/\n]*)(?:\/\/([^\n]*))?(?:\n.*)?$/s;

function linesOf(
  fields: readonly Field[],
  currency: Currency,
  closes: Temporal.PlainDate,
): readonly RawLine[] {
  return fields.flatMap(({ tag, text }, index) => {
    if (tag !== '61') return [];
    const place = `:61: number ${index}`;
    const match = LINE.exec(text);
    if (match === null) throw new StatementDamaged(`${place} is not a line of a statement.`);
    const [, value = '', entry, side = '', , amount = '', , reference = '', bank = ''] = match;
    const valueOn = shortDate(value, place);
    const next = fields[index + 1];
    const words = next?.tag === '86' ? next.text : undefined;
    const remittance = wordsOf(reference.trim(), wordsIn(words));
    const change = signed(amount, currency, {
      // RC takes a credit back, so money goes out; RD the other way round.
      isCredit: side === 'C' || side === 'RD',
      place,
    });
    if (change.minor === 0n) return [];
    return [
      {
        bookedOn: entry === undefined ? valueOn : entryDate(entry, closes, place),
        valueOn,
        amount: change,
        ...(remittance === undefined ? {} : { remittance }),
        ...(bank.trim() === '' ? {} : { bankReference: bank.trim() }),
        rawHash: sha256(`${text}\n${words ?? ''}`),
      },
    ];
  });
}

/** The month and day of the booking; its year is the one nearest to the closing balance. */
function entryDate(text: string, closes: Temporal.PlainDate, place: string): Temporal.PlainDate {
  const year = String(closes.year).slice(2);
  const date = shortDate(`${year}${text}`, place);
  const days = closes.until(date).days;
  if (days > 183) return date.subtract({ years: 1 });
  return days < -183 ? date.add({ years: 1 }) : date;
}

/** Free text, or the words of `?20`–`?29` and `?60`–`?63` and the name in `?32`–`?33`. */
function wordsIn(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const joined = text.replaceAll('\n', '');
  if (!/\?\d{2}/.test(joined)) return joined.trim();
  const parts = joined.split('?').slice(1);
  const words = parts.flatMap((part) =>
    /^(2\d|6[0-3]|3[23])/.test(part) ? [part.slice(2).trim()] : [],
  );
  return words.join(' ');
}
