import { businessDate, isBefore } from '../calendar/business-time.ts';
import { isDateBefore } from '../calendar/periods.ts';
import type { CustomerKind, Locale } from '../customer/customer.ts';
import { type Currency, money } from '../money/money.ts';
import { formatRatio, ratio } from '../money/ratio.ts';
import { formatMoney } from '../money/text.ts';
import type { JsonObject, Policy, PolicyRefusal } from '../policy/policy.ts';
import { PolicyReader } from '../policy/reader.ts';
import { ok, type Refusal, type Result, refuse } from '../result/result.ts';
import type { EarlyTermination } from '../subscription/subscription.ts';

const PAYERS = ['person', 'organisation'] as const satisfies CustomerKind[];

/** The most that contracts may ask of whoever leaves before their end (违约金). */
export type TerminationPolicy = {
  /** Of what the remaining term would have cost; 10,000 is all of it. */
  readonly shareBasisPoints: bigint;
  /** The most of a fixed amount; a currency that is not named allows none. */
  readonly fixed: Readonly<Partial<Record<Currency, bigint>>>;
  readonly customers: readonly (typeof PAYERS)[number][];
  /** Contracts that are signed on this date or later; never one signed before the publication. */
  readonly from: Temporal.PlainDate;
};

/**
 * The ceiling of a share unless a document for organisations gives its reason. A cautious default
 * of ours and no law: a court lowers what is excessively above the loss (Civil Code art. 585).
 */
export const TERMINATION_DEFAULT_CEILING = 3_000n;

/**
 * Reads the document of a termination rule. Refused: neither share nor amount, a share above its
 * ceiling, a start before `today`. `today` is absent where a published document is read again.
 */
export function readTerminationPolicy(
  body: JsonObject,
  { today }: { readonly today?: Temporal.PlainDate } = {},
): Result<TerminationPolicy, PolicyRefusal> {
  const reader = new PolicyReader(body, { path: '' });
  const share = reader.whole('share_of_remaining', { least: 0, most: 10_000, otherwise: 0 });
  const fixed = Object.fromEntries(
    reader.amounts('fixed').map(({ currency, minor }) => [currency, minor]),
  );
  const customers = reader.words('customers', PAYERS);
  const from = readDate(reader, 'from');
  const reason = reader.has('above_default_because') ? reader.text('above_default_because') : '';
  reader.refuseUnread();
  const policy: TerminationPolicy = { shareBasisPoints: BigInt(share), fixed, customers, from };
  if (share === 0 && Object.keys(fixed).length === 0) reader.refuse(NOTHING_DECLARED);
  if (customers.length === 0) reader.refuse(NOBODY);
  const isUsual = policy.shareBasisPoints <= TERMINATION_DEFAULT_CEILING;
  const isAgreed = reason !== '' && !customers.includes('person');
  if (!isUsual && !isAgreed) reader.refuse(ABOVE_CEILING);
  if (today !== undefined && isDateBefore(from, today)) reader.refuse(RETROACTIVE);
  return reader.found === undefined ? ok(policy) : refuse(reader.found);
}

/**
 * Whether a contract may have this early-termination rule under the policy that holds when it is
 * signed; the field is named as in a request.
 */
export function refusalOfTermination(
  rule: EarlyTermination,
  policy: TerminationPolicy,
): Refusal | undefined {
  if (rule.type === 'free') return undefined;
  if (rule.type === 'share_of_remaining') {
    const isWithin = rule.basisPoints <= policy.shareBasisPoints;
    return isWithin ? undefined : beyond('basis_points');
  }
  const most = policy.fixed[rule.amount.currency];
  return most !== undefined && rule.amount.minor <= most ? undefined : beyond('amount');
}

/** The policy that holds for what a customer signs at an instant: the one published last. */
export function terminationPolicyFor(
  policies: readonly Policy[],
  signed: { readonly at: Temporal.Instant; readonly by: CustomerKind; readonly zone: string },
): TerminationPolicy | undefined {
  const on = businessDate(signed.at, signed.zone);
  const newest = new Map(
    policies
      .filter(({ kind }) => kind === 'termination_fee')
      .filter(({ publishedAt }) => !isBefore(signed.at, publishedAt))
      .toSorted((left, right) => Temporal.Instant.compare(left.publishedAt, right.publishedAt))
      .map((policy) => [policy.code, policy]),
  );
  return [...newest.values()]
    .toSorted((left, right) => Temporal.Instant.compare(left.publishedAt, right.publishedAt))
    .flatMap(({ body }) => {
      const read = readTerminationPolicy(body);
      return read.ok ? [read.value] : [];
    })
    .filter(({ customers }) => customers.some((kind) => kind === signed.by))
    .filter(({ from }) => !isDateBefore(on, from))
    .at(-1);
}

/** The rule in one plain sentence. */
export function terminationWords(
  { shareBasisPoints, fixed }: TerminationPolicy,
  locale: Locale,
): string {
  const share = `${formatRatio(ratio(shareBasisPoints, 100n))}%`;
  const amounts = Object.entries(fixed)
    .map(([currency, minor]) => formatMoney(money(minor, currency as Currency)))
    .join(locale === 'zh-CN' ? '、' : ', ');
  const parts =
    locale === 'zh-CN'
      ? [
          ...(shareBasisPoints === 0n ? [] : [`不超过剩余合同期费用的 ${share}`]),
          ...(amounts === '' ? [] : [`固定金额不超过 ${amounts}`]),
        ]
      : [
          ...(shareBasisPoints === 0n
            ? []
            : [`at most ${share} of what the remaining term would have cost`]),
          ...(amounts === '' ? [] : [`a fixed amount of at most ${amounts}`]),
        ];
  return locale === 'zh-CN'
    ? `提前终止合同的违约金：${parts.join('，或')}`
    : `Leaving before the end of the contract costs ${parts.join(', or ')}`;
}

function beyond(part: 'amount' | 'basis_points'): Refusal {
  return {
    code: 'termination_above_policy',
    sentence: 'The contract asks for more on leaving early than the published rule allows.',
    next: 'Lower it, or publish another rule first; it holds for contracts signed afterwards.',
    field: `contract.early_termination.${part}`,
  };
}

function readDate(reader: PolicyReader, field: string): Temporal.PlainDate {
  const text = reader.text(field);
  try {
    return Temporal.PlainDate.from(text, { overflow: 'reject' });
  } catch {
    reader.refuse({
      code: 'date_not_valid',
      sentence: 'The field is not a date.',
      next: 'Write it as 2026-12-01.',
      field,
    });
    return Temporal.PlainDate.from('1970-01-01');
  }
}

const NOTHING_DECLARED: PolicyRefusal = {
  code: 'termination_missing',
  sentence: 'The policy allows neither a share nor an amount.',
  next: 'Give `share_of_remaining` in basis points, `fixed` amounts by currency, or both.',
  field: 'share_of_remaining',
};

const NOBODY: PolicyRefusal = {
  code: 'customers_missing',
  sentence: 'The policy does not say whom it applies to.',
  next: 'Give `customers` as ["organisation"], ["person"] or both.',
  field: 'customers',
};

const ABOVE_CEILING: PolicyRefusal = {
  code: 'termination_above_ceiling',
  sentence: 'The share is above the default of 30 % of the remaining term.',
  next: 'Lower it, or name organisations only and say in `above_default_because` what was agreed.',
  field: 'share_of_remaining',
};

const RETROACTIVE: PolicyRefusal = {
  code: 'termination_retroactive',
  sentence: 'The policy would begin before its publication.',
  next: 'Give today or a later date as `from`.',
  field: 'from',
};
