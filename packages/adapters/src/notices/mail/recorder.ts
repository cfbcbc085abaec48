import type { AddressInfo } from 'node:net';
import { createServer, type Socket } from 'node:net';

/** Test kit: the smallest SMTP server that takes a mail and keeps the whole dialogue. */
export type SmtpRecorder = {
  readonly port: number;
  /** What the client said, line by line; the message itself between DATA and the dot. */
  readonly lines: readonly string[];
  readonly close: () => Promise<void>;
};

/**
 * Starts a recorder; `refuse` answers the command that begins with that word by a numbered refusal.
 */
export async function recordSmtp(refuse?: {
  readonly command: string;
  readonly answer: string;
}): Promise<SmtpRecorder> {
  const lines: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    converse(socket, lines, refuse);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  server.unref();
  return {
    port: (server.address() as AddressInfo).port,
    lines,
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      }),
  };
}

function converse(
  socket: Socket,
  lines: string[],
  refuse: { readonly command: string; readonly answer: string } | undefined,
): void {
  let rest = '';
  let inData = false;
  socket.on('error', () => socket.destroy());
  socket.write('220 recorder ESMTP\r\n');
  socket.on('data', (chunk) => {
    const parts = (rest + chunk.toString('utf8')).split('\r\n');
    rest = parts.pop() ?? '';
    for (const line of parts) {
      lines.push(line);
      if (inData) {
        if (line !== '.') continue;
        inData = false;
        socket.write('250 2.0.0 queued\r\n');
      } else if (refuse !== undefined && line.startsWith(refuse.command)) {
        socket.write(`${refuse.answer}\r\n`);
      } else {
        inData = line === 'DATA';
        socket.write(answerOf(line));
      }
    }
  });
}

function answerOf(line: string): string {
  if (line.startsWith('EHLO'))
    return '250-recorder\r\n250-8BITMIME\r\n250-DSN\r\n250 AUTH PLAIN\r\n';
  if (line.startsWith('AUTH')) return '235 2.7.0 welcome\r\n';
  if (line === 'DATA') return '354 go on\r\n';
  if (line === 'QUIT') return '221 2.0.0 bye\r\n';
  return '250 2.1.0 ok\r\n';
}
