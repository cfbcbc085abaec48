import type { ArrearsFinding, CauseFinding, Evidence, FoundCause } from '@daikou/core';
import { fromInstant, given, toInstant } from '../columns.ts';

/** A finding as JSON keeps it: shares as texts of whole numbers, instants as RFC 3339. */
type EvidenceJson = Omit<Evidence, 'at'> & { readonly at?: string };
type CauseJson = Omit<FoundCause, 'share' | 'evidence'> & {
  readonly share: string;
  readonly evidence: readonly EvidenceJson[];
};
export type FindingJson = Pick<CauseFinding, 'counterfactuals' | 'fix'> & {
  readonly causes: readonly CauseJson[];
};

export function toFindingJson({ causes, counterfactuals, fix }: CauseFinding): FindingJson {
  return {
    causes: causes.map(({ cause, share, evidence }) => ({
      cause,
      share: share.toString(),
      evidence: evidence.map(({ at, ...rest }) => ({
        ...rest,
        ...(at === undefined ? {} : { at: toInstant(at) }),
      })),
    })),
    counterfactuals,
    fix,
  };
}

/** The document was written by `toFindingJson`, so it is read as that. */
export function fromFindingJson(
  json: unknown,
  row: Pick<ArrearsFinding, 'ruleSet'> & { readonly primary: CauseFinding['primary'] },
): CauseFinding {
  const { causes, counterfactuals, fix } = json as FindingJson;
  return {
    ...row,
    causes: causes.map(({ share, evidence, ...rest }) => ({
      ...rest,
      share: BigInt(share),
      evidence: evidence.map(({ at, ...other }) => ({
        ...other,
        ...given('at', at ?? null, fromInstant),
      })),
    })),
    counterfactuals,
    fix,
  };
}
