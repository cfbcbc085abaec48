import type {
  ChangeTime,
  Contract,
  EarlyTermination,
  NewItem,
  Pause,
  PriceGrounds,
  SubscriptionCommand,
} from '@daikou/core';
import { priceModel } from '../catalog/model-shape.ts';
import {
  amount,
  date,
  flag,
  id,
  instant,
  list,
  record,
  type Shape,
  variants,
  whole,
  word,
} from '../json-shape.ts';

export const pauses: Shape<readonly Pause[]> = list(record<Pause>({ from: date, until: date }));

const earlyTermination: Shape<EarlyTermination> = variants<EarlyTermination>({
  free: record({ type: word<'free'>() }),
  share_of_remaining: record({ type: word<'share_of_remaining'>(), basisPoints: whole }),
  fixed: record({ type: word<'fixed'>(), amount }),
});

/** What a contract says beside its two dates, which are columns. */
export type ContractTerms = Omit<Contract, 'start' | 'end'>;

export const contractTerms: Shape<ContractTerms> = record<ContractTerms>({
  renewal: word(),
  earlyTermination,
  minimumPerPeriod: amount,
  minimumForTerm: amount,
});

const contract: Shape<Contract> = record<Contract>({
  start: date,
  end: date,
  renewal: word(),
  earlyTermination,
  minimumPerPeriod: amount,
  minimumForTerm: amount,
});

const when: Shape<ChangeTime> = {
  to: (value) => (value.at === 'date' ? { at: value.at, date: date.to(value.date) } : value),
  from: (json) => {
    const read = record<{ at: ChangeTime['at']; date?: Temporal.PlainDate }>({
      at: word(),
      date,
    }).from(json);
    return read as ChangeTime;
  },
};

const newItem: Shape<NewItem> = record<NewItem>({
  priceVersionId: id('prv'),
  quantity: whole,
  agreedModel: priceModel,
});

type GroundsOf<K extends PriceGrounds['type']> = Extract<PriceGrounds, { type: K }>;

const grounds: Shape<PriceGrounds> = variants<PriceGrounds>({
  not_higher: record<GroundsOf<'not_higher'>>({ type: word() }),
  consent: record<GroundsOf<'consent'>>({
    type: word(),
    priceChangeId: id('pch'),
    at: instant,
    channel: word(),
    evidenceHash: word(),
  }),
  silence_of_business: record<GroundsOf<'silence_of_business'>>({
    type: word(),
    priceChangeId: id('pch'),
    noticedAt: instant,
  }),
});

type Of<K extends SubscriptionCommand['type']> = Extract<SubscriptionCommand, { type: K }>;

/** What was done to a subscription, as its history keeps it. */
export const command: Shape<SubscriptionCommand> = variants<SubscriptionCommand>({
  quantity: record<Of<'quantity'>>({ type: word(), itemId: id('sit'), quantity: whole, when }),
  add_item: record<Of<'add_item'>>({
    type: word(),
    priceVersionId: id('prv'),
    quantity: whole,
    agreedModel: priceModel,
    when,
  }),
  remove_item: record<Of<'remove_item'>>({ type: word(), itemId: id('sit'), when }),
  plan: record<Of<'plan'>>({ type: word(), planId: id('pln'), items: list(newItem), when }),
  prices: record<Of<'prices'>>({
    type: word(),
    versions: list(record({ from: id('prv'), to: id('prv') })),
    when,
    grounds,
  }),
  pause: record<Of<'pause'>>({ type: word(), when, resumesOn: date }),
  resume: record<Of<'resume'>>({ type: word(), when }),
  end: record<Of<'end'>>({ type: word(), when, waiveTermination: flag }),
  auto_renew: record<Of<'auto_renew'>>({ type: word(), on: flag }),
  align: record<Of<'align'>>({ type: word(), expiresOn: date }),
  contract: record<Of<'contract'>>({ type: word(), contract }),
  unpark: record<Of<'unpark'>>({ type: word() }),
});
