/** Errors of our own logic over a row: what it holds is not what the code expects. */
const OF_LOGIC = new Set(['InvariantBroken', 'TypeError', 'RangeError', 'SyntaxError']);

/**
 * Whether the rows are at fault, and not the connection: then the same fails again however often
 * it is tried, so the row is put aside and the others go on (I10). Of the database these are its
 * classes 22 (data) and 23 (constraints).
 */
export function isOfTheRows(error: unknown): error is Error {
  if (!(error instanceof Error)) return false;
  if (OF_LOGIC.has(error.name)) return true;
  return /^2[23]...$/.test(codeOf(error));
}

/**
 * Why a row failed, without anything that the row holds: messages of the database and of parsers
 * quote what they were given, so they are told by their kind alone.
 */
export function causeOf(error: Error): string {
  if (error.name === 'InvariantBroken') return error.message.slice(0, 200);
  const code = codeOf(error);
  return code === '' ? error.name : `${error.name} ${code}`;
}

function codeOf(error: Error): string {
  const { code } = error as { readonly code?: unknown };
  return typeof code === 'string' ? code : '';
}
