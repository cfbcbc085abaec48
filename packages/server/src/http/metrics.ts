import type { Store } from '@daikou/core';
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

/** What is counted for those who run Daikou. No label ever names a customer or an order. */
export type Metrics = {
  readonly registry: Registry;
  readonly callbacks: Counter<'source' | 'result'>;
  readonly requests: Histogram<'method' | 'route' | 'status'>;
};

/** Request durations in seconds, from a cached answer to a stalled database. */
const DURATION_BUCKETS = [0.001, 0.005, 0.02, 0.1, 0.5, 2, 10];

export function makeMetrics(store: Pick<Store, 'countQuarantines' | 'countOpenBrakes'>): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const quarantines: Gauge = new Gauge({
    name: 'daikou_quarantines_open',
    help: 'Merchants in quarantine after a restore, for which nothing is sent',
    registers: [registry],
    collect: async (): Promise<void> => {
      quarantines.set(await store.countQuarantines());
    },
  });
  const brakes: Gauge = new Gauge({
    name: 'daikou_mandate_sweep_brakes_open',
    help: 'Daily comparisons of mandates that were not believed and wait for a person',
    registers: [registry],
    collect: async (): Promise<void> => {
      brakes.set(await store.countOpenBrakes());
    },
  });
  return {
    registry,
    callbacks: new Counter({
      name: 'daikou_callbacks_total',
      help: 'Callbacks by source and what became of them',
      labelNames: ['source', 'result'],
      registers: [registry],
    }),
    requests: new Histogram({
      name: 'daikou_http_request_seconds',
      help: 'Duration of HTTP requests by route template',
      labelNames: ['method', 'route', 'status'],
      buckets: DURATION_BUCKETS,
      registers: [registry],
    }),
  };
}
