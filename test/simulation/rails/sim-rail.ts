import { createHash } from 'node:crypto';
import type {
  AnnouncementOutcome,
  AttemptOutcome,
  BillDownload,
  MandateReport,
  PayLinkStarted,
  PlannedDateOutcome,
  Rail,
  RailBillLine,
  RefundOutcome,
  SigningStarted,
} from '../../../packages/core/src/index.ts';
import type { BillPrinter } from './bill-printer.ts';
import type { RailBooks } from './books.ts';
import type { Pages } from './pages.ts';
import type { Refunds } from './refunds.ts';
import type { Wire } from './wire.ts';

const NO_ANSWER = { kind: 'unknown', detail: 'no answer' } as const;
const NOT_CONNECTED = { kind: 'never_sent', detail: 'nobody listens' } as const;

/** What a simulated rail is made of. */
type Parts = {
  readonly books: RailBooks;
  readonly wire: Wire;
  readonly bills: BillPrinter;
  readonly refunds: Refunds;
  readonly pages: Pages;
};

/** A rail of the port over simulated books: what our engine talks to. */
export function makeSimRail(id: string, parts: Parts): Rail {
  const { capabilities } = parts.books;
  return {
    id,
    capabilities,
    ...mandateCalls(parts),
    ...moneyCalls(parts),
    ...(capabilities.announcement === undefined ? {} : { announce: announceCall(parts) }),
    ...(capabilities.plannedDate === undefined ? {} : { movePlannedDate: moveCall(parts) }),
    readCallback: () => ({
      kind: 'refused',
      reason: 'unsupported',
      answer: { status: 400, contentType: 'text/plain', body: '' },
    }),
  };
}

function mandateCalls({
  books,
  wire,
}: Parts): Pick<Rail, 'beginSigning' | 'queryMandate' | 'endMandate'> {
  const nothing = { nothing: NO_ANSWER };
  return {
    beginSigning: ({ contractCode: code, displayAccount: payer, singleCap, firstPlannedDate }) =>
      wire.carry<SigningStarted>(
        'signing',
        () => {
          const capMinor = singleCap.minor;
          const plan = firstPlannedDate === undefined ? {} : { firstPlanned: firstPlannedDate };
          books.openPage({ code, payer, capMinor, ...plan });
          return { kind: 'open_url', url: code };
        },
        nothing,
      ),
    queryMandate: ({ contractCode }) =>
      wire.carry<MandateReport>('mandate query', () => books.reportOf(contractCode), nothing),
    endMandate: ({ contractCode }) =>
      wire.carry<MandateReport>(
        'mandate end',
        () => {
          books.end(contractCode, 'merchant');
          return books.reportOf(contractCode);
        },
        nothing,
      ),
  };
}

type MoneyCalls = Required<
  Pick<Rail, 'submit' | 'ask' | 'close' | 'fetchBill' | 'refund' | 'askRefund' | 'beginPayment'>
>;

function moneyCalls({ books, wire, bills, refunds, pages }: Parts): MoneyCalls {
  const nothing = NO_ANSWER;
  return {
    submit: (request) =>
      wire.carry<AttemptOutcome>('submit', () => books.receive(request), {
        nothing,
        down: NOT_CONNECTED,
        canBeLate: true,
      }),
    ask: (number) =>
      wire.carry<AttemptOutcome>('query', () => pages.outcome(number) ?? books.outcome(number), {
        nothing,
      }),
    close: (number) =>
      wire.carry<AttemptOutcome>('close', () => pages.close(number) ?? books.close(number), {
        nothing,
      }),
    beginPayment: (request) =>
      wire.carry<PayLinkStarted>(
        'page',
        () => {
          pages.begin(request);
          return { kind: 'open_url', url: request.orderNumber };
        },
        { nothing },
      ),
    fetchBill: (date) =>
      wire.carry<BillDownload>('bill', () => toDownload(bills, date), { nothing }),
    refund: (request) =>
      wire.carry<RefundOutcome>('refund', () => refunds.receive(request), {
        nothing,
        down: NOT_CONNECTED,
        canBeLate: true,
      }),
    askRefund: ({ refundNumber }) =>
      wire.carry<RefundOutcome>('refund query', () => refunds.outcome(refundNumber), { nothing }),
  };
}

function announceCall({ books, wire }: Parts): NonNullable<Rail['announce']> {
  return ({ railReference, amount }) =>
    wire.carry<AnnouncementOutcome>(
      'announcement',
      () => toAnnouncement(books.announce(railReference, amount.minor)),
      { nothing: NO_ANSWER, canBeLate: true },
    );
}

function moveCall({ books, wire }: Parts): NonNullable<Rail['movePlannedDate']> {
  return ({ railReference, plannedDate }) =>
    wire.carry<PlannedDateOutcome>(
      'another planned date',
      () =>
        books.movePlan(railReference, plannedDate)
          ? { kind: 'moved', plannedDate }
          : { kind: 'refused', code: 'NOT_LATER', message: 'a date is moved later only' },
      { nothing: NO_ANSWER },
    );
}

function toAnnouncement(answer: ReturnType<RailBooks['announce']>): AnnouncementOutcome {
  if (answer === 'done') return { kind: 'done' };
  const mandateGone = answer === 'gone';
  return { kind: 'refused', code: answer.toUpperCase(), message: '', mandateGone };
}

function toDownload(bills: BillPrinter, date: Temporal.PlainDate): BillDownload {
  const bill = bills.print(date);
  if (bill === 'not_ready') return { kind: 'not_ready', message: 'not yet' };
  if (bill.lines.length === 0 && !bill.isCutShort) return { kind: 'empty' };
  const text = bill.lines.map(({ orderNumber, amount, fee }) =>
    [orderNumber, amount.minor, fee.minor].join(','),
  );
  const contentHash = createHash('sha256')
    .update(`${date} ${text.join('\n')} ${bill.isCutShort}`)
    .digest('hex');
  return { kind: 'ready', contentHash, lines: stream(bill) };
}

async function* stream(bill: {
  readonly lines: readonly RailBillLine[];
  readonly isCutShort: boolean;
}): AsyncIterable<RailBillLine> {
  yield* bill.lines;
  if (bill.isCutShort) throw new Error('the file ends in the middle of a line');
}
