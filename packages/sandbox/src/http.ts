import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createSecureServer, type ServerOptions } from 'node:https';
import type { AddressInfo } from 'node:net';

/**
 * One request, fully read. `target` is the path and query exactly as sent: V3 signatures cover
 * it.
 */
export interface Exchange {
  readonly method: string;
  readonly target: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: Buffer;
}

/** What the server does with the connection: an ordinary reply, half a reply, or silence. */
export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Buffer;
  /** `cut` sends half of the promised bytes and then closes; `drop` closes without a byte. */
  readonly end?: 'cut' | 'drop';
}

/** Closes the connection without a word, as a lost network does. */
export const DROPPED: Reply = { status: 0, headers: {}, body: '', end: 'drop' };

/**
 * Longest request body that is read, in bytes; a gateway refuses more before it parses anything.
 */
export const BODY_LIMIT_BYTES = 64 * 1024;

/** Builds a JSON reply. */
export function jsonReply(status: number, value: unknown): Reply {
  const headers = { 'content-type': 'application/json; charset=utf-8' };
  return { status, headers, body: JSON.stringify(value) };
}

/** Builds a plain text reply. */
export function textReply(status: number, text: string, contentType = 'text/plain'): Reply {
  return { status, headers: { 'content-type': `${contentType}; charset=utf-8` }, body: text };
}

/** A running listener. */
export interface Listener {
  readonly port: number;
  close(): Promise<void>;
}

/**
 * What a listener needs to know. `beforeReply` runs before any byte leaves: it writes the books.
 */
export interface Listening {
  readonly port: number;
  readonly handle: (exchange: Exchange) => Reply | Promise<Reply>;
  readonly beforeReply: () => void;
  /** Present: the listener speaks TLS with these papers. */
  readonly tls?: ServerOptions;
}

/** Starts an HTTP listener on the loopback address; port 0 takes any free one. */
export async function listen(options: Listening): Promise<Listener> {
  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    serve(options, request, response).catch((problem: unknown) => {
      process.stderr.write(`sandbox: ${String((problem as Error)?.stack ?? problem)}\n`);
      if (!response.headersSent) response.writeHead(500);
      response.end();
    });
  };
  const server =
    options.tls === undefined ? createServer(answer) : createSecureServer(options.tls, answer);
  // Longer than the idle time of common clients, so that they and not we close a quiet connection.
  server.keepAliveTimeout = 120_000;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, '127.0.0.1', resolve);
  });
  return { port: (server.address() as AddressInfo).port, close: () => closeServer(server) };
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

async function serve(
  options: Listening,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const body = await readBody(request);
  if (body === undefined) {
    const words = `The body is longer than ${BODY_LIMIT_BYTES} bytes.`;
    send(request, response, { ...textReply(413, words), headers: { connection: 'close' } });
    return;
  }
  const target = request.url ?? '/';
  const mark = target.indexOf('?');
  const reply = await options.handle({
    method: request.method ?? 'GET',
    target,
    path: mark < 0 ? target : target.slice(0, mark),
    query: new URLSearchParams(mark < 0 ? '' : target.slice(mark + 1)),
    headers: request.headers as Record<string, string | undefined>,
    body,
  });
  options.beforeReply();
  send(request, response, reply);
}

/**
 * Reads the body; a longer one is drained without being kept, so that the refusal can still be
 * sent.
 */
function readBody(request: IncomingMessage): Promise<Buffer | undefined> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let length = 0;
    request.on('data', (chunk: Buffer) => {
      length += chunk.length;
      if (length <= BODY_LIMIT_BYTES) chunks.push(chunk);
      else chunks.length = 0;
    });
    request.once('end', () => {
      resolve(length <= BODY_LIMIT_BYTES ? Buffer.concat(chunks) : undefined);
    });
    request.once('error', reject);
  });
}

function send(request: IncomingMessage, response: ServerResponse, reply: Reply): void {
  if (reply.end === 'drop') {
    request.socket.destroy();
    return;
  }
  const body = typeof reply.body === 'string' ? Buffer.from(reply.body) : reply.body;
  const length = reply.status === 204 ? {} : { 'content-length': String(body.length) };
  response.writeHead(reply.status, { ...reply.headers, ...length });
  if (reply.end === 'cut') {
    response.write(body.subarray(0, Math.floor(body.length / 2)), () => request.socket.destroy());
    return;
  }
  response.end(body);
}
