/** The database was migrated by a newer Daikou than this one. Nothing was changed. */
export class NewerSchema extends Error {
  override readonly name = 'NewerSchema';
  readonly databaseVersion: number;
  readonly codeVersion: number;

  constructor(versions: { readonly databaseVersion: number; readonly codeVersion: number }) {
    super(
      `The database has schema version ${versions.databaseVersion} and this Daikou knows only ` +
        `version ${versions.codeVersion}. Nothing was changed. Start the newer Daikou instead.`,
    );
    this.databaseVersion = versions.databaseVersion;
    this.codeVersion = versions.codeVersion;
  }
}

/** Another living process owns the embedded database of this home. */
export class DatabaseInUse extends Error {
  override readonly name = 'DatabaseInUse';
  readonly pid: number;

  constructor(pid: number) {
    super(
      `The embedded database is open in another process (pid ${pid}). ` +
        `Use that one, or stop it first.`,
    );
    this.pid = pid;
  }
}

export type UnreachableReason =
  | 'bad_url'
  | 'host_not_found'
  | 'refused'
  | 'timeout'
  | 'wrong_password'
  | 'no_such_database'
  | 'too_many_connections'
  | 'too_old'
  | 'no_rights'
  | 'other';

/** The database that DATABASE_URL names cannot be used. Never shows the password. */
export class DatabaseUnreachable extends Error {
  override readonly name = 'DatabaseUnreachable';
  readonly reason: UnreachableReason;

  constructor(reason: UnreachableReason, sentence: string, options?: ErrorOptions) {
    super(sentence, options);
    this.reason = reason;
  }
}

/** Only merchants that are marked as demos can be erased. */
export class NotADemoMerchant extends Error {
  override readonly name = 'NotADemoMerchant';

  constructor(what: string) {
    super(`${what} is not a demo merchant; its rows are kept.`);
  }
}

/** The SQLSTATE of a database error, whichever driver raised it; undefined for other errors. */
export function sqlStateOf(error: unknown): string | undefined {
  for (let at = error, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth += 1) {
    if ('code' in at && typeof at.code === 'string' && /^[0-9A-Z]{5}$/.test(at.code)) {
      return at.code;
    }
  }
  return undefined;
}
