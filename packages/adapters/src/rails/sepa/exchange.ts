import { randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** A file of the bank as the folder lists it. */
export type FileStamp = {
  readonly name: string;
  readonly size: number;
  readonly modifiedMilliseconds: number;
};

/** `not_put`: proved that no reader can have seen the file. */
export type PutOutcome = 'put' | 'not_put' | 'unknown';

/**
 * How files go to the bank and come from it: what EBICS clients and SFTP mounts offer. The folder
 * implementation below is the only one; the port lets a test lose a file in between.
 */
export type FileExchange = {
  /** Hands a file over under its name, whole or not at all. */
  readonly put: (name: string, text: string) => Promise<PutOutcome>;
  /** When names in the bank's folder last changed, in milliseconds. */
  readonly changedAt: () => Promise<number>;
  /** The bank's files in the order of their names. Throws when the folder cannot be read. */
  readonly list: () => Promise<readonly FileStamp[]>;
  readonly read: (name: string) => AsyncIterable<Uint8Array>;
};

/** Names that are not files of the bank: hidden ones, and those that a transfer is writing. */
const UNFINISHED = /^\.|\.(tmp|part|filepart|writing)$/i;

/** Folders on this machine, as the bank's client or a mount sees them. */
export function makeFolderExchange(folders: {
  readonly outbox: string;
  readonly inbox: string;
}): FileExchange {
  return {
    put: (name, text) => putFile(folders.outbox, name, text),
    changedAt: async () => (await stat(folders.inbox)).mtimeMs,
    list: () => listFiles(folders.inbox),
    read: (name) => createReadStream(join(folders.inbox, name)),
  };
}

async function listFiles(folder: string): Promise<readonly FileStamp[]> {
  const names = (await readdir(folder)).filter((name) => !UNFINISHED.test(name)).sort();
  const stamps: FileStamp[] = [];
  for (const name of names) {
    const found = await stat(join(folder, name)).catch(() => undefined);
    if (found?.isFile() !== true) continue;
    stamps.push({ name, size: found.size, modifiedMilliseconds: found.mtimeMs });
  }
  return stamps;
}

/**
 * Writes a file that readers see whole or not at all: written under a hidden name, forced to the
 * disk, renamed. Only the owner may read it: payment files name accounts.
 */
export async function putFile(folder: string, name: string, text: string): Promise<PutOutcome> {
  const hidden = join(folder, `.${name}.${randomBytes(4).toString('hex')}.writing`);
  try {
    const file = await open(hidden, 'wx', 0o600);
    try {
      await file.writeFile(text, 'utf8');
      await file.sync();
    } finally {
      await file.close();
    }
  } catch {
    await rm(hidden, { force: true }).catch(() => undefined);
    return 'not_put';
  }
  try {
    await rename(hidden, join(folder, name));
  } catch {
    // A rename that failed may still have happened on a network mount: look before saying no.
    const seen = await stat(join(folder, name)).catch((error: NodeJS.ErrnoException) => error.code);
    return seen === 'ENOENT' ? 'not_put' : 'unknown';
  }
  await syncFolder(folder);
  return 'put';
}

/** Forces the folder's new name to the disk, where the file system lets us. */
async function syncFolder(folder: string): Promise<void> {
  try {
    const handle = await open(folder, 'r');
    await handle.sync().finally(() => handle.close());
  } catch {
    // Some mounts cannot sync a folder; the file is handed over all the same.
  }
}

/** Makes a folder that only its owner may look into. */
export async function ensureFolder(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
}
