import type { LineWhy, RatedStep } from '@daikou/core';
import { amount, count, date, exact, id, list, record, type Shape, word } from '../json-shape.ts';

type Found<K extends keyof LineWhy> = Exclude<LineWhy[K], undefined>;

const step: Shape<RatedStep> = record<RatedStep>({
  kind: word(),
  quantity: exact,
  price: exact,
  amount: exact,
  tier: record<Exclude<RatedStep['tier'], undefined>>({ number: count, from: exact, upTo: exact }),
  size: exact,
  bucket: count,
});

/** Why a line has its amount. */
export const lineWhy: Shape<LineWhy> = record<LineWhy>({
  steps: list(step),
  packUnits: exact,
  usedUnits: exact,
  discounts: list(record<Found<'discounts'>[number]>({ couponCode: word(), amount })),
  change: record<Found<'change'>>({ type: word(), on: date }),
  credits: record<Found<'credits'>>({ invoiceId: id('inv'), position: count }),
  instalment: record<Found<'instalment'>>({ number: count, of: count }),
  lateFee: record<Found<'lateFee'>>({
    invoiceId: id('inv'),
    days: count,
    base: amount,
    cap: amount,
    dailyBasisPoints: exact,
  }),
});
