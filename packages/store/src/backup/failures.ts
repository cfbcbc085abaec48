export type BackupProblem =
  | 'not_a_backup'
  | 'truncated'
  | 'damaged'
  | 'newer_format'
  | 'newer_schema'
  | 'other_columns'
  | 'file_exists'
  | 'not_readable'
  | 'not_writable';

/** A backup file that cannot be written or used. Nothing was changed; `next` says what helps. */
export class BackupUnusable extends Error {
  override readonly name = 'BackupUnusable';
  readonly reason: BackupProblem;
  readonly next: string;

  constructor(reason: BackupProblem, detail = '') {
    const { sentence, next } = WORDS[reason];
    super(detail === '' ? sentence : `${sentence} ${detail}`);
    this.reason = reason;
    this.next = next;
  }
}

/** The system's own error about a file, as a failure for people; anything else as it is. */
export function fileFailure(error: unknown, reason: 'not_readable' | 'not_writable'): unknown {
  const { code, syscall } = error as NodeJS.ErrnoException;
  const isOfFile = syscall !== undefined && code !== undefined && /^E[A-Z]+$/.test(code);
  return isOfFile ? new BackupUnusable(reason, `(${code})`) : error;
}

/** A restore writes into an empty database only: nothing is ever merged or written over. */
export class DatabaseNotEmpty extends Error {
  override readonly name = 'DatabaseNotEmpty';

  constructor(table: string) {
    super(`The database has rows already (${table}); nothing was changed.`);
  }
}

const OTHER_FILE = 'Use another backup file; this one restores nothing.';

const WORDS: Readonly<Record<BackupProblem, { readonly sentence: string; readonly next: string }>> =
  {
    not_a_backup: { sentence: 'The file is no backup of Daikou.', next: OTHER_FILE },
    truncated: {
      sentence: 'The backup ends in the middle: it was not written or copied whole.',
      next: 'Copy it again from where it was written, or use another backup.',
    },
    damaged: {
      sentence: 'The backup is damaged: its content is not what was written.',
      next: 'Copy it again from where it was written, or use another backup.',
    },
    newer_format: {
      sentence: 'The backup was written by a newer Daikou, in a form that this one cannot read.',
      next: 'Restore it with the version of Daikou that wrote it, or a newer one.',
    },
    newer_schema: {
      sentence: 'The backup was written by a newer Daikou and holds a newer schema.',
      next: 'Restore it with the version of Daikou that wrote it, or a newer one.',
    },
    other_columns: {
      sentence: 'The tables of the backup have other columns than its schema version says.',
      next: 'The schema was changed by hand where it was made. Use another backup.',
    },
    not_readable: {
      sentence: 'The backup cannot be read.',
      next: 'Name a file that is there and that this user may read.',
    },
    not_writable: {
      sentence: 'The backup cannot be written.',
      next: 'Name a file in a folder that this user may write, with space left.',
    },
    file_exists: {
      sentence: 'There is a file of that name already; it was left as it is.',
      next: 'Name another file, or say --force to replace it.',
    },
  };
