import { readFileSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

const PORT_FILE = 'world-port';

/** Where the simulators reach us. */
export type WorldListener = { readonly url: string; readonly close: () => Promise<void> };

/**
 * Listens for the simulators on a port of their own that stays the same for this data folder: what
 * they still had to say when our process was killed then reaches the next one, as it would reach a
 * real merchant's address. Another port is taken only where that one is used by others by now.
 */
export async function openWorldListener(
  home: string,
  handler: RequestListener,
): Promise<WorldListener> {
  const known = readPort(home);
  const server = createServer(handler);
  try {
    await listen(server, known);
  } catch (error) {
    if (known === 0) throw error;
    await listen(server, 0);
  }
  const { port } = server.address() as AddressInfo;
  if (port !== known) writeFileSync(join(home, PORT_FILE), `${port}\n`, { mode: 0o600 });
  return { url: `http://127.0.0.1:${port}`, close: () => close(server) };
}

function readPort(home: string): number {
  try {
    const port = Number.parseInt(readFileSync(join(home, PORT_FILE), 'utf8'), 10);
    return port > 0 && port <= 65_535 ? port : 0;
  } catch {
    return 0;
  }
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      server.off('error', reject);
      resolve();
    });
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
