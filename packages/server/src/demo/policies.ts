import { type JsonObject, type PolicyKind, present } from '@daikou/core';
import { type Job, publishPolicy } from '@daikou/engine';

/**
 * What the demo's merchant decided: its month ends two days after the debits, so it chases nobody
 * before the third day and sends no monthly self-audit. The defaults of the product do both.
 */
const POLICIES: readonly { readonly kind: PolicyKind; readonly body: JsonObject }[] = [
  { kind: 'checkup', body: { self_audit: false } },
  {
    kind: 'campaign',
    body: {
      thresholds: { CNY: 100 },
      steps: [
        { day: 3, do: 'message', tone: 'friendly' },
        { day: 7, do: 'pay_link' },
        { day: 14, do: 'message', tone: 'last' },
        { day: 20, do: 'call_task' },
      ],
      end: { max_days: 30, max_tries: 4 },
    },
  },
];

/** Publishes the demo's policies; a run that is taken up again finds them and changes nothing. */
export async function publishDemoPolicies(job: Job): Promise<void> {
  for (const { kind, body } of POLICIES) {
    const wanted = { kind, body, code: 'default', by: 'demo' };
    const published = await publishPolicy(job, wanted, { dryRun: false });
    present(published.ok ? published.value : undefined, 'a policy of the demo is taken');
  }
}
