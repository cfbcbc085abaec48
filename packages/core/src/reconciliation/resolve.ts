import { type BreakTemplate, breakEntries, postBreak } from '../ledger/break-templates.ts';
import type { Chart } from '../ledger/chart.ts';
import type { Entry, Journal } from '../ledger/journal.ts';
import { invariant, present } from '../result/invariant.ts';
import { ok, type Result, refuse } from '../result/result.ts';
import {
  type Break,
  type BreakEvidence,
  type BreakState,
  movesClearing,
  type Resolution,
} from './break.ts';
import { type BreakStep, type StepContext, unpark } from './pool.ts';
import { type ReconciliationRefusal, reconciliationRefusal } from './refusals.ts';

/** The ends that a person may choose. What the files end, they end by themselves. */
export type PersonalEnd = Exclude<Resolution, 'matched_later' | 'superseded'>;

export type ResolveCommand = {
  readonly how: PersonalEnd;
  readonly by: string;
  readonly evidence?: BreakEvidence;
  /** Who approved a write-off: somebody else. */
  readonly approvedBy?: string;
  readonly note?: string;
};

/** What each end wants, and what it writes. */
const ENDS: Record<
  PersonalEnd,
  {
    /** `parked`: only where money is parked; `unparked`: only where none is. */
    readonly of: 'parked' | 'unparked' | 'fee';
    readonly evidence: readonly BreakEvidence['kind'][];
  }
> = {
  booked: { of: 'parked', evidence: ['journal', 'payment'] },
  reversed: { of: 'parked', evidence: ['journal'] },
  write_off: { of: 'parked', evidence: ['approval'] },
  claim_fee: { of: 'fee', evidence: ['note'] },
  accepted: { of: 'unparked', evidence: ['note', 'journal', 'payment', 'approval'] },
};

/** The ends that a person may give to this break now. */
export function endsOf(found: Break): readonly PersonalEnd[] {
  if (found.state !== 'open') return [];
  return (Object.keys(ENDS) as PersonalEnd[]).filter((how) => isAllowed(found, how));
}

function isAllowed(found: Break, how: PersonalEnd): boolean {
  const { of } = ENDS[how];
  if (of === 'fee') return found.class === 'fee_mismatch';
  return (found.parkedBy !== undefined) === (of === 'parked');
}

/**
 * Ends a break by a person's command, with its posting: `booked` and `reversed` take the parked
 * amount back, as another journal booked it where it belongs; `write_off` makes it a gain or a
 * loss and wants a second person; `claim_fee` makes the rail our debtor; `accepted` posts nothing
 * and is for differences that no money hangs on. Refuses without evidence: nothing just disappears.
 */
export function decideResolve(
  found: Break,
  command: ResolveCommand,
  context: StepContext,
): Result<BreakStep, ReconciliationRefusal> {
  const refusal = stateRefusal(found.state) ?? commandRefusal(found, command);
  if (refusal !== undefined) return refuse(refusal);
  const evidence = present(evidenceOf(command), 'the evidence of an end');
  const ended: Break = {
    ...found,
    state: 'resolved',
    suggestedAction: 'none',
    end: { at: context.now, by: command.by.trim(), how: command.how, evidence },
    ...(command.note === undefined ? {} : { note: command.note }),
  };
  return ok({ found: ended, journals: journalsOf(found, command.how, context) });
}

function stateRefusal(state: BreakState): ReconciliationRefusal | undefined {
  if (state === 'resolved') return reconciliationRefusal('break_is_resolved');
  if (state === 'pooled') return reconciliationRefusal('break_is_pooled');
  return undefined;
}

function commandRefusal(found: Break, command: ResolveCommand): ReconciliationRefusal | undefined {
  const { how, by, approvedBy } = command;
  if (by.trim() === '') return reconciliationRefusal('break_owner_missing', { field: 'by' });
  if (!isAllowed(found, how)) {
    const allowed = endsOf(found).join(', ');
    const because = `It can end as: ${allowed}.`;
    return reconciliationRefusal('resolution_not_for_class', { because, field: 'how' });
  }
  if (how === 'write_off' && (approvedBy ?? '').trim() === by.trim()) {
    return reconciliationRefusal('resolution_needs_second_person', { field: 'approved_by' });
  }
  const evidence = evidenceOf(command);
  if (evidence === undefined || !ENDS[how].evidence.includes(evidence.kind)) {
    const because = `Wanted: ${ENDS[how].evidence.join(' or ')}.`;
    return reconciliationRefusal('resolution_needs_evidence', { because, field: 'evidence' });
  }
  return undefined;
}

/** An approval proves a write-off, and a note what hangs on no money, without another number. */
function evidenceOf(command: ResolveCommand): BreakEvidence | undefined {
  const { evidence, how } = command;
  if (evidence !== undefined) return evidence.reference.trim() === '' ? undefined : evidence;
  const approvedBy = command.approvedBy?.trim() ?? '';
  if (how === 'write_off' && approvedBy !== '') return { kind: 'approval', reference: approvedBy };
  const note = command.note?.trim() ?? '';
  if (note === '' || (how !== 'accepted' && how !== 'claim_fee')) return undefined;
  return { kind: 'note', reference: note };
}

function journalsOf(found: Break, how: PersonalEnd, context: StepContext) {
  if (how === 'booked' || how === 'reversed') return unpark(found, context);
  if (how === 'accepted') return [];
  const journal = postBreak(how === 'write_off' ? 'writtenOff' : 'feeClaimed', {
    id: context.newJournalId(),
    merchantId: found.merchantId,
    breakId: found.id,
    rail: found.rail,
    difference: present(found.difference, 'the difference of a break that is posted'),
    businessDate: context.today,
    postedAt: context.now,
    ...(context.chart && { chart: context.chart }),
  });
  return [journal];
}

/**
 * Takes a claim back that the rail has met by issuing its bill again with another fee: the bill's
 * own posting changes the fee, so the claim would count it a second time. Once for each claim.
 */
export function takeClaimBack(claimed: Break, context: StepContext): Journal {
  const { end } = claimed;
  invariant(end?.how === 'claim_fee', 'only a claim is taken back');
  return postBreak('feeUnclaimed', {
    id: context.newJournalId(),
    merchantId: claimed.merchantId,
    breakId: claimed.id,
    rail: claimed.rail,
    difference: present(claimed.difference, 'the difference of a claim'),
    businessDate: context.today,
    postedAt: context.now,
    ...(context.chart && { chart: context.chart }),
  });
}

/** Gives a break that is not resolved to a role or a person. */
export function decideAssign(
  found: Break,
  command: { readonly owner: string; readonly note?: string },
): Result<Break, ReconciliationRefusal> {
  const owner = command.owner.trim();
  if (found.state === 'resolved') return refuse(reconciliationRefusal('break_is_resolved'));
  if (owner === '') return refuse(reconciliationRefusal('break_owner_missing', { field: 'owner' }));
  const { note } = command;
  return ok({ ...found, owner, ...(note === undefined ? {} : { note }) });
}

/** What would be posted, as data: the template and its entries. */
export type ProposedPosting = {
  readonly template: BreakTemplate;
  readonly entries: readonly Entry[];
};

/**
 * The posting that the present state of a break suggests: parking for what waits in the pool, the
 * write-off that would end what is parked, the claim of a fee; undefined where no money hangs on
 * it.
 */
export function proposePosting(found: Break, chart?: Chart): ProposedPosting | undefined {
  const { difference, rail } = found;
  if (found.state === 'resolved' || difference === undefined || difference.minor === 0n) {
    return undefined;
  }
  const template = proposedTemplate(found);
  return {
    template,
    entries: breakEntries(template, { rail, difference, ...(chart && { chart }) }),
  };
}

function proposedTemplate(found: Break): BreakTemplate {
  if (!movesClearing(found)) return 'feeClaimed';
  return found.state === 'pooled' ? 'parked' : 'writtenOff';
}
