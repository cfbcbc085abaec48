import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** Where the simulators listen, as they print it when they are ready. */
export type SandboxEndpoints = {
  readonly admin: string;
  readonly wechat: string;
  readonly wechatSecure: string;
  readonly alipay: string;
  readonly unionpay: string;
  readonly sms: string;
  readonly smtp: { readonly host: string; readonly port: number };
  readonly dingtalk: string;
  readonly wecom: string;
  readonly officialAccount: string;
};

export type SandboxProcess = {
  readonly endpoints: SandboxEndpoints;
  readonly stop: () => Promise<void>;
};

/** Seconds that the simulators may take to start; the first start makes their keys. */
const START_SECONDS = 60;

export function sandboxMain(): string {
  return join(dirname(fileURLToPath(import.meta.resolve('@daikou/sandbox'))), 'main.ts');
}

/**
 * Starts the simulators as a process of their own on `home`. They end with us, also when we are
 * killed: they watch their standard input, which closes with our process.
 */
export async function startSandboxProcess(home: string): Promise<SandboxProcess> {
  mkdirSync(home, { recursive: true });
  const child = spawn(process.execPath, [sandboxMain(), '--home', home, '--exit-with-stdin'], {
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  child.stderr.pipe(createWriteStream(join(home, 'sandbox.log'), { flags: 'a' }));
  const endpoints = await readReadyLine(child);
  return { endpoints, stop: () => stop(child) };
}

function readReadyLine(child: ChildProcess): Promise<SandboxEndpoints> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      reject(new Error(`The sandbox did not start within ${START_SECONDS} seconds.`));
      child.kill('SIGKILL');
    }, START_SECONDS * 1000);
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`The sandbox ended at its start (${code}).`)));
    if (child.stdout === null) return;
    createInterface({ input: child.stdout }).once('line', (line) => {
      clearTimeout(timer);
      child.removeAllListeners('exit');
      resolve(JSON.parse(line) as SandboxEndpoints);
    });
  });
}

function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    child.once('exit', () => resolve());
    child.stdin?.end();
    child.kill('SIGTERM');
  });
}
