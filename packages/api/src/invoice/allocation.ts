import type { Allocation } from '@daikou/core';
import { Type } from 'typebox';
import { exampleId, idSchema } from '../ids/id.ts';
import { AmountSchema, toAmountWire } from '../money/amount.ts';
import { choiceOf, orNull } from '../result/choice.ts';

/** What one department or member is of an invoice. */
export const AllocationSchema = Type.Object(
  {
    beneficiary_id: orNull(idSchema('cus')),
    net: AmountSchema,
    tax: AmountSchema,
    amount: AmountSchema,
  },
  {
    title: 'Allocation',
    additionalProperties: false,
    description: 'The parts add up to the invoice. beneficiary_id is null for the payer itself.',
    examples: [
      {
        beneficiary_id: exampleId('cus'),
        net: { amount: 10_000, currency: 'CNY' },
        tax: { amount: 600, currency: 'CNY' },
        amount: { amount: 10_600, currency: 'CNY' },
      },
    ],
  },
);

/** What `GET /v1/invoices/{id}/allocation` may be asked. */
export const AllocationQuerySchema = Type.Object(
  { format: Type.Optional(choiceOf({ json: 'The default.', csv: 'A table for spreadsheets.' })) },
  { additionalProperties: false },
);

export type AllocationWire = Type.Static<typeof AllocationSchema>;

export function toAllocationWire({ beneficiaryId, net, tax, amount }: Allocation): AllocationWire {
  return {
    beneficiary_id: beneficiaryId ?? null,
    net: toAmountWire(net),
    tax: toAmountWire(tax),
    amount: toAmountWire(amount),
  };
}
