import {
  fromNoticePreferencesBody,
  NewTemplateSchema,
  NoticePreferencesSchema,
  readBody,
  toContactWire,
  toNoticeWire,
  toOwnTemplateWire,
  toProofWire,
  WordingSchema,
} from '@daikou/api';
import {
  CONTACT_CHANNELS,
  type ContactChannel,
  instantAt,
  isId,
  type Notice,
  type NoticeId,
} from '@daikou/core';
import {
  changeContact,
  changePreferences,
  type Job,
  listTemplates,
  noticeProof,
  previewTemplate,
  publishTemplate,
  type Reach,
  readContacts,
  resendNotice,
} from '@daikou/engine';
import { Command, Option } from 'commander';
import { proofCsv } from '../../http/notice-csv.ts';
import type { Run } from '../command.ts';
import { EXIT, orFailure } from '../failures.ts';
import { findCustomer } from '../find.ts';
import { type Io, padEnd } from '../io.ts';
import { readJsonFile } from '../json-file.ts';
import { jobOf } from '../merchant.ts';
import type { Language } from '../words.ts';
import { usage } from './credit.ts';

type Options = {
  readonly json?: boolean;
  readonly merchant?: string;
  readonly csv?: boolean;
  readonly from?: string;
  readonly until?: string;
  readonly by: string;
  readonly channel?: ContactChannel;
  readonly address?: string;
  readonly rank?: string;
  readonly off?: boolean;
  readonly wrong?: boolean;
  readonly on?: boolean;
};

const REFERENCE = 'docs/reference/notices.md';

/** `daikou notice …`: what customers are told, how they are reached, and the proof of it. */
export function noticeCommand(run: Run, language: Language): Command {
  const isZh = language === 'zh';
  const command = new Command('notice').description(
    isZh
      ? '扣费前通知：联系方式、模板、送达证明'
      : 'Notices: contacts, templates, proof of delivery',
  );
  command.addCommand(proofCommand(run, isZh));
  command.addCommand(contactsCommand(run, isZh));
  command.addCommand(preferencesCommand(run, isZh));
  command.addCommand(resendCommand(run, isZh));
  command.addCommand(templateCommand(run, isZh));
  return command;
}

function proofCommand(run: Run, isZh: boolean): Command {
  return new Command('proof')
    .description(isZh ? '导出一位客户的送达证明' : 'Export the proof of what a customer was told')
    .argument('<customer>')
    .option('--from <date>')
    .option('--until <date>')
    .option('--csv')
    .option('--merchant <code>')
    .option('--json')
    .action((customer: string, options: Options) =>
      run(async ({ host, io }) => {
        const job = await jobOf(host, options);
        const customerId = await findCustomer(job, customer);
        const range = rangeOf(job, options);
        const lines = orFailure(await noticeProof(job, { customerId, ...range }, toProofWire));
        if (options.csv) io.out(proofCsv(lines));
        else if (options.json) {
          const data = lines.map((line) => ({ ...toProofWire(line), link: line.link }));
          io.out(`${JSON.stringify({ data })}\n`);
        } else for (const { notice } of lines) printNotice(io, notice);
        return EXIT.ok;
      }),
    );
}

function rangeOf(job: Job, { from, until }: Options) {
  const midnight = Temporal.PlainTime.from('00:00');
  const start = (text: string): Temporal.Instant => {
    if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) {
      throw usage('date_not_valid', `“${text}” is not a date.`, 'Give a date such as 2026-03-01.');
    }
    return instantAt(Temporal.PlainDate.from(text), midnight, job.merchant.zone);
  };
  return {
    ...(from === undefined ? {} : { from: start(from) }),
    ...(until === undefined ? {} : { until: start(until) }),
  };
}

function printNotice(io: Io, notice: Notice): void {
  const { id, purpose, channel, state } = notice;
  const words = `${padEnd(purpose, 9)} ${padEnd(channel, 17)} ${padEnd(state, 10)}`;
  const about = notice.collectDate?.toString() ?? '';
  io.out(`${id}  ${words} ${padEnd(about, 11)} ${notice.deliveredAt ?? notice.sentAt ?? ''}\n`);
}

function contactsCommand(run: Run, isZh: boolean): Command {
  return new Command('contacts')
    .description(
      isZh ? '查看或更改联系方式' : 'Show how a customer is reached, or change one contact',
    )
    .argument('<customer>')
    .addOption(new Option('--channel <channel>').choices(CONTACT_CHANNELS))
    .option('--address <address>')
    .option('--rank <number>')
    .option('--wrong', isZh ? '原地址是错的' : 'the address of before was never the customer’s')
    .option('--on', isZh ? '启用' : 'use it')
    .option('--off', isZh ? '停用' : 'do not use it')
    .option('--merchant <code>')
    .option('--json')
    .action((customer: string, options: Options) =>
      run(async ({ host, io }) => {
        const job = await jobOf(host, options);
        const id = await findCustomer(job, customer);
        const { channel, address, rank, on, off, wrong } = options;
        const reach = orFailure(
          channel === undefined
            ? await readContacts(job, id)
            : await changeContact(job, id, {
                channel,
                ...(address === undefined ? {} : { address }),
                ...(rank === undefined ? {} : { rank: Number.parseInt(rank, 10) }),
                ...(wrong === true ? { isWrong: true } : {}),
                ...(on === true ? { enabled: true } : {}),
                ...(off === true ? { enabled: false } : {}),
              }),
        );
        printReach(io, reach, options);
        return EXIT.ok;
      }),
    );
}

function preferencesCommand(run: Run, isZh: boolean): Command {
  return new Command('preferences')
    .description(isZh ? '设置通知偏好（JSON 文件）' : 'Take wishes about notices from a JSON file')
    .argument('<customer>')
    .argument('<file>')
    .option('--merchant <code>')
    .option('--json')
    .action((customer: string, file: string, options: Options) =>
      run(async ({ host, io }) => {
        const body = orFailure(
          readBody(NoticePreferencesSchema, readJsonFile(io, file, REFERENCE)),
        );
        const job = await jobOf(host, options);
        const id = await findCustomer(job, customer);
        const wishes = fromNoticePreferencesBody(body);
        printReach(io, orFailure(await changePreferences(job, id, wishes)), options);
        return EXIT.ok;
      }),
    );
}

function printReach(io: Io, { contacts, order }: Reach, options: Options): void {
  if (options.json) {
    io.out(`${JSON.stringify({ contacts: contacts.map(toContactWire), order })}\n`);
    return;
  }
  for (const contact of contacts.map(toContactWire)) {
    const place = order.indexOf(contact.channel as ContactChannel) + 1;
    const turn = place === 0 ? '-' : String(place);
    io.out(`${padEnd(turn, 3)} ${padEnd(contact.channel, 17)} ${contact.address}\n`);
  }
}

function resendCommand(run: Run, isZh: boolean): Command {
  return new Command('resend')
    .description(isZh ? '重新发送一条通知' : 'Send a message again')
    .argument('<notice>')
    .option('--merchant <code>')
    .option('--json')
    .action((id: string, options: Options) =>
      run(async ({ host, io }) => {
        const job = await jobOf(host, options);
        const again = orFailure(await resendNotice(job, readId(id)));
        if (options.json) io.out(`${JSON.stringify(toNoticeWire(again))}\n`);
        else printNotice(io, again);
        return EXIT.ok;
      }),
    );
}

function readId(text: string): NoticeId {
  if (isId('not', text)) return text;
  throw usage('id_not_valid', `“${text}” is not the id of a message.`, 'Give an id not_….');
}

function templateCommand(run: Run, isZh: boolean): Command {
  const command = new Command('template').description(isZh ? '消息模板' : 'Wordings of messages');
  command.addCommand(listTemplatesCommand(run, isZh));
  command.addCommand(previewCommand(run, isZh));
  command.addCommand(publishCommand(run, isZh));
  return command;
}

function listTemplatesCommand(run: Run, isZh: boolean): Command {
  return new Command('list')
    .description(isZh ? '列出消息与变量' : 'List messages and their variables')
    .option('--merchant <code>')
    .option('--json')
    .action((options: Options) =>
      run(async ({ host, io }) => {
        const templates = await listTemplates(await jobOf(host, options));
        if (options.json) {
          const wire = templates.map(({ own, ours, ...rest }) => ({
            ...rest,
            version: ours.version,
            own: own.map(toOwnTemplateWire),
          }));
          io.out(`${JSON.stringify(wire)}\n`);
        } else
          for (const { key, variables, own } of templates) {
            io.out(`${padEnd(key, 22)} ${own.length} ${variables.join(' ')}\n`);
          }
        return EXIT.ok;
      }),
    );
}

function previewCommand(run: Run, isZh: boolean): Command {
  return new Command('preview')
    .description(
      isZh ? '用示例变量预览（JSON 文件）' : 'Show how a wording reads, from a JSON file',
    )
    .argument('<file>')
    .option('--merchant <code>')
    .option('--json')
    .action((file: string, options: Options) =>
      run(async ({ host, io }) => {
        const wording = orFailure(readBody(WordingSchema, readJsonFile(io, file, REFERENCE)));
        const job = await jobOf(host, options);
        const rendered = orFailure(previewTemplate(job, wording));
        if (options.json) io.out(`${JSON.stringify(rendered)}\n`);
        else io.out(`${rendered.subject}\n\n${rendered.text}`);
        return EXIT.ok;
      }),
    );
}

function publishCommand(run: Run, isZh: boolean): Command {
  return new Command('publish')
    .description(isZh ? '发布一份措辞（JSON 文件）' : 'Publish a wording from a JSON file')
    .argument('<file>')
    .option('--by <name>', isZh ? '发布人' : 'who publishes', 'cli')
    .option('--merchant <code>')
    .option('--json')
    .action((file: string, options: Options) =>
      run(async ({ host, io }) => {
        const body = orFailure(readBody(NewTemplateSchema, readJsonFile(io, file, REFERENCE)));
        const job = await jobOf(host, options);
        const { by: _sender, ...wording } = body;
        const published = orFailure(await publishTemplate(job, wording, options.by));
        if (options.json) io.out(`${JSON.stringify(toOwnTemplateWire(published))}\n`);
        else io.out(`${published.key} ${published.locale} v${published.version}\n`);
        return EXIT.ok;
      }),
    );
}
