import type { Refusal, Result } from '@daikou/core';
import { BackupUnusable } from '@daikou/store';

/** Exit codes of the command line. */
export const EXIT = {
  ok: 0,
  /** The command ran and found something wrong, or was refused. */
  refused: 1,
  /** The command line itself is wrong. */
  usage: 2,
  /** The surroundings are wrong: database, port, data folder, configuration. */
  environment: 3,
  interrupted: 130,
} as const;

/** A failure with a sentence and the next step; shown as it is, without a stack. */
export class CommandFailure extends Error {
  override readonly name = 'CommandFailure';
  readonly code: string;
  readonly next: string;
  readonly exitCode: number;

  constructor(facts: {
    readonly code: string;
    readonly sentence: string;
    readonly next: string;
    readonly exitCode?: number;
  }) {
    super(facts.sentence);
    this.code = facts.code;
    this.next = facts.next;
    this.exitCode = facts.exitCode ?? EXIT.refused;
  }
}

/** A value, or the failure that the refusal is for a person at a terminal: with its field. */
export function orFailure<T>(result: Result<T, Refusal>): T {
  if (result.ok) return result.value;
  const { code, field, sentence, next } = result.refusal;
  const at = field === undefined || field === '' ? '' : `${field}: `;
  throw new CommandFailure({ code, sentence: `${at}${sentence}`, next });
}

/** Failures of the surroundings that packages below name, with what to do about each. */
const KNOWN: Readonly<Record<string, { readonly code: string; readonly next: string }>> = {
  DatabaseUnreachable: {
    code: 'database_unreachable',
    next:
      'Correct DATABASE_URL or start that database; ' +
      'leave DATABASE_URL out for the embedded one.',
  },
  NewerSchema: {
    code: 'database_newer',
    next: 'Use the version of Daikou that wrote it, or another DAIKOU_HOME.',
  },
  ConfigurationInvalid: {
    code: 'configuration_invalid',
    next: 'Mend config.json in the data folder and start again.',
  },
  DatabaseNotEmpty: {
    code: 'database_not_empty',
    next: 'Restore into a new DAIKOU_HOME, or a new database in DATABASE_URL.',
  },
  DatabaseInUse: {
    code: 'database_in_use',
    next: 'Wait for that process to end, or end it, and try again.',
  },
};

/** Turns what was thrown into a failure for people, or undefined when it is a bug of ours. */
export function toFailure(error: unknown): CommandFailure | undefined {
  if (error instanceof CommandFailure) return error;
  if (!(error instanceof Error)) return undefined;
  if (error instanceof BackupUnusable) {
    const { reason, message: sentence, next } = error;
    const exitCode = EXIT.environment;
    return new CommandFailure({ code: `backup_${reason}`, sentence, next, exitCode });
  }
  const known = KNOWN[error.name];
  if (known !== undefined) {
    return new CommandFailure({ ...known, sentence: error.message, exitCode: EXIT.environment });
  }
  return fromSystem(error);
}

/** Errors of the system about the data folder: not ours to write, full, or no folder at all. */
const FOLDER_ERRORS: ReadonlySet<string> = new Set([
  'EACCES',
  'EPERM',
  'EROFS',
  'ENOSPC',
  'EDQUOT',
  'EEXIST',
  'ENOTDIR',
  'ENAMETOOLONG',
]);

function fromSystem(
  error: NodeJS.ErrnoException & { readonly port?: number; readonly address?: string },
): CommandFailure | undefined {
  const { code = '', port = '', address = '' } = error;
  const exitCode = EXIT.environment;
  if (code === 'EADDRINUSE') {
    return new CommandFailure({
      code: 'port_in_use',
      sentence: `Port ${port} is used by another program.`,
      next: 'Stop that program, or set DAIKOU_PORT to a free port (0 picks one).',
      exitCode,
    });
  }
  if (error.syscall === 'listen' || error.syscall === 'getaddrinfo') {
    return new CommandFailure({
      code: 'address_not_usable',
      sentence: `This machine does not let us listen on ${address} port ${port} (${code}).`,
      next: 'Set DAIKOU_HOST to an address of this machine and DAIKOU_PORT to 1024 or more.',
      exitCode,
    });
  }
  if (!FOLDER_ERRORS.has(code)) return undefined;
  return new CommandFailure({
    code: 'home_not_writable',
    sentence: `The data folder cannot be written (${code}).`,
    next: 'Set DAIKOU_HOME to a folder that this user may write, with space left.',
    exitCode,
  });
}
