import { type ContactChannel, fromUuid, type Merchant } from '../../packages/core/src/index.ts';
import { changeContact } from '../../packages/engine/src/index.ts';
import type { OpenedStore } from '../../packages/store/src/index.ts';
import type { DeskWork } from './desk-work.ts';
import type { Rng } from './dice.ts';

/** What becomes of messages to an address: they arrive, come back, or are never heard of. */
export type Fate = 'arrives' | 'bounces' | 'silent';

/** One way to reach a payer, the first one first. */
export type PayerContact = {
  readonly channel: ContactChannel;
  readonly address: string;
  readonly fate: Fate;
  /** The payer gives another address of this channel, one that works, so many days later. */
  readonly corrected?: { readonly address: string; readonly afterDays: number };
};

/** Channels of the simulated world, with how each proves a delivery. */
export const CHANNELS = [
  ['mail', 'report'],
  ['sms', 'query'],
  ['official_account', 'report'],
] as const satisfies readonly (readonly [ContactChannel, 'report' | 'query'])[];

type WorldChannel = (typeof CHANNELS)[number][0];

/** In a thousand: payers with a second and with a third channel, and addresses that do not work. */
const HAS_SECOND = 550;
const HAS_THIRD = 400;
const IS_DEAD = 200;
const IS_SILENT = 500;
const IS_CORRECTED = 500;

/** One to three channels of a payer. Who has one only is reached by it, unless by none at all. */
export function makeContacts(
  rng: Rng,
  payer: {
    readonly index: number;
    readonly first: 'mail' | 'sms';
    /** Nothing that is sent to any of them arrives. */
    readonly isUnreachable: boolean;
  },
): readonly PayerContact[] {
  const { index, first, isUnreachable } = payer;
  const others = CHANNELS.map(([channel]) => channel).filter((channel) => channel !== first);
  const second = rng.chance(HAS_SECOND) ? rng.pick(others) : undefined;
  const third = second !== undefined && rng.chance(HAS_THIRD);
  const more = others.filter((channel) => channel === second || third);
  const all = [first, ...more];
  return all.map((channel) => {
    const isDead = rng.chance(IS_DEAD) && all.length > 1;
    const dead: Fate = rng.chance(IS_SILENT) ? 'silent' : 'bounces';
    const isCorrected = rng.chance(IS_CORRECTED);
    const afterDays = rng.between(3, 35);
    const fate = isDead || isUnreachable ? dead : 'arrives';
    return {
      channel,
      address: addressOf(channel, index, 'first'),
      fate,
      ...(fate !== 'arrives' && isCorrected
        ? { corrected: { address: addressOf(channel, index, 'second'), afterDays } }
        : {}),
    };
  });
}

function addressOf(channel: WorldChannel, index: number, which: 'first' | 'second'): string {
  const isFirst = which === 'first';
  switch (channel) {
    case 'mail':
      return `p-${index + 1}${isFirst ? '' : '-new'}@example.test`;
    case 'sms':
      return `+1${isFirst ? '212' : '646'}555${String(100 + index).padStart(4, '0')}`;
    case 'official_account':
      return `openid-${isFirst ? '' : 'new-'}${index + 1}`;
  }
}

/** What is sent there arrives, comes back, or is never heard of; a corrected address works. */
export function fateOf(
  payers: readonly { readonly contacts: readonly PayerContact[] }[],
  address: string,
): Fate {
  const contacts = payers.flatMap((payer) => payer.contacts);
  return contacts.find((contact) => contact.address === address)?.fate ?? 'arrives';
}

/** Whether the message went to this payer, at an address of now or of before. */
export function isAddressOf(
  { contacts }: { readonly contacts: readonly PayerContact[] },
  address: string,
): boolean {
  return contacts.some((one) => one.address === address || one.corrected?.address === address);
}

/**
 * Contacts that payers correct by now and that our books do not have yet. Asked of our books, so
 * that a correction whose process died is made the next day.
 */
export async function correctionsDue(
  store: OpenedStore,
  house: {
    readonly merchant: Merchant;
    readonly payers: readonly (Reachable & { readonly reference: string })[];
  },
  day: number,
): Promise<readonly DeskWork[]> {
  const works: DeskWork[] = [];
  for (const { reference, contacts } of house.payers) {
    for (const { channel, corrected } of contacts) {
      if (corrected === undefined || corrected.afterDays > day) continue;
      const { address } = corrected;
      const { rows } = await store.rawSql(`
        select c.id from customers c
         where c.external_reference = '${reference}' and not exists (
           select from contacts k
            where k.bucket = c.bucket and k.customer_id = c.id and k.address = '${address}')`);
      for (const [id] of rows) {
        works.push((job) => changeContact(job, fromUuid('cus', String(id)), { channel, address }));
      }
    }
  }
  return works;
}

type Reachable = { readonly contacts: readonly PayerContact[] };
