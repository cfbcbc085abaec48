import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** How another process of this user finds and opens the live process. */
export type ControlFile = {
  readonly pid: number;
  readonly socket: string;
  readonly token: string;
  readonly url: string;
};

/** What a client asks: one command line, run inside the live process. */
export type ControlRequest = {
  readonly token: string;
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly language: string;
  readonly isTty: boolean;
  readonly columns: number;
};

/** What the live process answers, a JSON line each. */
export type ControlReply =
  | { readonly kind: 'out'; readonly text: string }
  | { readonly kind: 'err'; readonly text: string }
  | { readonly kind: 'exit'; readonly code: number };

export type ControlHandler = (
  request: ControlRequest,
  reply: (message: ControlReply) => void,
  signal: AbortSignal,
) => Promise<number>;

export type ControlEndpoint = { readonly close: () => Promise<void> };

function controlPath(home: string): string {
  return join(home, 'control.json');
}

/**
 * A socket path that the system accepts (about 100 bytes): under the system's temporary folder,
 * in a folder of this user's own that nobody else may enter.
 */
function socketPath(home: string): string {
  const name = createHash('sha256').update(home).digest('hex').slice(0, 16);
  const folder = join(tmpdir(), `daikou-${process.getuid?.() ?? 0}-${name}`);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { mode: 0o700 });
  return join(folder, 'control.sock');
}

/**
 * Opens the endpoint through which commands run inside this process while it owns the embedded
 * database. The token is in a file that only this user reads; the socket's folder is closed too.
 */
export async function openControl(
  home: string,
  url: () => string,
  handler: ControlHandler,
): Promise<ControlEndpoint & { readonly publish: () => void }> {
  const token = randomBytes(32).toString('hex');
  const socket = socketPath(home);
  const server = createServer((connection) => serve(connection, token, handler));
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(socket, resolve);
  });
  server.unref();
  const publish = () => {
    const file: ControlFile = { pid: process.pid, socket, token, url: url() };
    writeFileSync(controlPath(home), `${JSON.stringify(file)}\n`, { mode: 0o600 });
  };
  publish();
  return { publish, close: () => closeControl(server, home) };
}

async function closeControl(server: Server, home: string): Promise<void> {
  rmSync(controlPath(home), { force: true });
  await new Promise<void>((resolve) => server.close(() => resolve()));
}

export function readControl(home: string): ControlFile | undefined {
  try {
    return JSON.parse(readFileSync(controlPath(home), 'utf8')) as ControlFile;
  } catch {
    return undefined;
  }
}

function serve(connection: Socket, token: string, handler: ControlHandler): void {
  const gone = new AbortController();
  connection.on('close', () => gone.abort());
  connection.on('error', () => gone.abort());
  const reply = (message: ControlReply) => {
    if (connection.writable) connection.write(`${JSON.stringify(message)}\n`);
  };
  const lines = createInterface({ input: connection });
  // The lines tell of the connection's errors once more; nobody's hanging up ends this process.
  lines.on('error', () => gone.abort());
  lines.once('line', async (line) => {
    const request = parseRequest(line);
    if (request === undefined || !isEqual(request.token, token)) {
      reply({ kind: 'err', text: 'The live server refused this command.\n' });
      reply({ kind: 'exit', code: 3 });
      connection.end();
      return;
    }
    try {
      reply({ kind: 'exit', code: await handler(request, reply, gone.signal) });
    } catch (error) {
      const text = error instanceof Error ? error.message : 'the command failed';
      reply({ kind: 'err', text: `${text}\n` });
      reply({ kind: 'exit', code: 1 });
    }
    connection.end();
  });
}

function parseRequest(line: string): ControlRequest | undefined {
  try {
    return JSON.parse(line) as ControlRequest;
  } catch {
    return undefined;
  }
}

function isEqual(left: string, right: string): boolean {
  const a = Buffer.from(String(left));
  const b = Buffer.from(right);
  return a.length === b.length && timingSafeEqual(a, b);
}
