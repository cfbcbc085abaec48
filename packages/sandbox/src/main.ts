import { parseArgs } from 'node:util';
import { type Ports, startSandbox } from './sandbox.ts';

const USAGE = `Usage: node packages/sandbox/src/main.ts --home <folder> [options]

  --home <folder>       where the books are kept (created when absent)
  --admin-port <n>      also --wechat-port, --alipay-port, --unionpay-port, --sms-port,
                        --smtp-port, --dingtalk-port, --wecom-port, --official-account-port
                        and --webhook-target-port; 0 takes a free port
  --exit-with-stdin     end when standard input closes
`;

/** Starts the sandbox as a process of its own and prints one line of JSON when it is ready. */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      home: { type: 'string' },
      'admin-port': { type: 'string' },
      'wechat-port': { type: 'string' },
      'wechat-secure-port': { type: 'string' },
      'alipay-port': { type: 'string' },
      'unionpay-port': { type: 'string' },
      'sms-port': { type: 'string' },
      'smtp-port': { type: 'string' },
      'dingtalk-port': { type: 'string' },
      'wecom-port': { type: 'string' },
      'official-account-port': { type: 'string' },
      'webhook-target-port': { type: 'string' },
      'exit-with-stdin': { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help || values.home === undefined) {
    process.stderr.write(USAGE);
    process.exitCode = values.help ? 0 : 2;
    return;
  }
  // Listening for the end of stdin comes first: a parent may die while the keys are being made.
  let ended = false;
  const end = () => {
    ended = true;
    void finish();
  };
  let finish = async () => process.exit(0);
  if (values['exit-with-stdin']) {
    process.stdin.resume();
    process.stdin.once('end', end).once('close', end).once('error', end);
  }
  process.once('SIGINT', end).once('SIGTERM', end);
  const ports: Ports = {
    admin: parsePort(values['admin-port']),
    wechat: parsePort(values['wechat-port']),
    wechatSecure: parsePort(values['wechat-secure-port']),
    alipay: parsePort(values['alipay-port']),
    unionpay: parsePort(values['unionpay-port']),
    sms: parsePort(values['sms-port']),
    smtp: parsePort(values['smtp-port']),
    dingtalk: parsePort(values['dingtalk-port']),
    wecom: parsePort(values['wecom-port']),
    officialAccount: parsePort(values['official-account-port']),
    webhookTarget: parsePort(values['webhook-target-port']),
  };
  const sandbox = await startSandbox({ home: values.home, ports });
  finish = async () => {
    await sandbox.stop();
    process.exit(0);
  };
  if (ended) return finish();
  process.stdout.write(`${JSON.stringify({ ready: true, ...sandbox.endpoints })}\n`);
}

function parsePort(text: string | undefined): number {
  const port = Number(text ?? '0');
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new Error(`${text} is not a port number.`);
  }
  return port;
}

main().catch((problem: unknown) => {
  process.stderr.write(`${problem instanceof Error ? problem.message : String(problem)}\n`);
  process.exit(1);
});
