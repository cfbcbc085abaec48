import { toWebhookDeliveryWire, toWebhookEndpointWire } from '@daikou/api';
import {
  type EventId,
  isId,
  type WebhookDelivery,
  type WebhookEndpoint,
  type WebhookEndpointId,
} from '@daikou/core';
import {
  addWebhookEndpoint,
  disableWebhookEndpoint,
  type EndpointWithSecret,
  enableWebhookEndpoint,
  type Job,
  listWebhookDeliveries,
  listWebhookEndpoints,
  removeWebhookEndpoint,
  replayWebhooks,
  rotateWebhookSecret,
  testWebhookEndpoint,
} from '@daikou/engine';
import { Command } from 'commander';
import { toTestedWire } from '../../http/webhooks.ts';
import type { CommandContext, Run } from '../command.ts';
import { EXIT, orFailure } from '../failures.ts';
import type { Io } from '../io.ts';
import { readMoment } from '../moment.ts';
import type { Language } from '../words.ts';
import { jobWithRails, usage } from './credit.ts';

type Options = { readonly json?: boolean; readonly merchant?: string; readonly by?: string };
type AddOptions = Options & { readonly type?: string; readonly description?: string };
type RotateOptions = Options & { readonly overlap: string };
type ReplayOptions = Options & {
  readonly since?: string;
  readonly until?: string;
  readonly failed?: boolean;
  readonly event: readonly string[];
};
type ListOptions = Options & { readonly endpoint?: string; readonly state?: string };

/** Deliveries that a list shows: the newest of them are found by narrowing it. */
const LISTED = 100;

/** `daikou webhook add|list|enable|disable|remove|rotate|test|replay|deliveries`. */
export function webhookCommand(run: Run, language: Language): Command {
  const isZh = language === 'zh';
  const command = new Command('webhook').description(
    isZh ? '事件推送（Webhook）' : 'Who is told of events, and what came of it',
  );
  const child = (name: string, description: string) =>
    command.command(name).description(description).option('--merchant <code>').option('--json');
  child('add', isZh ? '新增接收地址，密钥只显示一次' : 'Add an endpoint; its secret is shown once')
    .argument('<url>')
    .option('--type <types>', isZh ? '事件类型，逗号分隔' : 'types and families: invoice.*,…')
    .option('--description <text>')
    .option('--by <name>', isZh ? '经办人' : 'who adds it')
    .action((url: string, options: AddOptions) => run((context) => add(context, url, options)));
  child('list', isZh ? '列出接收地址' : 'List the endpoints').action((options: Options) =>
    run(async (context) => {
      const job = await jobWithRails(context.host, options.merchant);
      return printAll(context.io, await listWebhookEndpoints(job), options);
    }),
  );
  decisions(child, run, isZh);
  messages(child, run, isZh);
  return command;
}

type Child = (name: string, description: string) => Command;

function decisions(child: Child, run: Run, isZh: boolean): void {
  child('enable', isZh ? '恢复推送' : 'Send to it again, from the next event on')
    .argument('<endpoint>')
    .action((id: string, options: Options) =>
      run((context) =>
        one(context, { id, options }, async (job, endpoint) =>
          orFailure(await enableWebhookEndpoint(job, endpoint)),
        ),
      ),
    );
  child('disable', isZh ? '停止推送' : 'Send nothing more to it')
    .argument('<endpoint>')
    .option('--by <name>', isZh ? '经办人' : 'who decides', 'command line')
    .action((id: string, options: Options) =>
      run((context) =>
        one(context, { id, options }, async (job, endpoint) =>
          orFailure(await disableWebhookEndpoint(job, endpoint, options.by ?? '')),
        ),
      ),
    );
  child('remove', isZh ? '删除接收地址及其密钥' : 'End it for good and forget its secrets')
    .argument('<endpoint>')
    .option('--by <name>', isZh ? '经办人' : 'who decides', 'command line')
    .action((id: string, options: Options) =>
      run((context) =>
        one(context, { id, options }, async (job, endpoint) =>
          orFailure(await removeWebhookEndpoint(job, endpoint, options.by ?? '')),
        ),
      ),
    );
  child('rotate', isZh ? '更换密钥' : 'Make a new secret, shown once')
    .argument('<endpoint>')
    .option('--overlap <hours>', isZh ? '旧密钥继续签名的小时数' : 'the former one signs on', '24')
    .action((id: string, options: RotateOptions) =>
      run(async ({ host, io }) => {
        if (!/^\d{1,3}$/.test(options.overlap)) {
          throw usage(
            'hours_not_valid',
            `“${options.overlap}” is no number of hours.`,
            'Write 24.',
          );
        }
        const job = await jobWithRails(host, options.merchant);
        const hours = Number(options.overlap);
        const rotated = orFailure(await rotateWebhookSecret(job, readId(id), hours));
        return printSecret(io, rotated, options);
      }),
    );
}

function messages(child: Child, run: Run, isZh: boolean): void {
  child('test', isZh ? '发送一条测试消息' : 'Send one message now and say what came of it')
    .argument('<endpoint>')
    .action((id: string, options: Options) =>
      run(async ({ host, io }) => {
        const job = await jobWithRails(host, options.merchant);
        const tested = toTestedWire(orFailure(await testWebhookEndpoint(job, readId(id))));
        const { delivered, http_status: status, code } = tested;
        const text = delivered
          ? `${isZh ? '已送达' : 'delivered'} ${status}\n`
          : `${isZh ? '未送达' : 'not delivered'} ${code}\n`;
        io.out(options.json ? `${JSON.stringify(tested)}\n` : text);
        return delivered ? EXIT.ok : EXIT.refused;
      }),
    );
  child('replay', isZh ? '重新推送事件' : 'Send events again')
    .argument('<endpoint>')
    .option('--since <time>', isZh ? '该时刻之后的事件' : 'events after it: a time, a date, 3d')
    .option('--until <time>', isZh ? '该时刻之前的事件' : 'and before this one')
    .option('--failed', isZh ? '仅已放弃的' : 'only those that were given up')
    .option('--event <id>', isZh ? '指定事件，可重复' : 'this event; repeatable', collect, [])
    .action((id: string, options: ReplayOptions) => run((context) => replay(context, id, options)));
  child('deliveries', isZh ? '列出推送记录' : 'List what was sent and what came of it')
    .option('--endpoint <id>')
    .option('--state <state>', 'pending, failed, delivered, given_up')
    .action((options: ListOptions) => run((context) => deliveries(context, options)));
}

function collect(value: string, all: readonly string[]): readonly string[] {
  return [...all, value];
}

async function add({ host, io }: CommandContext, url: string, options: AddOptions) {
  const job = await jobWithRails(host, options.merchant);
  const added = await addWebhookEndpoint(job, {
    url,
    description: options.description ?? '',
    by: options.by ?? 'command line',
    ...(options.type === undefined ? {} : { types: options.type.split(',') }),
  });
  return printSecret(io, orFailure(added), options);
}

async function one(
  { host, io }: CommandContext,
  { id, options }: { readonly id: string; readonly options: Options },
  work: (job: Job, endpoint: WebhookEndpointId) => Promise<WebhookEndpoint>,
): Promise<number> {
  const job = await jobWithRails(host, options.merchant);
  const endpoint = await work(job, readId(id));
  io.out(options.json ? `${JSON.stringify(toWebhookEndpointWire(endpoint))}\n` : lineOf(endpoint));
  return EXIT.ok;
}

async function replay({ host, io }: CommandContext, id: string, options: ReplayOptions) {
  const job = await jobWithRails(host, options.merchant);
  const events = options.event.filter((text): text is EventId => isId('evt', text));
  if (events.length !== options.event.length) {
    throw usage('id_not_valid', 'An event is not named by its id.', 'Give ids evt_….');
  }
  const { since, until } = options;
  const replayed = orFailure(
    await replayWebhooks(job, readId(id), {
      ...(since === undefined ? {} : { since: readMoment(since, job) }),
      ...(until === undefined ? {} : { until: readMoment(until, job) }),
      failedOnly: options.failed === true,
      events,
    }),
  );
  const isZh = io.language === 'zh';
  const text = isZh
    ? `重新推送 ${replayed.events} 个事件。\n`
    : `${replayed.events} events again.\n`;
  io.out(options.json ? `${JSON.stringify(replayed)}\n` : text);
  return EXIT.ok;
}

async function deliveries({ host, io }: CommandContext, options: ListOptions): Promise<number> {
  const job = await jobWithRails(host, options.merchant);
  const { endpoint, state } = options;
  const rows = await listWebhookDeliveries(job, {
    limit: LISTED,
    ...(endpoint === undefined ? {} : { endpointId: readId(endpoint) }),
    ...(state === undefined ? {} : { state }),
  });
  if (options.json) io.out(`${JSON.stringify(rows.map(toWebhookDeliveryWire))}\n`);
  else for (const row of rows) io.out(deliveryLine(row));
  return EXIT.ok;
}

function printAll(io: Io, all: readonly WebhookEndpoint[], { json }: Options): number {
  if (json) io.out(`${JSON.stringify(all.map(toWebhookEndpointWire))}\n`);
  else for (const endpoint of all) io.out(lineOf(endpoint));
  return EXIT.ok;
}

function printSecret(io: Io, made: EndpointWithSecret, { json }: Options): number {
  const { endpoint, secret } = made;
  if (json) {
    io.out(`${JSON.stringify({ endpoint: toWebhookEndpointWire(endpoint), secret })}\n`);
  } else {
    io.out(`${lineOf(endpoint)}${secret}\n`);
    io.err(io.language === 'zh' ? '密钥只显示这一次。\n' : 'The secret is not shown again.\n');
  }
  return EXIT.ok;
}

function lineOf({ id, url, types, state, disabledReason }: WebhookEndpoint): string {
  const why = disabledReason === undefined ? '' : ` (${disabledReason})`;
  return `${id}  ${state}${why}  ${url}  ${types.join(',')}\n`;
}

function deliveryLine(delivery: WebhookDelivery): string {
  const { id, endpointId, eventId, state, attemptCount, lastCode = '', dueAt } = delivery;
  const next = state === 'pending' || state === 'failed' ? `→ ${dueAt.toString()}` : '';
  const parts = [id, endpointId, eventId, state, `${attemptCount}×`, lastCode, next];
  return `${parts.filter((part) => part !== '').join('  ')}\n`;
}

function readId(text: string): WebhookEndpointId {
  if (isId('whe', text)) return text;
  throw usage('id_not_valid', `“${text}” is not the id of an endpoint.`, 'Give an id whe_….');
}
