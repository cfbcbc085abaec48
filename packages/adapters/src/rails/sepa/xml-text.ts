/** Letters that no decomposition turns into Latin ones (EPC217-08, best-practice conversion). */
const SPELLED: Readonly<Record<string, string>> = {
  ß: 'ss',
  ẞ: 'SS',
  æ: 'ae',
  Æ: 'AE',
  ø: 'o',
  Ø: 'O',
  œ: 'oe',
  Œ: 'OE',
  đ: 'd',
  Đ: 'D',
  ð: 'd',
  Ð: 'D',
  þ: 'th',
  Þ: 'TH',
  ł: 'l',
  Ł: 'L',
  ı: 'i',
  '&': '+',
};

/**
 * Text as every SEPA bank takes it: the Latin letters, digits and `/ - ? : ( ) . , ' +` and space
 * of the implementation guidelines (EPC217-08), cut to `maxLength`; `fallback` when nothing is left
 * (a name in Chinese has no such spelling).
 */
export function toSepaText(text: string, maxLength: number, fallback: string): string {
  const plain = [...text]
    .map((letter) => SPELLED[letter] ?? letter)
    .join('')
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .replace(/[^A-Za-z0-9/?:().,'+ -]/g, ' ')
    .replace(/ +/g, ' ')
    .trim()
    // The guidelines allow no slash at either end and no two in a row.
    .replace(/\/{2,}/g, '/')
    .replace(/^\/+|\/+$/g, '')
    .slice(0, maxLength)
    .trim();
  return /[A-Za-z0-9]/.test(plain) ? plain : fallback;
}

/** One element with its text or its children, which are written already. */
export function element(name: string, ...content: readonly string[]): string {
  return `<${name}>${content.join('')}</${name}>`;
}

/** One element with escaped text. */
export function leaf(name: string, text: string, attributes = ''): string {
  return `<${name}${attributes}>${escapeXml(text)}</${name}>`;
}

function escapeXml(text: string): string {
  return text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
}
