import { toProofWire } from '@daikou/api';
import type { ProofLine } from '@daikou/engine';
import { csvLine } from './csv.ts';

const HEADER = [
  'notice',
  'purpose',
  'debit_or_subject',
  'collect_date',
  'amount',
  'channel',
  'sent_to',
  'state',
  'sent_at',
  'delivered_at',
  'provider_reference',
  'failure_code',
  'template',
  'text_sha256',
  'subject',
  'text',
  'words_match',
  'link',
];

/** The proof of what a customer was told as a table: the same lines and links as in JSON. */
export function proofCsv(lines: readonly ProofLine[]): string {
  const rows = lines.map((line) => {
    const { notice, sent_to: sentTo, words, words_match: wordsMatch } = toProofWire(line);
    const template = [notice.template_key, notice.template_version].filter(Boolean).join(' ');
    return csvLine([
      notice.id,
      notice.purpose,
      notice.debit_id ?? notice.subject_id ?? '',
      notice.collect_date ?? '',
      line.notice.amount,
      notice.channel,
      sentTo ?? '',
      notice.state,
      notice.sent_at ?? '',
      notice.delivered_at ?? '',
      notice.provider_reference ?? '',
      notice.failure_code ?? '',
      template,
      notice.text_hash ?? '',
      words?.subject ?? '',
      words?.text ?? '',
      wordsMatch === null ? '' : String(wordsMatch),
      line.link,
    ]);
  });
  return [csvLine(HEADER), ...rows].join('');
}
