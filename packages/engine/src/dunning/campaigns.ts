import {
  type Campaign,
  type Customer,
  campaignOf,
  DEFAULT_CAMPAIGN,
  DEFAULT_CAMPAIGN_BODY,
  type JsonObject,
  type Tx,
} from '@daikou/core';

/** A campaign with the document that a case keeps of it. */
export type NamedCampaign = {
  readonly campaign: Campaign;
  /** `code/version` of the policy; `default` where the merchant has published none. */
  readonly name: string;
  readonly body: JsonObject;
};

const DEFAULT: NamedCampaign = {
  campaign: DEFAULT_CAMPAIGN,
  name: 'default',
  body: DEFAULT_CAMPAIGN_BODY,
};

/**
 * The campaign for a customer: of those that the merchant has published the first, by code, that is
 * for its kind of customer; where none is, the first of all says why it is left alone. Without any
 * published one the default holds.
 */
export async function loadCampaigns(tx: Tx): Promise<(customer: Customer) => NamedCampaign> {
  const published = (await tx.loadPolicies('campaign')).map(
    ({ code, version, body }): NamedCampaign => ({
      campaign: campaignOf(body),
      name: `${code}/${version}`,
      body,
    }),
  );
  return ({ kind }) =>
    published.find(({ campaign: { customers } }) => customers === 'all' || customers === kind) ??
    published[0] ??
    DEFAULT;
}
