import type { Host } from './host.ts';
import type { Io } from './io.ts';

/** What every command works with. */
export type CommandContext = { readonly io: Io; readonly host: Host };

/** A command tells its exit code; it prints its own results. */
export type Run = (work: (context: CommandContext) => Promise<number>) => Promise<void>;
