import type { InvoiceState } from '../invoice/invoice.ts';
import type { AttemptState } from './attempt.ts';
import type { ExplainWords, Story } from './explain-words.ts';

const what = (story: Story) => `${story.plan} from ${story.merchant}`;
const taken = (story: Story) =>
  `${story.amount} was debited on ${story.on} through ${story.rail} for ${what(story)}`;

const CHANNELS = {
  mail: 'mail',
  sms: 'SMS',
  official_account: 'the official account',
  dingtalk: 'DingTalk',
  wecom: 'WeCom',
  inbox: 'the inbox',
  webhook: 'webhook',
  rail: 'the payment platform',
} as const;

const OUTCOMES: Readonly<Record<AttemptState, string>> = {
  submitting: 'was submitted',
  accepted: 'was accepted',
  unknown: 'has no known outcome yet',
  succeeded: 'succeeded',
  refused: 'was refused',
  closed: 'was closed unpaid',
  never_sent: 'was never sent',
  late_success: 'succeeded late',
};

const BY_HAND: Readonly<Record<InvoiceState, string>> = {
  draft: 'the invoice is not issued yet, and no money has moved.',
  open: 'you pay it yourself; nothing is debited.',
  paid: 'it is paid, and nothing was debited.',
  void: 'the invoice was voided; nothing is debited.',
};

export const ENGLISH: ExplainWords = {
  succeeded: (story) => `${taken(story)}.`,
  takenAgain: (story, surplus) =>
    `${taken(story)}. Another ${surplus} was taken by mistake and is owed back.`,
  inFlight: (story) =>
    `${story.amount} was sent to ${story.rail} for ${what(story)}; ` +
    'the outcome is not known yet. Nothing more is taken before it is.',
  takenWhileOpen: (story) =>
    `${taken(story)}. The outcome of another order is not known yet; ` +
    'whatever it takes is owed back.',
  scheduled: (story) =>
    `${story.amount} is to be debited on ${story.on} through ${story.rail} ` +
    `for ${what(story)}. No money has moved.`,
  failed: (story) => `No money has moved: the debit of ${story.amount} for ${what(story)} failed.`,
  canceled: (story) =>
    `No money will move: the debit of ${story.amount} for ${what(story)} was cancelled.`,
  takenForNothing: (story) => `${taken(story)}, when nothing was owed any more; it is owed back.`,
  byHand: (story, state) => `${story.amount} for ${what(story)}: ${BY_HAND[state]}`,
  agreedPrice: ' (agreed price)',
  lineName: (line) => line.nameEn,
  invoice: (number, period) => `Invoice ${number}, ${period}`,
  total: (total, tax) => `Total ${total} (tax ${tax} included)`,
  notSigned: 'The mandate is not signed',
  signed: (contractCode, { rail, on }) => `Mandate ${contractCode} signed with ${rail} on ${on}`,
  notice: ({ channel, amount, collectDate, hasFailed, deliveredOn }) => {
    const waiting = hasFailed ? 'could not be delivered' : 'is not delivered yet';
    const state = deliveredOn === undefined ? waiting : `was delivered on ${deliveredOn}`;
    return `The notice by ${CHANNELS[channel]} of ${amount} on ${collectDate} ${state}`;
  },
  attempt: ({ ordinal, on, state, code, orderNumber, railReference }) => {
    const outcome = `${OUTCOMES[state]}${code === '' ? '' : ` (${code})`}`;
    const trade = railReference === undefined ? '' : `, rail number ${railReference}`;
    return `Attempt ${ordinal} on ${on} ${outcome}; order number ${orderNumber}${trade}`;
  },
};
