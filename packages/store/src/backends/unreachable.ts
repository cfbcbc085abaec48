import { DatabaseUnreachable, sqlStateOf, type UnreachableReason } from '../errors.ts';

/** What a person does about each reason. */
const NEXT: Readonly<Record<UnreachableReason, string>> = {
  bad_url: 'Write it as postgres://user:password@host:5432/database.',
  host_not_found: 'Check the host in DATABASE_URL.',
  refused: 'Start the database, or check host and port in DATABASE_URL.',
  timeout: 'Check the network and the firewall between this machine and the database.',
  wrong_password: 'Check user and password in DATABASE_URL.',
  no_such_database: 'Create the database, or check its name in DATABASE_URL.',
  too_many_connections: 'Stop other programs, or raise max_connections.',
  too_old: 'Daikou needs PostgreSQL 15 or newer.',
  no_rights:
    'Let the user create roles (alter role … createrole), or have an administrator create ' +
    'daikou_app and daikou_admin and grant both to the user; the user must own the database.',
  other: 'Read the cause below, then check DATABASE_URL.',
};

const REASONS: Readonly<Record<string, UnreachableReason>> = {
  ENOTFOUND: 'host_not_found',
  EAI_AGAIN: 'host_not_found',
  ECONNREFUSED: 'refused',
  ECONNRESET: 'refused',
  EHOSTUNREACH: 'timeout',
  ENETUNREACH: 'timeout',
  ETIMEDOUT: 'timeout',
  '28P01': 'wrong_password',
  '28000': 'wrong_password',
  '3D000': 'no_such_database',
  '53300': 'too_many_connections',
  '42501': 'no_rights',
  ERR_INVALID_URL: 'bad_url',
};

/**
 * One sentence and what to do, for an error of opening the database that `databaseUrl` names.
 * The password is never part of it, not even through the driver's own words.
 */
export function toUnreachable(error: unknown, databaseUrl: string): DatabaseUnreachable {
  if (error instanceof DatabaseUnreachable) return error;
  const reason = reasonOf(error);
  const where = placeOf(databaseUrl);
  const detail = error instanceof Error ? error.message : String(error);
  const words = withoutSecret(firstLine(detail), databaseUrl);
  const sentence = `The database ${where} cannot be used: ${words}. ${NEXT[reason]}`;
  return new DatabaseUnreachable(reason, sentence);
}

function reasonOf(error: unknown): UnreachableReason {
  const state = sqlStateOf(error);
  const code = state ?? codeOf(error);
  const known = code === undefined ? undefined : REASONS[code];
  if (known !== undefined) return known;
  if (!(error instanceof Error)) return 'other';
  if (error.name === 'TooOld') return 'too_old';
  if (/timeout/i.test(error.message)) return 'timeout';
  if (/password|SASL/i.test(error.message)) return 'wrong_password';
  if (/invalid url/i.test(error.message)) return 'bad_url';
  return 'other';
}

/** The code of a network error; of several addresses tried, that of the first. */
function codeOf(error: unknown): string | undefined {
  if (error instanceof AggregateError && error.errors.length > 0) return codeOf(error.errors[0]);
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

/** host:port/database without user and password. */
function placeOf(databaseUrl: string): string {
  if (!URL.canParse(databaseUrl)) return 'of DATABASE_URL';
  const url = new URL(databaseUrl);
  return `${url.host === '' ? 'localhost' : url.host}${url.pathname}`;
}

function firstLine(text: string): string {
  return (text.split('\n', 1)[0] ?? '').replace(/\.$/, '').slice(0, 300);
}

function withoutSecret(text: string, databaseUrl: string): string {
  let clean = text.replaceAll(databaseUrl, 'DATABASE_URL');
  if (!URL.canParse(databaseUrl)) return clean;
  const { password } = new URL(databaseUrl);
  if (password === '') return clean;
  for (const secret of [password, safeDecode(password)]) clean = clean.replaceAll(secret, '***');
  return clean;
}

function safeDecode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
