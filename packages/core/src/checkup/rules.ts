import type { JsonObject, PolicyRefusal } from '../policy/policy.ts';
import { PolicyReader } from '../policy/reader.ts';
import { ok, type Result, refuse } from '../result/result.ts';
import { FINDING_CODES, type FindingCode } from './finding.ts';

/** What a merchant decided about checks before a debit. */
export type CheckupRules = {
  /** 0: the defaults; else the version of the published policy. */
  readonly version: number;
  /** Findings that hold the debit until they are cured or accepted. */
  readonly blocks: readonly FindingCode[];
  /** Findings that nobody wants to hear of. */
  readonly off: readonly FindingCode[];
  /** Days after the debit in which the end of a card is told already. */
  readonly expiringDays: number;
  /** Whole billing periods without any use before a service counts as unused. */
  readonly unusedPeriods: number;
  /** Whether the payer gets a message about what it can mend. */
  readonly tellsPayer: boolean;
  /** Whether customers get the monthly self-audit. */
  readonly auditsMonthly: boolean;
};

/**
 * What cannot be debited anyway, and what is beyond the contract, blocks. An amount unlike the
 * history is held by the amount guard at the debit itself, so here it only warns.
 */
export const DEFAULT_CHECKUP_RULES: CheckupRules = {
  version: 0,
  blocks: ['method_dead', 'cap_below_amount', 'amount_unlike_contract'],
  off: [],
  expiringDays: 30,
  unusedPeriods: 2,
  tellsPayer: true,
  auditsMonthly: true,
};

/** Findings that say how things are; there is nothing to hold a debit for. */
const NEVER_BLOCK: readonly FindingCode[] = ['trial_converting', 'method_expiring'];

/** Reads the document of a policy of the kind `checkup`; what is left out stays as the default. */
export function readCheckupRules(
  body: JsonObject,
  version = 1,
): Result<CheckupRules, PolicyRefusal> {
  const reader = new PolicyReader(body, { path: '' });
  const usual = DEFAULT_CHECKUP_RULES;
  const rules: CheckupRules = {
    version,
    blocks: reader.words('blocks', FINDING_CODES, usual.blocks),
    off: reader.words('off', FINDING_CODES, usual.off),
    expiringDays: reader.whole('expiring_days', {
      least: 0,
      most: 366,
      otherwise: usual.expiringDays,
    }),
    unusedPeriods: reader.whole('unused_periods', {
      least: 1,
      most: 24,
      otherwise: usual.unusedPeriods,
    }),
    tellsPayer: reader.flag('tells_payer', usual.tellsPayer),
    auditsMonthly: reader.flag('self_audit', usual.auditsMonthly),
  };
  reader.refuseUnread();
  const idle = rules.blocks.find((code) => NEVER_BLOCK.includes(code));
  if (idle !== undefined) {
    reader.refuse({
      code: 'finding_cannot_block',
      sentence: `The finding “${idle}” says what will happen; it gives no reason to hold a debit.`,
      next: 'Take it out of “blocks”.',
      field: 'blocks',
    });
  }
  const both = rules.blocks.find((code) => rules.off.includes(code));
  if (both !== undefined) {
    reader.refuse({
      code: 'finding_off_and_blocking',
      sentence: `The finding “${both}” is switched off and is to block.`,
      next: 'Name it in “off” or in “blocks”, not in both.',
      field: 'off',
    });
  }
  return reader.found === undefined ? ok(rules) : refuse(reader.found);
}
