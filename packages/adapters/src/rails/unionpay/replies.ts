import { utf8Of } from '../callback.ts';
import { toDetail } from '../rail-text.ts';
import { quietWords } from './card-data.ts';
import type { HttpReply } from './client.ts';
import type { UnionpaySettings } from './config.ts';
import { type Fields, fieldOf, parseReplyText } from './fields.ts';
import { isSignedBy } from './signature.ts';

/** A reply that may be believed, or the reason why it says nothing. */
export type SignedReply =
  | {
      readonly kind: 'signed';
      readonly code: string;
      readonly message: string;
      readonly fields: Fields;
    }
  | { readonly kind: 'unknown'; readonly detail: string; readonly neverSent: boolean };

function saysNothing(detail: string): SignedReply {
  return { kind: 'unknown', detail: toDetail(detail), neverSent: false };
}

/** The fields of a request that its reply repeats. */
const REPEATED = ['merId', 'orderId', 'txnTime', 'txnType', 'settleDate'] as const;

/**
 * Reads a reply in order: HTTP status, text, signature by a certificate of UnionPay, then whether
 * it is about what was asked. A field that it leaves out proves nothing; one that differs makes the
 * whole reply worthless.
 */
export function readReply(
  settings: UnionpaySettings,
  asked: Fields,
  reply: HttpReply,
): SignedReply {
  if (reply.kind === 'failure') return { ...reply, kind: 'unknown' };
  if (reply.status !== 200) return saysNothing(`HTTP ${reply.status}`);
  const text = utf8Of(reply.body);
  const fields = text === undefined ? undefined : parseReplyText(text.trim());
  if (fields === undefined) return saysNothing('the reply is no list of fields');
  const problem = problemOfSignature(settings, fields);
  if (problem !== undefined) return saysNothing(problem);
  const other = REPEATED.find(
    (name) =>
      fields[name] !== undefined && asked[name] !== undefined && fields[name] !== asked[name],
  );
  if (other !== undefined) return saysNothing(`the reply names another ${other}`);
  const code = fieldOf(fields, 'respCode');
  if (code === undefined) return saysNothing('the reply has no respCode');
  const message = toDetail(quietWords(fieldOf(fields, 'respMsg')));
  return { kind: 'signed', code, message, fields };
}

/** Why fields are not UnionPay's, or undefined when they are. */
export function problemOfSignature(
  settings: Pick<UnionpaySettings, 'judgeSigner' | 'now'>,
  fields: Fields,
): string | undefined {
  const pem = fieldOf(fields, 'signPubKeyCert');
  if (fields['version'] !== '5.1.0' || fields['signMethod'] !== '01' || pem === undefined) {
    return 'another version or signature';
  }
  const verdict = settings.judgeSigner(pem, settings.now());
  if (verdict.kind === 'refused') return `the certificate is refused: ${verdict.reason}`;
  return isSignedBy(fields, verdict.certificate.publicKey) ? undefined : 'the signature is wrong';
}
