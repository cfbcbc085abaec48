import { answerThroughFaults } from '../faults.ts';
import { type Exchange, jsonReply, type Reply } from '../http.ts';
import type { World } from '../world.ts';
import { type Answer, answer, querySendDetails, type SmsBooks, sendSms } from './messages.ts';
import { parseAuthorization, sha256Hex, signAcs3 } from './signature.ts';

/** A signed request is valid for fifteen minutes (rails.md §5.4). */
const VALID_MS = 15 * 60_000;
const VERSION = '2017-05-25';

/** What the request handlers of the short-message service need. */
export interface SmsService {
  readonly world: World;
  readonly books: SmsBooks;
  /** Nonces of the last fifteen minutes by their time: a signed request is good for one use. */
  readonly nonces: Map<string, number>;
}

/** Answers one request to the short-message service. */
export function answerSms(service: SmsService, exchange: Exchange): Promise<Reply> {
  const form = readForm(exchange);
  const action = exchange.headers['x-acs-action'] ?? form['Action'] ?? '';
  const occasion = { rail: 'sms', operations: [action], orderNumber: form['OutId'] } as const;
  return answerThroughFaults(service.world.faults, occasion, {
    act: () => carryOut(service, { exchange, form, action }),
    forge: (reply) => reply,
  });
}

function carryOut(
  service: SmsService,
  request: {
    readonly exchange: Exchange;
    readonly form: Readonly<Record<string, string>>;
    readonly action: string;
  },
): Reply {
  const { world, books } = service;
  const { exchange, form, action } = request;
  const problem = findProblem(service, exchange);
  if (problem !== undefined) return jsonReply(problem.status, problem.answer);
  if (action === 'SendSms') return jsonReply(200, sendSms(world, books, form));
  if (action === 'QuerySendDetails') return jsonReply(200, querySendDetails(books, form));
  return jsonReply(404, answer('InvalidAction.NotFound', 'Specified api is not found.'));
}

/** RPC parameters may be in the query or in a form body. */
function readForm(exchange: Exchange): Readonly<Record<string, string>> {
  const isForm = (exchange.headers['content-type'] ?? '').includes('x-www-form-urlencoded');
  const body = isForm ? new URLSearchParams(exchange.body.toString('utf8')) : [];
  return { ...Object.fromEntries(exchange.query), ...Object.fromEntries(body) };
}

interface Problem {
  readonly status: number;
  readonly answer: Answer;
}

function problemOf(status: number, code: string, message: string): Problem {
  return { status, answer: answer(code, message) };
}

function findProblem(service: SmsService, exchange: Exchange): Problem | undefined {
  const { accessKeyId, accessKeySecret } = service.world.credentials.sms;
  const { headers, method, path, query, body } = exchange;
  const given = parseAuthorization(headers['authorization']);
  if (given === undefined) {
    return problemOf(400, 'MissingAuthorization', 'Authorization is mandatory.');
  }
  if (given.accessKeyId !== accessKeyId) {
    return problemOf(404, 'InvalidAccessKeyId.NotFound', 'Specified access key is not found.');
  }
  if (headers['x-acs-version'] !== VERSION) {
    return problemOf(400, 'InvalidVersion', 'Specified parameter Version is not valid.');
  }
  const signedAt = Date.parse(headers['x-acs-date'] ?? '');
  if (!(Math.abs(Date.now() - signedAt) <= VALID_MS)) {
    return problemOf(400, 'InvalidTimeStamp.Expired', 'Specified time stamp is expired.');
  }
  const bodySha256 = sha256Hex(body);
  const expected = signAcs3(
    { method, path, query, headers, bodySha256 },
    given.signedHeaders,
    accessKeySecret,
  );
  const covered = coversEnough(headers, given.signedHeaders);
  if (!covered || headers['x-acs-content-sha256'] !== bodySha256 || expected !== given.signature) {
    return problemOf(400, 'SignatureDoesNotMatch', 'Specified signature does not match.');
  }
  return useNonce(service, headers['x-acs-signature-nonce'] ?? '');
}

/** The host, the content type and every `x-acs-*` header must be signed. */
function coversEnough(
  headers: Readonly<Record<string, string | undefined>>,
  signed: readonly string[],
): boolean {
  const needed = Object.keys(headers).filter(
    (name) => name === 'host' || name === 'content-type' || name.startsWith('x-acs-'),
  );
  return needed.every((name) => signed.includes(name));
}

function useNonce(service: SmsService, nonce: string): Problem | undefined {
  const now = Date.now();
  for (const [old, usedAt] of service.nonces) {
    if (now - usedAt < 2 * VALID_MS) break;
    service.nonces.delete(old);
  }
  if (nonce === '' || service.nonces.has(nonce)) {
    return problemOf(400, 'SignatureNonceUsed', 'Specified signature nonce was used already.');
  }
  service.nonces.set(nonce, now);
  return undefined;
}
