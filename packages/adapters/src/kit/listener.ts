import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

/** One request as it arrived: raw bytes, nothing interpreted. */
export type Received = {
  readonly method: string;
  /** Path and query as sent. */
  readonly target: string;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: Uint8Array;
};

export type Answer = {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
};

/** Test kit: a server on this machine that keeps what it receives. */
export type Listener = {
  readonly origin: string;
  readonly received: readonly Received[];
  readonly close: () => Promise<void>;
};

/** Starts a listener; `answer` decides what each request is answered. */
export async function listen(answer: (request: Received) => Answer): Promise<Listener> {
  const received: Received[] = [];
  const server = createServer((request, response) => {
    void readRequest(request).then((one) => {
      received.push(one);
      const { status, headers, body } = answer(one);
      response.writeHead(status, headers);
      response.end(body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  // A failed test must end the run, not leave it waiting for a server that nobody closed.
  server.unref();
  const { port } = server.address() as AddressInfo;
  return {
    origin: `http://127.0.0.1:${port}`,
    received,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function readRequest(request: IncomingMessage): Promise<Received> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of request as AsyncIterable<Uint8Array>) chunks.push(chunk);
  return {
    method: request.method ?? '',
    target: request.url ?? '',
    headers: request.headers as Record<string, string | undefined>,
    body: Buffer.concat(chunks),
  };
}

/** An address of this machine on which nobody listens. */
export async function deadOrigin(): Promise<string> {
  const listener = await listen(() => ({ status: 200 }));
  await listener.close();
  return listener.origin;
}
