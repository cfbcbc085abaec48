import { connect } from 'node:net';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  type ControlFile,
  type ControlReply,
  type ControlRequest,
  readControl,
} from './endpoint.ts';

/** Seconds to wait for the owner of the database to open its endpoint: it may just be starting. */
const WAIT_SECONDS = 15;
const LOOK_MILLISECONDS = 200;

/**
 * Runs a command line inside the live process that owns `home`, and gives its exit code; undefined
 * when that process opens no endpoint in time.
 */
export async function runInside(
  home: string,
  request: Omit<ControlRequest, 'token'>,
  io: { readonly out: (text: string) => void; readonly err: (text: string) => void },
): Promise<number | undefined> {
  const deadline = performance.now() + WAIT_SECONDS * 1000;
  while (performance.now() < deadline) {
    const file = readControl(home);
    const code = file === undefined ? undefined : await talk(file, request, io);
    if (code !== undefined) return code;
    await sleep(LOOK_MILLISECONDS);
  }
  return undefined;
}

function talk(
  file: ControlFile,
  request: Omit<ControlRequest, 'token'>,
  io: { readonly out: (text: string) => void; readonly err: (text: string) => void },
): Promise<number | undefined> {
  return new Promise((resolve) => {
    const connection = connect(file.socket);
    let isConnected = false;
    let code: number | undefined;
    connection.on('connect', () => {
      isConnected = true;
      connection.write(`${JSON.stringify({ ...request, token: file.token })}\n`);
    });
    connection.on('error', () => resolve(undefined));
    connection.on('close', () => {
      if (isConnected && code === undefined)
        io.err('The live server ended before the command did.\n');
      resolve(isConnected ? (code ?? 1) : undefined);
    });
    createInterface({ input: connection })
      .on('line', (line) => {
        const reply = JSON.parse(line) as ControlReply;
        if (reply.kind === 'exit') code = reply.code;
        else if (reply.kind === 'out') io.out(reply.text);
        else io.err(reply.text);
      })
      .on('error', () => undefined);
  });
}
