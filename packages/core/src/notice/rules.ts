import { CONTACT_CHANNELS, type ContactChannel } from '../customer/contact.ts';
import type { CustomerKind } from '../customer/customer.ts';
import type { JsonObject, PolicyRefusal } from '../policy/policy.ts';
import { PolicyReader } from '../policy/reader.ts';
import { ok, type Result, refuse } from '../result/result.ts';
import { LEGAL_NOTICE_DAYS } from '../subscription/timetable.ts';

/** The variables that no notice before a debit may do without. */
export const LEGAL_VARIABLES = ['amount', 'collectDate', 'howToCancel'] as const;

/**
 * How a channel proves delivery: `report` and `query` are the provider's word, `read` is the
 * customer's own opening, `reply` is only that a robot took the message.
 */
export const DELIVERY_PROOFS = ['report', 'query', 'reply', 'read'] as const;
export type DeliveryProof = (typeof DELIVERY_PROOFS)[number];

/** What a merchant decided about its notices (policy kind `notice_rules`). */
export type NoticeRules = {
  /** Whole days between the delivery of a renewal's notice and its debit. */
  readonly leadDays: number;
  /** Variables that every notice before a debit names. */
  readonly mustContain: readonly string[];
  /** The hours of the customer's day in which nothing is sent; equal: none. */
  readonly quietFrom: Temporal.PlainTime;
  readonly quietUntil: Temporal.PlainTime;
  /** Seconds that a channel may take to prove a delivery before the next one is tried. */
  readonly patience: Readonly<Record<ContactChannel, number>>;
  /** Proofs that count as delivered. */
  readonly proofs: readonly DeliveryProof[];
};

const HOUR = 60 * 60;

/**
 * The rules of China where a merchant published none: five days (网络交易监督管理办法 Art. 18; its
 * amendment of 2025 names no number of days, and five stay the safe reading), quiet from 21:00 to
 * 08:00 as text messages of business are by convention.
 */
export const DEFAULT_NOTICE_RULES: NoticeRules = {
  leadDays: LEGAL_NOTICE_DAYS,
  mustContain: LEGAL_VARIABLES,
  quietFrom: Temporal.PlainTime.from('21:00'),
  quietUntil: Temporal.PlainTime.from('08:00'),
  patience: {
    mail: 24 * HOUR,
    sms: 2 * HOUR,
    official_account: HOUR,
    dingtalk: HOUR,
    wecom: HOUR,
    inbox: 24 * HOUR,
    webhook: HOUR,
  },
  proofs: DELIVERY_PROOFS,
};

/** The longest lead that a merchant may promise. */
const MOST_LEAD_DAYS = 60;
/** Minutes: nobody waits longer than a week before trying another way. */
const MOST_PATIENCE_MINUTES = 7 * 24 * 60;

/**
 * Reads the document of a merchant's rules; what it leaves out is as the default. Refuses fewer
 * days than the law, a notice without what the law wants in it, and rules under which nothing
 * counts.
 */
export function readNoticeRules(body: JsonObject): Result<NoticeRules, PolicyRefusal> {
  const reader = new PolicyReader(body, { path: '' });
  const rules: NoticeRules = {
    leadDays: readLead(reader),
    mustContain: reader.words(
      'must_contain',
      ['amount', 'collectDate', 'howToCancel', 'planName', 'merchantName', 'railName'],
      LEGAL_VARIABLES,
    ),
    quietFrom: reader.time('quiet_from', '21:00'),
    quietUntil: reader.time('quiet_until', '08:00'),
    patience: readPatience(reader),
    proofs: reader.words('proofs', DELIVERY_PROOFS, DELIVERY_PROOFS),
  };
  reader.refuseUnread();
  const missing = LEGAL_VARIABLES.find((name) => !rules.mustContain.includes(name));
  if (missing !== undefined) reader.refuse(withoutLegalVariable(missing));
  if (!rules.proofs.some((proof) => proof !== 'reply')) reader.refuse(NOTHING_COUNTS);
  return reader.found === undefined ? ok(rules) : refuse(reader.found);
}

function readLead(reader: PolicyReader): number {
  const days = reader.whole('lead_days', {
    least: 0,
    most: MOST_LEAD_DAYS,
    otherwise: LEGAL_NOTICE_DAYS,
  });
  if (days < LEGAL_NOTICE_DAYS) reader.refuse(BELOW_THE_LAW);
  return days;
}

function readPatience(reader: PolicyReader): NoticeRules['patience'] {
  const given = reader.object('patience_minutes');
  if (given === undefined) return DEFAULT_NOTICE_RULES.patience;
  const patience = CONTACT_CHANNELS.map((channel) => {
    const otherwise = minutesOf(DEFAULT_NOTICE_RULES.patience[channel]);
    const minutes = given.whole(channel, { least: 1, most: MOST_PATIENCE_MINUTES, otherwise });
    return [channel, minutes * 60] as const;
  });
  given.refuseUnread();
  return Object.fromEntries(patience) as NoticeRules['patience'];
}

function minutesOf(seconds: number): number {
  return Temporal.Duration.from({ seconds }).total('minutes');
}

const BELOW_THE_LAW: PolicyRefusal = {
  code: 'notice_below_the_law',
  sentence:
    'A renewal is announced at least five days before its debit (网络交易监督管理办法 Art. 18).',
  next: 'Promise five days or more.',
  field: 'lead_days',
};

const NOTHING_COUNTS: PolicyRefusal = {
  code: 'notice_proof_missing',
  sentence: 'A robot’s reply alone proves nothing to a consumer, so no notice would ever count.',
  next: 'Count reports, queries or reading as well.',
  field: 'proofs',
};

function withoutLegalVariable(name: string): PolicyRefusal {
  return {
    code: 'notice_below_the_law',
    sentence: `A notice before a debit names amount, date and how to stop it; not ${name} here.`,
    next: 'Leave amount, collectDate and howToCancel in the list.',
    field: 'must_contain',
  };
}

/**
 * Whether a proof of this kind counts as delivered for this customer. A group's robot says nothing
 * of a person having been told, so its reply counts for organisations only.
 */
export function countsAsDelivered(
  proof: DeliveryProof,
  kind: CustomerKind,
  rules: NoticeRules,
): boolean {
  return rules.proofs.includes(proof) && (proof !== 'reply' || kind === 'organisation');
}
