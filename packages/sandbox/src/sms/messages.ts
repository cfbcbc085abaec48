import { randomBytes } from 'node:crypto';
import { dateOf, formatDashed } from '../beijing.ts';
import type { Table } from '../books.ts';
import { digitsFrom, drawBasisPoints } from '../chance.ts';
import { LOSS_FAULTS } from '../faults.ts';
import type { World } from '../world.ts';

/** A notice may reach one number 50 times a day (rails.md §5.4). */
const NOTICES_PER_DAY = 50;
/** Seconds between the tries of a report: 1 m, 5 m, 10 m. */
const REPORT_RETRY_SECONDS = [60, 300, 600];

/** One short message to one number. `sentAt` is business time, `reportAtMs` wall-clock time. */
export interface Sms {
  readonly id: string;
  readonly bizId: string;
  readonly phone: string;
  readonly text: string;
  readonly templateCode: string;
  readonly templateParam: string;
  readonly outId: string;
  readonly sentAt: number;
  readonly reportAtMs: number;
  readonly fails: boolean;
  /** `lost`: taken, and neither delivered nor ever reported. */
  readonly status: 'waiting' | 'delivered' | 'failed' | 'lost';
}

/** The short messages of this sandbox. */
export interface SmsBooks {
  readonly messages: Table<Sms>;
  readonly byPhone: (phone: string) => readonly Sms[];
}

export function openSmsBooks(world: World): SmsBooks {
  const messages = world.books.table<Sms>('sms_messages');
  return { messages, byPhone: messages.indexBy((message) => message.phone) };
}

/** A reply of the service: `Code` OK, or the reason. */
export type Answer = Readonly<Record<string, unknown>>;

type Form = Readonly<Record<string, string>>;

/** `SendSms`. A repeat sends again: the service has no idempotency (rails.md §5.4). */
export function sendSms(world: World, books: SmsBooks, form: Form): Answer {
  const phones = (form['PhoneNumbers'] ?? '').split(',').map((phone) => phone.trim());
  const problem = findProblem(world, books, { form, phones });
  if (problem !== undefined) return answer(problem[0], problem[1]);
  const first = books.messages.size + 1;
  const bizId = digitsFrom(20, world.credentials.sms.accessKeyId, 'biz', first);
  for (const [offset, phone] of phones.entries()) {
    const message = makeMessage(world, { form, phone, bizId, id: String(first + offset) });
    books.messages.put(message.id, message);
    if (message.status === 'waiting') planReport(world, books, message);
  }
  return { ...answer('OK', 'OK'), BizId: bizId };
}

function findProblem(
  world: World,
  books: SmsBooks,
  ask: { readonly form: Form; readonly phones: readonly string[] },
): readonly [code: string, message: string] | undefined {
  const { form, phones } = ask;
  const { signName, templateCodes } = world.credentials.sms;
  if (phones.length > 1000 || phones.some((phone) => !/^\+?\d{5,20}$/.test(phone))) {
    return ['isv.MOBILE_NUMBER_ILLEGAL', '号码不合法'];
  }
  if (form['SignName'] !== signName) return ['isv.SMS_SIGNATURE_ILLEGAL', '短信签名不合法'];
  if (!templateCodes.includes(form['TemplateCode'] ?? '')) {
    return ['isv.SMS_TEMPLATE_ILLEGAL', '短信模板不合法'];
  }
  if (readParam(form['TemplateParam']) === undefined) {
    return ['isv.INVALID_JSON_PARAM', 'JSON参数不合法，只接受字符串值'];
  }
  const today = dateOf(world.clock.now());
  const full = phones.some(
    (phone) =>
      books.byPhone(phone).filter((sent) => dateOf(sent.sentAt) === today).length >=
      NOTICES_PER_DAY,
  );
  return full ? ['isv.BUSINESS_LIMIT_CONTROL', '触发天级流控Permits:50'] : undefined;
}

function readParam(text: string | undefined): Readonly<Record<string, string>> | undefined {
  if (text === undefined || text === '') return {};
  try {
    const value: unknown = JSON.parse(text);
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    return isObject ? (value as Record<string, string>) : undefined;
  } catch {
    return undefined;
  }
}

function makeMessage(
  world: World,
  made: {
    readonly form: Form;
    readonly phone: string;
    readonly bizId: string;
    readonly id: string;
  },
): Sms {
  const { form, phone, bizId, id } = made;
  const { seed, sms } = world.settings.current;
  const values = Object.entries(readParam(form['TemplateParam']) ?? {});
  const told = values.map(([name, value]) => `${name}：${String(value)}`).join('，');
  return {
    id,
    bizId,
    phone,
    text: `【${form['SignName'] ?? ''}】${told}`,
    templateCode: form['TemplateCode'] ?? '',
    templateParam: form['TemplateParam'] ?? '',
    outId: form['OutId'] ?? '',
    sentAt: world.clock.now(),
    reportAtMs: Date.now() + sms.reportDelayMs,
    fails: drawBasisPoints(seed, phone) < sms.failBp,
    status: isLost(world, form['OutId'] ?? '') ? 'lost' : 'waiting',
  };
}

function isLost(world: World, outId: string): boolean {
  const at = { rail: 'sms', operations: ['deliver'], orderNumber: outId } as const;
  return world.faults.take(at, LOSS_FAULTS) !== undefined;
}

/** Plans the moment in which the carrier reports. */
export function planReport(world: World, books: SmsBooks, message: Sms): void {
  world.later.after(Math.max(0, message.reportAtMs - Date.now()), () => {
    const reported: Sms = { ...message, status: message.fails ? 'failed' : 'delivered' };
    books.messages.put(message.id, reported);
    pushReport(world, reported);
  });
}

function pushReport(world: World, message: Sms): void {
  const delivered = message.status === 'delivered';
  const time = formatDashed(message.sentAt);
  const body = JSON.stringify([
    {
      phone_number: message.phone,
      send_time: time,
      report_time: time,
      success: delivered,
      err_code: errCodeOf(message),
      err_msg: delivered ? '用户接收成功' : '用户接收失败',
      sms_size: '1',
      biz_id: message.bizId,
      out_id: message.outId,
    },
  ]);
  world.callbacks.enter({
    occasion: { rail: 'sms', operations: ['callback', 'SmsReport'], orderNumber: message.outId },
    kind: 'sms_report',
    subject: message.id,
    url: world.settings.current.sms.reportUrl,
    contentType: 'application/json; charset=utf-8',
    bodyOf: () => body,
    swappable: new Set(),
    retrySeconds: REPORT_RETRY_SECONDS,
    timeScale: 1,
    acknowledgement: 'http_2xx',
  });
}

const SEND_STATUS = { waiting: 1, lost: 1, failed: 2, delivered: 3 } as const;

function errCodeOf(message: Sms): string {
  if (message.status === 'waiting' || message.status === 'lost') return '';
  return message.status === 'delivered' ? 'DELIVERED' : 'MOBILE_NOT_ON_SERVICE';
}

/** `QuerySendDetails`: the messages to one number on one Beijing date, newest first, in pages. */
export function querySendDetails(books: SmsBooks, form: Form): Answer {
  const date = form['SendDate'] ?? '';
  const pageSize = Number(form['PageSize'] ?? '10');
  const page = Number(form['CurrentPage'] ?? '1');
  const rightPages = pageSize >= 1 && pageSize <= 50 && page >= 1;
  if (
    !/^\d{8}$/.test(date) ||
    !Number.isInteger(pageSize) ||
    !Number.isInteger(page) ||
    !rightPages
  ) {
    return answer('isv.INVALID_PARAMETERS', '参数异常');
  }
  const bizId = form['BizId'] ?? '';
  const found = books
    .byPhone(form['PhoneNumber'] ?? '')
    .filter((sent) => dateOf(sent.sentAt).replaceAll('-', '') === date)
    .filter((sent) => bizId === '' || sent.bizId === bizId)
    .toReversed();
  const details = found.slice((page - 1) * pageSize, page * pageSize).map((sent) => ({
    PhoneNum: sent.phone,
    SendStatus: SEND_STATUS[sent.status],
    ErrCode: errCodeOf(sent),
    TemplateCode: sent.templateCode,
    Content: sent.text,
    SendDate: formatDashed(sent.sentAt),
    ReceiveDate:
      sent.status === 'waiting' || sent.status === 'lost' ? '' : formatDashed(sent.sentAt),
    OutId: sent.outId,
  }));
  return {
    ...answer('OK', 'OK'),
    TotalCount: String(found.length),
    SmsSendDetailDTOs: { SmsSendDetailDTO: details },
  };
}

/** Builds the head of every reply. */
export function answer(code: string, message: string): Answer {
  return { Code: code, Message: message, RequestId: requestId() };
}

function requestId(): string {
  const hex = randomBytes(16).toString('hex').toUpperCase();
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
