import type { ServerOptions } from 'node:https';
import { join } from 'node:path';
import { answerAdmin } from './admin.ts';
import { openAlipayBooks } from './alipay/records.ts';
import { answerAlipay } from './alipay/server.ts';
import { planCompletion } from './alipay/trades.ts';
import { answerDingtalk, openDingtalkBooks } from './dingtalk/server.ts';
import { takeHome } from './home.ts';
import { DROPPED, type Exchange, type Listener, listen, type Reply } from './http.ts';
import { planEvent } from './official-account/events.ts';
import { openOfficialAccountBooks } from './official-account/records.ts';
import { answerOfficialAccount } from './official-account/server.ts';
import { Bank } from './sepa/bank.ts';
import { openBankBooks } from './sepa/records.ts';
import { openSmsBooks, planReport } from './sms/messages.ts';
import { answerSms } from './sms/server.ts';
import { listenSmtp, openSmtpBooks, planMailReport } from './smtp/server.ts';
import type { AllBooks } from './summary.ts';
import { planProcessing } from './unionpay/orders.ts';
import { openUnionpayBooks } from './unionpay/records.ts';
import { answerUnionpay } from './unionpay/server.ts';
import { answerWebhookTarget, openWebhookTargetBooks } from './webhook-target/server.ts';
import { securePapers } from './wechat/mutual-tls.ts';
import { openWechatBooks } from './wechat/records.ts';
import { planRefund } from './wechat/refunds.ts';
import { answerWechat } from './wechat/server.ts';
import { planSettlement, settleDue } from './wechat/settlement.ts';
import { answerWecom, openWecomBooks } from './wecom/server.ts';
import { openWorld, type World } from './world.ts';

/** How often the wall clock is looked at for delayed deductions that have become due. */
const SWEEP_MS = 1_000;

/** Ports of the listeners; 0 or none takes a free one. */
export interface Ports {
  readonly admin?: number;
  readonly wechat?: number;
  readonly wechatSecure?: number;
  readonly alipay?: number;
  readonly unionpay?: number;
  readonly sms?: number;
  readonly smtp?: number;
  readonly dingtalk?: number;
  readonly wecom?: number;
  readonly officialAccount?: number;
  readonly webhookTarget?: number;
}

/** Where the simulators listen. */
export interface Endpoints {
  readonly admin: string;
  readonly wechat: string;
  /** WeChat Pay over mutual TLS, for `/secapi/`. */
  readonly wechatSecure: string;
  readonly alipay: string;
  readonly unionpay: string;
  /** The merchant's folders at the bank. */
  readonly sepa: { readonly outbox: string; readonly inbox: string };
  readonly sms: string;
  readonly smtp: { readonly host: string; readonly port: number };
  readonly dingtalk: string;
  readonly wecom: string;
  readonly officialAccount: string;
  /** Receivers of webhooks: POST `<this>/hooks/<receiver>`. */
  readonly webhookTarget: string;
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
    unionpay: openUnionpayBooks(world),
    sepa: openBankBooks(world),
    sms: openSmsBooks(world),
    smtp: openSmtpBooks(world),
    dingtalk: openDingtalkBooks(world),
    wecom: openWecomBooks(world),
    officialAccount: openOfficialAccountBooks(world),
    webhookTarget: openWebhookTargetBooks(world),
  };
  const bank = openBank(world, books, home);
  const listeners: Listener[] = [];
  const closeAll = () => Promise.all(listeners.map((listener) => listener.close()));
  const endpoints = await openListeners({ world, books, bank, ports, listeners }).catch(
    async (problem: unknown) => {
      // A port that is taken must not leave the other listeners open.
      await closeAll();
      throw problem;
    },
  );
  world.clock.onMove(() => settleDue(world, books.wechat));
  world.clock.onMove(() => bank.move());
  takeUp(world, books);
  const sweep = setInterval(() => {
    settleDue(world, books.wechat);
    bank.look();
  }, SWEEP_MS);
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

/** The bank's folders lie in the home, so that a sandbox is one folder. */
function openBank(world: World, books: AllBooks, home: string): Bank {
  const folder = (name: string) => join(home, 'sepa', name);
  return new Bank(world, books.sepa, {
    outbox: folder('to-bank'),
    inbox: folder('from-bank'),
    taken: folder('taken'),
  });
}

/** What the listeners serve; each one that is open is added to `listeners`. */
interface Opening {
  readonly world: World;
  readonly books: AllBooks;
  readonly bank: Bank;
  readonly ports: Ports;
  readonly listeners: Listener[];
}

/** Only a merchant with a certificate of this authority gets in. */
function mutualTls(world: World): ServerOptions {
  const papers = securePapers(world);
  return {
    cert: papers.server.certificate,
    key: papers.server.key,
    ca: papers.authority,
    requestCert: true,
    rejectUnauthorized: true,
  };
}

async function openListeners(opening: Opening): Promise<Endpoints> {
  const { world, books, bank, ports, listeners } = opening;
  const beforeReply = () => world.books.flush();
  const start = async (
    port: number | undefined,
    handle: (exchange: Exchange) => Reply | Promise<Reply>,
    tls?: ServerOptions,
  ) => {
    const listener = await listen({ port: port ?? 0, handle, beforeReply, ...(tls && { tls }) });
    listeners.push(listener);
    return listener;
  };
  const url = (listener: Listener) => `http://127.0.0.1:${listener.port}`;
  // A rail that is down by the business clock takes no connection; its own page is away too.
  const unlessDown =
    (rail: string, answer: (exchange: Exchange) => Reply | Promise<Reply>) =>
    (exchange: Exchange): Reply | Promise<Reply> =>
      world.faults.chaos.isDown(rail, world.clock.now()) ? DROPPED : answer(exchange);
  const wechat: Listener = await start(
    ports.wechat,
    unlessDown('wechat', (exchange) =>
      answerWechat({ world, books: books.wechat, baseUrl: () => url(wechat) }, exchange),
    ),
  );
  const wechatSecure = await start(
    ports.wechatSecure,
    unlessDown('wechat', (exchange) =>
      answerWechat(
        { world, books: books.wechat, baseUrl: () => url(wechat), secure: true },
        exchange,
      ),
    ),
    mutualTls(world),
  );
  const alipay: Listener = await start(
    ports.alipay,
    unlessDown('alipay', (exchange) =>
      answerAlipay({ world, books: books.alipay, baseUrl: () => url(alipay) }, exchange),
    ),
  );
  const unionpay: Listener = await start(
    ports.unionpay,
    unlessDown('unionpay', (exchange) =>
      answerUnionpay({ world, books: books.unionpay }, exchange),
    ),
  );
  const nonces = new Map<string, number>();
  const sms = await start(ports.sms, (exchange) =>
    answerSms({ world, books: books.sms, nonces }, exchange),
  );
  const channels = await openChannels(opening, start);
  const smtp = await listenSmtp(world, books.smtp, ports.smtp ?? 0);
  listeners.push(smtp);
  const admin = await start(ports.admin, (exchange) =>
    answerAdmin({ world, books, bank }, exchange),
  );
  return {
    admin: url(admin),
    wechat: url(wechat),
    wechatSecure: `https://127.0.0.1:${wechatSecure.port}`,
    alipay: `${url(alipay)}/gateway.do`,
    unionpay: url(unionpay),
    sepa: { outbox: bank.folders.outbox, inbox: bank.folders.inbox },
    sms: url(sms),
    smtp: { host: '127.0.0.1', port: smtp.port },
    ...channels,
  };
}

type Start = (
  port: number | undefined,
  handle: (exchange: Exchange) => Reply | Promise<Reply>,
) => Promise<Listener>;

/** The message channels that are plain HTTP. */
async function openChannels(
  { world, books, ports }: Opening,
  start: Start,
): Promise<Pick<Endpoints, 'dingtalk' | 'wecom' | 'officialAccount' | 'webhookTarget'>> {
  const unlessDown =
    (channel: string, answer: (exchange: Exchange) => Reply | Promise<Reply>) =>
    (exchange: Exchange): Reply | Promise<Reply> =>
      world.faults.chaos.isDown(channel, world.clock.now()) ? DROPPED : answer(exchange);
  const open = async (
    port: number | undefined,
    channel: string,
    answer: (exchange: Exchange) => Reply | Promise<Reply>,
  ) => `http://127.0.0.1:${(await start(port, unlessDown(channel, answer))).port}`;
  const officialAccount = { world, books: books.officialAccount };
  return {
    dingtalk: await open(ports.dingtalk, 'dingtalk', (exchange) =>
      answerDingtalk(world, books.dingtalk, exchange),
    ),
    wecom: await open(ports.wecom, 'wecom', (exchange) =>
      answerWecom(world, books.wecom, exchange),
    ),
    officialAccount: await open(ports.officialAccount, 'official_account', (exchange) =>
      answerOfficialAccount(officialAccount, exchange),
    ),
    webhookTarget: await open(ports.webhookTarget, 'webhook_target', (exchange) =>
      answerWebhookTarget(world, books.webhookTarget, exchange),
    ),
  };
}

/** Plans again what waited when the former run ended. */
function takeUp(world: World, books: AllBooks): void {
  world.callbacks.resume();
  for (const order of books.wechat.ordersByState('ACCEPT')) {
    planSettlement(world, books.wechat, order);
  }
  for (const refund of books.wechat.refundsByState('PROCESSING')) {
    planRefund(world, books.wechat, refund);
  }
  for (const trade of books.alipay.tradesByStatus('WAIT_BUYER_PAY')) {
    planCompletion(world, books.alipay, trade);
  }
  for (const order of books.unionpay.ordersByState('processing')) {
    planProcessing(world, books.unionpay, order);
  }
  for (const message of books.sms.messages.values()) {
    if (message.status === 'waiting') planReport(world, books.sms, message);
  }
  for (const mail of books.smtp.mails.values()) {
    if (mail.status === 'waiting') planMailReport(world, books.smtp, mail);
  }
  for (const message of books.officialAccount.messages.values()) {
    if (message.status === 'waiting') planEvent(world, books.officialAccount, message);
  }
}
