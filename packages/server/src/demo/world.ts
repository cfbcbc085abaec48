import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Connections } from '../compose.ts';
import { callbackUrl } from '../compose.ts';
import { type BooksSummary, SandboxAdmin } from './sandbox-admin.ts';
import { type SandboxEndpoints, startSandboxProcess } from './sandbox-process.ts';

export const DEMO_MERCHANT = 'demo';

/** How the simulated payers and banks behave. Shares are in basis points. */
export const DEMO_SEED = 'daikou-demo-1';

/**
 * The refusal mix, from published figures (data/declines in the reference: recurring card 6–15 %
 * first-attempt failures, bank debit 2.9 %, insufficient funds the largest share, about half of
 * soft failures recovered by a retry), plus the ways in which an answer gets lost.
 */
export const DEMO_OUTCOMES = {
  seed: DEMO_SEED,
  wechat: {
    first: {
      SUCCESS: 9040,
      NOTENOUGH: 480,
      BANKERROR: 70,
      RULELIMIT: 80,
      ACCOUNTERROR: 50,
      USER_ACCOUNT_ABNORMAL: 30,
      SYSTEMERROR_THEN_PAID: 70,
      SYSTEMERROR_THEN_CLOSED: 20,
      TIMEOUT_THEN_PAID: 40,
      TIMEOUT_NOT_RECEIVED: 20,
      LOST_CALLBACK: 100,
    },
    later: { SUCCESS: 4500, NOTENOUGH: 4700, BANKERROR: 300, LOST_CALLBACK: 500 },
  },
  alipay: {
    first: {
      SUCCESS: 9410,
      'ACQ.BUYER_BALANCE_NOT_ENOUGH': 200,
      'ACQ.BUYER_BANKCARD_BALANCE_NOT_ENOUGH': 50,
      'ACQ.NO_PAYMENT_INSTRUMENTS_AVAILABLE': 30,
      'ACQ.BUYER_PAYMENT_AMOUNT_DAY_LIMIT_ERROR': 20,
      'ACQ.BUYER_ENABLE_STATUS_FORBID': 10,
      'ACQ.PAYMENT_REQUEST_HAS_RISK': 10,
      PROCESSING_THEN_PAID: 80,
      SYSTEM_ERROR_THEN_PAID: 50,
      SYSTEM_ERROR_NOT_PAID: 20,
      TIMEOUT_THEN_PAID: 40,
      TIMEOUT_NOT_RECEIVED: 20,
      LOST_CALLBACK: 60,
    },
    later: { SUCCESS: 5500, 'ACQ.BUYER_BALANCE_NOT_ENOUGH': 4500 },
  },
} as const;

/** Mails and SMS that bounce, in basis points. */
const NOTICE_FAIL_BP = 40;

/** The sandbox with the demo's temper, and how the demo merchant is connected to it. */
export type DemoWorld = {
  readonly endpoints: SandboxEndpoints;
  readonly admin: SandboxAdmin;
  readonly connections: Connections;
  readonly booksSummary: () => Promise<BooksSummary>;
  readonly stop: () => Promise<void>;
};

export function sandboxHome(home: string): string {
  return join(home, 'sandbox');
}

/** Starts the simulators on their own books under `home` and connects them to `baseUrl`. */
export async function openDemoWorld(home: string, baseUrl: string): Promise<DemoWorld> {
  const sandbox = await startSandboxProcess(sandboxHome(home));
  try {
    const admin = new SandboxAdmin(sandbox.endpoints);
    const reportToken = readOrMakeToken(home);
    const rail = (id: string) => callbackUrl(baseUrl, id, DEMO_MERCHANT);
    await admin.configure({
      seed: DEMO_SEED,
      callbacks: { duplicateBp: 500, delayMs: [0, 30] },
      wechat: { terminationUrl: rail('wechat'), callbackTimeScale: 0.001 },
      alipay: { appGatewayUrl: rail('alipay'), callbackTimeScale: 0.001 },
      sms: { failBp: NOTICE_FAIL_BP, reportDelayMs: 20 },
      smtp: {
        failBp: NOTICE_FAIL_BP,
        reportUrl: callbackUrl(baseUrl, 'notices/mail', DEMO_MERCHANT),
        reportToken,
        reportDelayMs: 20,
      },
      officialAccount: {
        failBp: NOTICE_FAIL_BP,
        eventUrl: callbackUrl(baseUrl, 'notices/official_account', DEMO_MERCHANT),
        reportDelayMs: 20,
      },
    });
    await admin.setOutcomes(DEMO_OUTCOMES);
    return {
      endpoints: sandbox.endpoints,
      admin,
      connections: await admin.connections(reportToken),
      booksSummary: () => admin.summary(),
      stop: sandbox.stop,
    };
  } catch (error) {
    await sandbox.stop();
    throw error;
  }
}

/** The token that mail delivery reports must carry; made once, readable by this user only. */
function readOrMakeToken(home: string): string {
  const path = join(home, 'report-token');
  if (existsSync(path)) return readFileSync(path, 'utf8').trim();
  const token = randomBytes(24).toString('hex');
  writeFileSync(path, `${token}\n`, { mode: 0o600 });
  return token;
}

const ERASING_MARK = 'demo-erasing';

/**
 * Erasing the demo touches two sets of books, ours and the simulators'. A mark on disk stands from
 * before the first until after the last, so that a kill in between is finished by the next start.
 */
export function markErasing(home: string): void {
  writeFileSync(
    join(home, ERASING_MARK),
    'The demo is being erased; the next start finishes it.\n',
  );
}

export function isErasing(home: string): boolean {
  return existsSync(join(home, ERASING_MARK));
}

export function eraseSandboxBooks(home: string): void {
  rmSync(sandboxHome(home), { recursive: true, force: true });
}

export function unmarkErasing(home: string): void {
  rmSync(join(home, ERASING_MARK), { force: true });
}
