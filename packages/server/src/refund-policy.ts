import { type Currency, DEFAULT_REFUND_POLICY, isCurrency, type RefundPolicy } from '@daikou/core';

/** How `config.json` writes a merchant's refund policy; amounts in the smallest unit. */
export type RefundPolicySettings = {
  /** By currency: refunds above it want a second person. */
  readonly approveAbove?: Readonly<Record<string, number>>;
  readonly approvalHours?: number;
  readonly lateSuccess?: 'refund' | 'credit';
  readonly processing?: {
    readonly basisPoints: number;
    readonly fixed: number;
    readonly cap: number;
  };
};

/**
 * The policy that the settings say, with the defaults for what they leave out. Throws one sentence
 * where a value cannot be: a limit that is read wrongly lets money go without a second person.
 */
export function readRefundPolicy(settings: RefundPolicySettings): RefundPolicy {
  const { approveAbove, approvalHours, lateSuccess, processing } = settings;
  if (lateSuccess !== undefined && lateSuccess !== 'refund' && lateSuccess !== 'credit') {
    throw new Error('config.json: refunds.lateSuccess is “refund” or “credit”.');
  }
  return {
    approveAbove:
      approveAbove === undefined ? DEFAULT_REFUND_POLICY.approveAbove : readLimits(approveAbove),
    approvalHours: readWhole(approvalHours ?? DEFAULT_REFUND_POLICY.approvalHours, 'approvalHours'),
    lateSuccess: lateSuccess ?? DEFAULT_REFUND_POLICY.lateSuccess,
    ...(processing === undefined
      ? {}
      : {
          processing: {
            basisPoints: BigInt(readWhole(processing.basisPoints, 'processing.basisPoints')),
            fixedMinor: BigInt(readWhole(processing.fixed, 'processing.fixed')),
            capMinor: BigInt(readWhole(processing.cap, 'processing.cap')),
          },
        }),
  };
}

function readLimits(limits: Readonly<Record<string, number>>): RefundPolicy['approveAbove'] {
  const entries = Object.entries(limits).map(([currency, limit]): [Currency, bigint] => {
    if (!isCurrency(currency)) {
      throw new Error(
        `config.json: refunds.approveAbove names “${currency}”, no currency of ours.`,
      );
    }
    return [currency, BigInt(readWhole(limit, `approveAbove.${currency}`))];
  });
  return Object.fromEntries(entries);
}

function readWhole(value: number, name: string): number {
  if (Number.isSafeInteger(value) && value >= 0) return value;
  throw new Error(`config.json: refunds.${name} is a whole number of zero or more.`);
}
