import {
  type JsonObject,
  type PolicyKind,
  type PolicyRefusal,
  type Result,
  readArrearsPolicy,
  readCampaign,
  readCheckupRules,
  readLateFeePolicy,
  readNoticeRules,
  readTerminationPolicy,
  type Tx,
} from '@daikou/core';
import { previewArrears } from '../arrears-preview.ts';
import { previewCampaign } from '../campaign-preview.ts';
import type { Job } from '../job.ts';
import { previewLateFee, previewTermination } from '../late-fee-preview.ts';

/** How the documents of one kind are read, and what a dry run can say about one. */
export type PolicyKindReader = {
  /** Refuses what the kind cannot mean; the value is the concept's own. `today`: of publishing. */
  readonly read: (
    body: JsonObject,
    at: { readonly today: Temporal.PlainDate },
  ) => Result<unknown, PolicyRefusal>;
  /** What the document would do to this merchant, as figures and sentences. */
  readonly preview?: (tx: Tx, job: Job, body: JsonObject) => Promise<JsonObject>;
};

/** One line for each kind. */
export const POLICY_READERS: Readonly<Partial<Record<PolicyKind, PolicyKindReader>>> = {
  notice_rules: { read: readNoticeRules },
  campaign: { read: (body) => readCampaign(body), preview: previewCampaign },
  arrears: { read: readArrearsPolicy, preview: previewArrears },
  termination_fee: {
    read: (body, at) => readTerminationPolicy(body, at),
    preview: async (_tx, _job, body) => previewTermination(body),
  },
  late_fee: { read: (body, at) => readLateFeePolicy(body, at), preview: previewLateFee },
  checkup: { read: (body) => readCheckupRules(body) },
};
