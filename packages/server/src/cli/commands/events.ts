import { setTimeout as sleep } from 'node:timers/promises';
import { toEventWire } from '@daikou/api';
import { type CustomerId, type DaikouEvent, makeId, readWebhookTypes } from '@daikou/core';
import { type Job, listEvents } from '@daikou/engine';
import { Command } from 'commander';
import type { Run } from '../command.ts';
import { EXIT, orFailure } from '../failures.ts';
import { findCustomer } from '../find.ts';
import type { Io } from '../io.ts';
import { jobOf } from '../merchant.ts';
import { readMoment } from '../moment.ts';
import type { Language } from '../words.ts';

type TailOptions = {
  readonly json?: boolean;
  readonly merchant?: string;
  readonly customer?: string;
  readonly type?: string;
  readonly since?: string;
  readonly follow: boolean;
};

/** `daikou events tail`: what happens, as it happens. */
export function eventsCommand(run: Run, language: Language): Command {
  const isZh = language === 'zh';
  const tail = new Command('tail')
    .description(isZh ? '跟踪事件，Ctrl-C 结束' : 'Follow what happens until Ctrl-C')
    .option('--customer <customer>', isZh ? '只看该客户' : 'of this customer only')
    .option('--type <types>', isZh ? '事件类型，逗号分隔' : 'types and families: invoice.*,…')
    .option('--since <time>', isZh ? '从该时刻起（商户时钟）' : 'from then on, by its clock')
    .option('--no-follow', isZh ? '不等待新事件' : 'end where the events end')
    .option('--merchant <code>')
    .option('--json')
    .action((options: TailOptions) =>
      run(async ({ host, io }) => {
        const job = await jobOf(host, options);
        const { customer, type } = options;
        const types = orFailure(readWebhookTypes(type?.split(',')));
        const since = options.since === undefined ? undefined : readMoment(options.since, job);
        const query: Followed = {
          ...(customer === undefined ? {} : { customerId: await findCustomer(job, customer) }),
          ...(type === undefined ? {} : { types }),
          ...(since === undefined ? {} : { since }),
        };
        io.beginService();
        await follow(job, io, { query, isOnce: !options.follow, isJson: options.json === true });
        return EXIT.ok;
      }),
    );
  return new Command('events').description(isZh ? '事件' : 'What happened').addCommand(tail);
}

type Followed = {
  readonly customerId?: CustomerId;
  readonly types?: readonly string[];
  readonly since?: Temporal.Instant;
};

const PAGE = 500;
const LOOK_MILLISECONDS = 1_000;

/**
 * Milliseconds that are read again at each look: an event is numbered by the time at which it was
 * made, and seen when its transaction commits, which may be later than others' commits.
 */
const OVERLAP_MILLISECONDS = 60_000;

/** Prints each event once, oldest first, until it is told to stop. */
async function follow(
  job: Job,
  io: Io,
  how: { readonly query: Followed; readonly isOnce: boolean; readonly isJson: boolean },
): Promise<void> {
  const wallNow = () => job.engine.clock.now().epochMilliseconds;
  // Without a time given, what has been is not shown; with one, every event after it is.
  const start = how.query.since === undefined && !how.isOnce ? wallNow() : 0;
  let cursor = cursorAt(start);
  const seen = new Set<string>();
  while (!io.signal.aborted) {
    const events = await listEvents(job, { ...how.query, after: cursor, limit: PAGE });
    for (const event of events) {
      if (seen.has(event.id)) continue;
      seen.add(event.id);
      io.out(how.isJson ? `${JSON.stringify(toEventWire(event))}\n` : lineOf(event));
    }
    const last = events.at(-1);
    if (last !== undefined && events.length === PAGE) {
      cursor = last.id;
      continue;
    }
    if (how.isOnce) return;
    cursor = cursorAt(Math.max(start, wallNow() - OVERLAP_MILLISECONDS));
    for (const id of seen) if (id <= cursor) seen.delete(id);
    await sleep(LOOK_MILLISECONDS, undefined, { signal: io.signal }).catch(() => undefined);
  }
}

/** Before every id that is made from this moment on. */
function cursorAt(epochMilliseconds: number): string {
  const time = Math.max(0, epochMilliseconds);
  return makeId('evt', { epochMilliseconds: time, random: new Uint8Array(10), bucket: 0 });
}

/** `2026-12-01T07:30:00Z  invoice.paid  cus_…  #12  inv_…  minor=2985 currency=CNY` */
function lineOf(event: DaikouEvent): string {
  const data = Object.entries(event.data).map(([name, value]) => `${name}=${value}`);
  const at = event.at.toString({ smallestUnit: 'second', roundingMode: 'trunc' });
  const parts = [at, event.type, event.customerId, `#${event.sequence}`, event.subjectId];
  return `${[...parts, data.join(' ')].join('  ').trimEnd()}\n`;
}
