import type { IdSource } from '../ids/source.ts';
import type { NewEvent } from '../result/event.ts';
import { ok, type Refusal, type Result, refuse } from '../result/result.ts';
import type { CheckupFinding } from './checkup.ts';
import { checkupEvent } from './events.ts';
import { type KnownCheckup, verdictOf } from './look.ts';
import { checkupRefusal } from './refusals.ts';

/** Characters of a name and of a reason, at most. */
const PERSON_MAX_LENGTH = 80;
const REMARK_MAX_LENGTH = 500;

export type Acceptance = { readonly by: string; readonly remark?: string };

export type AcceptDecision = KnownCheckup & {
  readonly finding: CheckupFinding;
  readonly events: readonly NewEvent[];
};

/**
 * A person takes a finding as it is; who did is kept. It holds nothing any more while it says the
 * same. Accepting it twice by the same person answers the same and changes nothing.
 */
export function decideAccept(
  known: KnownCheckup & { readonly finding: CheckupFinding },
  acceptance: Acceptance,
  context: { readonly now: Temporal.Instant; readonly ids: IdSource },
): Result<AcceptDecision, Refusal> {
  const by = acceptance.by.trim();
  const remark = acceptance.remark?.trim() ?? '';
  if (by === '' || by.length > PERSON_MAX_LENGTH) return refuse(checkupRefusal('person_missing'));
  if (remark.length > REMARK_MAX_LENGTH) return refuse(checkupRefusal('remark_too_long'));
  const { finding } = known;
  if (finding.state === 'accepted' && finding.acceptedBy === by) {
    return ok({ ...known, findings: [], events: [] });
  }
  if (finding.state !== 'open') return refuse(checkupRefusal('finding_not_open'));
  const accepted: CheckupFinding = {
    ...finding,
    state: 'accepted',
    endedAt: context.now,
    acceptedBy: by,
    ...(remark === '' ? {} : { remark }),
  };
  const all = known.findings.map((one) => (one.id === accepted.id ? accepted : one));
  const checkup = { ...known.checkup, verdict: verdictOf(all) };
  const what = { type: 'checkup.accepted', codes: finding.code, by } as const;
  const event = checkupEvent(checkup, what, context);
  return ok({ checkup, findings: [accepted], finding: accepted, events: [event] });
}
