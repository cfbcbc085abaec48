import type {
  ArrearsCauseKind,
  EvidenceKey,
  FixAction,
  FixOwner,
  Prevention,
  PreventionReason,
  Remedy,
} from './cause.ts';

/** What the sentence of a piece of evidence is made of; `on` is its day, or empty. */
export type EvidenceFacts = Readonly<Record<string, string>> & { readonly on: string };

/** The words of one language. Every text that a cause can have is one of these. */
export type CauseWords = {
  readonly causes: Readonly<Record<ArrearsCauseKind, string>>;
  /** The one line: the primary cause, the others with their shares. */
  readonly line: (primary: string, others: string) => string;
  readonly share: (cause: string, percent: string) => string;
  readonly between: string;
  readonly evidence: Readonly<Record<EvidenceKey, (facts: EvidenceFacts) => string>>;
  readonly remedies: Readonly<Record<Remedy, string>>;
  readonly results: Readonly<Record<Prevention, string>>;
  readonly reasons: Readonly<Record<PreventionReason, string>>;
  readonly counterfactual: (remedy: string, result: string, reason: string) => string;
  readonly fixes: Readonly<Record<FixAction, string>>;
  readonly owners: Readonly<Record<FixOwner, string>>;
  readonly fix: (action: string, owner: string) => string;
};
