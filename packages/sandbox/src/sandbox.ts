import { answerAdmin } from './admin.ts';
import { openAlipayBooks } from './alipay/records.ts';
import { answerAlipay } from './alipay/server.ts';
import { planCompletion } from './alipay/trades.ts';
import { takeHome } from './home.ts';
import { type Exchange, type Listener, listen, type Reply } from './http.ts';
import { openSmsBooks, planReport } from './sms/messages.ts';
import { answerSms } from './sms/server.ts';
import { listenSmtp, openSmtpBooks, planMailReport } from './smtp/server.ts';
import type { AllBooks } from './summary.ts';
import { openWechatBooks } from './wechat/records.ts';
import { answerWechat } from './wechat/server.ts';
import { planSettlement, settleDue } from './wechat/settlement.ts';
import { openWorld, type World } from './world.ts';

/** How often the wall clock is looked at for delayed deductions that have become due. */
const SWEEP_MS = 1_000;

/** Ports of the five listeners; 0 or none takes a free one. */
export interface Ports {
  readonly admin?: number;
  readonly wechat?: number;
  readonly alipay?: number;
  readonly sms?: number;
  readonly smtp?: number;
}

/** Where the simulators listen. */
export interface Endpoints {
  readonly admin: string;
  readonly wechat: string;
  readonly alipay: string;
  readonly sms: string;
  readonly smtp: { readonly host: string; readonly port: number };
}

/** A running sandbox. */
export interface Sandbox {
  readonly endpoints: Endpoints;
  stop(): Promise<void>;
}

/**
 * Starts the outside world on the loopback address with its books under `home`, and takes up what a
 * former run left: callbacks to be sent, orders to be processed, reports to be made.
 */
export async function startSandbox(options: {
  readonly home: string;
  readonly ports?: Ports;
}): Promise<Sandbox> {
  const releaseHome = await takeHome(options.home);
  try {
    return await open(options.home, options.ports ?? {}, releaseHome);
  } catch (problem) {
    releaseHome();
    throw problem;
  }
}

async function open(home: string, ports: Ports, releaseHome: () => void): Promise<Sandbox> {
  const world = await openWorld(home);
  const books: AllBooks = {
    wechat: openWechatBooks(world),
    alipay: openAlipayBooks(world),
    sms: openSmsBooks(world),
    smtp: openSmtpBooks(world),
  };
  const listeners: Listener[] = [];
  const closeAll = () => Promise.all(listeners.map((listener) => listener.close()));
  const endpoints = await openListeners({ world, books, ports, listeners }).catch(
    async (problem: unknown) => {
      // A port that is taken must not leave the other listeners open.
      await closeAll();
      throw problem;
    },
  );
  world.clock.onMove(() => settleDue(world, books.wechat));
  takeUp(world, books);
  const sweep = setInterval(() => settleDue(world, books.wechat), SWEEP_MS);
  world.books.flush();
  return {
    endpoints,
    async stop() {
      clearInterval(sweep);
      world.later.stop();
      world.callbacks.stop();
      await closeAll();
      world.books.close();
      releaseHome();
    },
  };
}

/** What the listeners serve; each one that is open is added to `listeners`. */
interface Opening {
  readonly world: World;
  readonly books: AllBooks;
  readonly ports: Ports;
  readonly listeners: Listener[];
}

async function openListeners(opening: Opening): Promise<Endpoints> {
  const { world, books, ports, listeners } = opening;
  const beforeReply = () => world.books.flush();
  const start = async (
    port: number | undefined,
    handle: (exchange: Exchange) => Reply | Promise<Reply>,
  ) => {
    const listener = await listen({ port: port ?? 0, handle, beforeReply });
    listeners.push(listener);
    return listener;
  };
  const url = (listener: Listener) => `http://127.0.0.1:${listener.port}`;
  const wechat: Listener = await start(ports.wechat, (exchange) =>
    answerWechat({ world, books: books.wechat, baseUrl: () => url(wechat) }, exchange),
  );
  const alipay: Listener = await start(ports.alipay, (exchange) =>
    answerAlipay({ world, books: books.alipay, baseUrl: () => url(alipay) }, exchange),
  );
  const nonces = new Map<string, number>();
  const sms = await start(ports.sms, (exchange) =>
    answerSms({ world, books: books.sms, nonces }, exchange),
  );
  const smtp = await listenSmtp(world, books.smtp, ports.smtp ?? 0);
  listeners.push(smtp);
  const admin = await start(ports.admin, (exchange) => answerAdmin({ world, books }, exchange));
  return {
    admin: url(admin),
    wechat: url(wechat),
    alipay: `${url(alipay)}/gateway.do`,
    sms: url(sms),
    smtp: { host: '127.0.0.1', port: smtp.port },
  };
}

/** Plans again what waited when the former run ended. */
function takeUp(world: World, books: AllBooks): void {
  world.callbacks.resume();
  for (const order of books.wechat.ordersByState('ACCEPT')) {
    planSettlement(world, books.wechat, order);
  }
  for (const trade of books.alipay.tradesByStatus('WAIT_BUYER_PAY')) {
    planCompletion(world, books.alipay, trade);
  }
  for (const message of books.sms.messages.values()) {
    if (message.status === 'waiting') planReport(world, books.sms, message);
  }
  for (const mail of books.smtp.mails.values()) {
    if (mail.status === 'waiting') planMailReport(world, books.smtp, mail);
  }
}
