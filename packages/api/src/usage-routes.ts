import { AddedPackSchema } from './invoice/outcomes.ts';
import type { Route } from './route.ts';
import { MeterSchema, NewMeterSchema } from './usage/meter.ts';
import { NewResourcePackSchema, ResourcePackSchema } from './usage/resource-pack.ts';
import { NewThresholdSchema, ThresholdQuerySchema, ThresholdSchema } from './usage/threshold.ts';
import { CustomerUsageSchema, SubscriptionUsageSchema, UsageQuerySchema } from './usage/usage.ts';

/** Reading usage, meters, resource packs and thresholds. The intake has a form of its own. */
export const USAGE_ROUTES: readonly Route[] = [
  {
    path: '/v1/customers/{id}/usage',
    method: 'get',
    name: 'getCustomerUsage',
    tag: 'Usage',
    summary: "Reads a customer's usage on the days of a period, by meter and group.",
    id: 'cus',
    query: UsageQuerySchema,
    answer: CustomerUsageSchema,
    errors: ['request_refused'],
  },
  {
    path: '/v1/subscriptions/{id}/usage',
    method: 'get',
    name: 'getSubscriptionUsage',
    tag: 'Usage',
    summary: 'Reads usage and cost so far of the current periods, with a forecast.',
    id: 'sub',
    answer: SubscriptionUsageSchema,
  },
  {
    path: '/v1/meters',
    method: 'post',
    name: 'addMeter',
    tag: 'Usage',
    summary: 'Makes a meter. Meters are never changed.',
    body: NewMeterSchema,
    answer: MeterSchema,
    status: '201',
  },
  {
    path: '/v1/meters',
    method: 'get',
    name: 'listMeters',
    tag: 'Usage',
    summary: 'Lists the meters, oldest first.',
    answer: { list: MeterSchema },
  },
  {
    path: '/v1/customers/{id}/resource-packs',
    method: 'post',
    name: 'addResourcePack',
    tag: 'Usage',
    summary: 'Gives or sells a customer units of a meter that are burnt before the price applies.',
    id: 'cus',
    body: NewResourcePackSchema,
    answer: AddedPackSchema,
    status: '201',
  },
  {
    path: '/v1/customers/{id}/resource-packs',
    method: 'get',
    name: 'listResourcePacks',
    tag: 'Usage',
    summary: 'Lists the resource packs of a customer with what is left of each.',
    id: 'cus',
    answer: { list: ResourcePackSchema },
  },
  {
    path: '/v1/usage/thresholds',
    method: 'post',
    name: 'addThreshold',
    tag: 'Usage',
    summary: 'Adds usage or cost of a customer to be told of once in each period.',
    body: NewThresholdSchema,
    answer: ThresholdSchema,
    status: '201',
    errors: ['not_found'],
  },
  {
    path: '/v1/usage/thresholds',
    method: 'get',
    name: 'listThresholds',
    tag: 'Usage',
    summary: 'Lists the thresholds of a customer.',
    query: ThresholdQuerySchema,
    answer: { list: ThresholdSchema },
    errors: ['not_found'],
  },
];
