/** Addresses in a text: they stay usable, and nothing else in the text becomes one. */
const URL_IN_TEXT = /https?:\/\/[A-Za-z0-9._~:/?#@!$&'()*+,;=%-]+/g;

/**
 * Characters that make structure in the markdown of DingTalk and WeCom, and the wide forms that
 * look alike and make none. Neither robot documents an escape, so a backslash may be shown; a wide
 * form is inert wherever it is read.
 */
const WIDE: Readonly<Record<string, string>> = {
  '\\': '＼',
  '`': '｀',
  '*': '＊',
  _: '＿',
  '[': '［',
  ']': '］',
  '<': '＜',
  '>': '＞',
  '#': '＃',
  '~': '～',
  '|': '｜',
  // An @ would call a member of the group, or everybody.
  '@': '＠',
};

/** What would make structure inside an address, percent-encoded: the same address (RFC 3986). */
const ENCODED: Readonly<Record<string, string>> = {
  _: '%5F',
  '*': '%2A',
  '~': '%7E',
  '(': '%28',
  ')': '%29',
};

/** Chinese mobile numbers, numbers with a plus sign, and anything of 15 to 19 digits in a row. */
const PERSONAL_NUMBER = /\+\d{8,15}(?!\d)|(?<!\d)1[3-9]\d{9}(?!\d)|(?<!\d)\d{15,19}[Xx]?(?!\d)/g;

/** Identifiers of ours, such as `cus_…`: they mean nothing to a group. */
const OWN_ID = /\b[a-z]{3}_[0-9a-zA-Z-]{16,}\b/g;

const MAIL_ADDRESS = /[\p{L}\p{N}._%+-]+@[\p{L}\p{N}-]+(?:\.[\p{L}\p{N}-]+)+/gu;

/**
 * Plain text as markdown that shows exactly that text: no heading, link, picture, colour or mention
 * can come out of a name. Phone, card and identity numbers, mail addresses and our identifiers are
 * masked, because everybody in the group reads it (rails.md §5.6). Addresses stay.
 */
export function toGroupMarkdown(text: string): string {
  let shown = '';
  let end = 0;
  for (const match of text.matchAll(URL_IN_TEXT)) {
    shown += inert(text.slice(end, match.index)) + encoded(match[0]);
    end = match.index + match[0].length;
  }
  return shown + inert(text.slice(end));
}

function inert(text: string): string {
  return text
    .replace(MAIL_ADDRESS, '***')
    .replace(PERSONAL_NUMBER, (number) => `***${number.slice(-4)}`)
    .replace(OWN_ID, '***')
    .replace(/[\\`*_[\]<>#~|@]/g, (character) => WIDE[character] ?? character);
}

function encoded(address: string): string {
  return address.replace(/[_*~()]/g, (character) => ENCODED[character] ?? character);
}

/**
 * The text, cut so that it takes at most `limit` bytes of UTF-8, never inside a character; a cut
 * text ends with an ellipsis.
 */
export function cutToBytes(text: string, limit: number): string {
  if (Buffer.byteLength(text) <= limit) return text;
  const room = limit - Buffer.byteLength('…');
  let length = 0;
  let bytes = 0;
  for (const character of text) {
    bytes += Buffer.byteLength(character);
    if (bytes > room) break;
    length += character.length;
  }
  return `${text.slice(0, length)}…`;
}
