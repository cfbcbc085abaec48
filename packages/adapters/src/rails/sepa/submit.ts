import { createHash } from 'node:crypto';
import type { AttemptOutcome, DebitRequest, RefusalClass } from '@daikou/core';
import { unknownOutcome } from '../outcomes.ts';
import type { Archive, SendOutcome } from './archive.ts';
import type { SepaSettings } from './config.ts';
import { dueDateOf } from './due-date.ts';
import { DEBIT_FILE } from './events.ts';
import { endOf } from './mandates.ts';
import {
  type Collection,
  type CollectionGroup,
  groupCollections,
  type SequenceType,
  toPain008,
} from './pain008.ts';
import { openAccount } from './vault.ts';

/** Characters of a number that every bank takes (EPC217-08). */
const NUMBER = /^[A-Za-z0-9]{1,35}$/;

const SEQUENCES: Readonly<Record<NonNullable<DebitRequest['sequence']>, SequenceType>> = {
  first: 'FRST',
  recurring: 'RCUR',
  final: 'FNAL',
  one_off: 'OOFF',
};

/** Where a batch goes. */
export type Submitting = {
  readonly settings: SepaSettings;
  readonly archive: Archive;
  readonly ask: (orderNumber: string) => Promise<AttemptOutcome>;
};

/** A request that goes into the file, or what is known of it without one. */
type Prepared =
  | { readonly kind: 'collect'; readonly collection: Collection; readonly railReference: string }
  | { readonly kind: 'known'; readonly outcome: AttemptOutcome };

/**
 * One file for a batch. A number that a file of ours holds already is never written into another:
 * what became of it is asked instead. The file's name and its message id come from the numbers in
 * it, so that the same batch again is the same file, which a bank takes at most once.
 */
export async function submitBatch(
  parts: Submitting,
  requests: readonly DebitRequest[],
): Promise<readonly AttemptOutcome[]> {
  await parts.archive.repair();
  await parts.archive.refresh();
  const prepared = new Map<string, Prepared>();
  for (const request of requests) {
    if (prepared.has(request.orderNumber)) continue;
    prepared.set(request.orderNumber, await prepare(parts, request));
  }
  const collecting = [...prepared.values()].filter((one) => one.kind === 'collect');
  const sent = collecting.length === 0 ? 'sent' : await sendFile(parts, collecting);
  return requests.map(({ orderNumber }) => {
    const one = prepared.get(orderNumber);
    return one?.kind === 'known' ? one.outcome : toOutcome(sent);
  });
}

async function prepare(parts: Submitting, request: DebitRequest): Promise<Prepared> {
  const { settings, archive } = parts;
  const { orderNumber, railReference, amount } = request;
  if (!NUMBER.test(orderNumber) || amount.currency !== 'EUR' || amount.minor <= 0n) {
    return refuse('merchant_fault', 'request_invalid', 'The number or the amount is not for SEPA.');
  }
  const before = await archive.orderOf(orderNumber);
  if (before !== undefined) {
    const isSame = before.minor === amount.minor;
    const outcome = isSame
      ? await parts.ask(orderNumber)
      : unknownOutcome('the number was sent before with another amount');
    return { kind: 'known', outcome };
  }
  const debtor = openAccount(settings.vault, railReference);
  if (debtor === undefined) {
    return refuse('merchant_fault', 'account_sealed', 'No key opens the account of the mandate.');
  }
  if ((await endOf(archive, debtor.contractCode)) !== undefined) {
    return refuse('mandate', 'mandate_ended', 'The mandate has ended.');
  }
  const collection: Collection = {
    orderNumber,
    amount,
    description: request.description,
    dueDate: dueDateOf(settings, request.collectDate, settings.now()),
    // Since November 2016 a first collection may go as a recurring one, and a batch that a bank
    // sends back then needs no other sequence type the second time.
    sequence: SEQUENCES[request.sequence ?? 'recurring'],
    mandateId: debtor.contractCode,
    debtor,
  };
  return { kind: 'collect', collection, railReference };
}

function refuse(refusalClass: RefusalClass, code: string, message: string): Prepared {
  const refusal = { class: refusalClass, code, message };
  return { kind: 'known', outcome: { kind: 'refused', refusal } };
}

async function sendFile(
  { settings, archive }: Submitting,
  prepared: readonly Extract<Prepared, { kind: 'collect' }>[],
): Promise<SendOutcome> {
  const collections = prepared.map((one) => one.collection);
  const id = messageIdOf(
    DEBIT_FILE,
    collections.map((one) => one.orderNumber),
  );
  const groups = groupCollections(id, collections);
  const references = new Map(
    prepared.map((one) => [one.collection.orderNumber, one.railReference]),
  );
  return archive.send({
    id,
    xml: toPain008(settings, { id, at: settings.now(), groups }),
    orders: groups.flatMap((group) => toOrders(group, references)),
  });
}

function toOrders(group: CollectionGroup, references: ReadonlyMap<string, string>) {
  return group.collections.map(({ orderNumber, amount }) => ({
    number: orderNumber,
    minor: amount.minor,
    groupId: group.id,
    railReference: references.get(orderNumber) ?? '',
  }));
}

/** A message id of 32 letters and digits from the numbers in the file, whatever their order. */
export function messageIdOf(prefix: string, numbers: readonly string[]): string {
  const digest = createHash('sha256')
    .update([...numbers].sort().join('\n'))
    .digest('hex');
  return `${prefix}${digest.slice(0, 30).toUpperCase()}`;
}

function toOutcome(sent: SendOutcome): AttemptOutcome {
  switch (sent) {
    case 'sent':
      return { kind: 'accepted' };
    case 'not_sent':
      return { kind: 'never_sent', detail: 'the file could not be put into the outbox' };
    case 'unknown':
      return unknownOutcome('the file may be in the outbox');
  }
}
