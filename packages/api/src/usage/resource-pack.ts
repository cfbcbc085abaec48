import type { ResourcePack } from '@daikou/core';
import { Type } from 'typebox';
import { DateSchema, toDateWire } from '../calendar/dates.ts';
import { exampleId, idSchema } from '../ids/id.ts';
import { DecimalSchema, toDecimalWire } from '../money/decimal.ts';
import { choiceOf, orNull } from '../result/choice.ts';
import { REFERENCE_MAX_LENGTH } from '../result/list.ts';

const MeterCodeSchema = Type.String({
  minLength: 1,
  maxLength: REFERENCE_MAX_LENGTH,
  description: "The meter's code.",
});

/** What `POST /v1/customers/{id}/resource-packs` takes. */
export const NewResourcePackSchema = Type.Object(
  {
    meter: MeterCodeSchema,
    units: Type.String({ maxLength: 40, description: 'A decimal above zero, as text.' }),
    valid_from: Type.Optional(DateSchema),
    expires_on: DateSchema,
    sale: Type.Optional(
      Type.Object(
        {
          subscription_id: idSchema('sub'),
          price_version_id: idSchema('prv'),
          bill: Type.Optional(
            choiceOf({
              next_invoice: 'on the next invoice (default)',
              now: 'an invoice is made for it at once',
            }),
          ),
        },
        {
          additionalProperties: false,
          description: 'Sells the pack through a one-off price; left out: it is granted.',
        },
      ),
    ),
  },
  {
    title: 'NewResourcePack',
    additionalProperties: false,
    description: 'A resource pack to give or to sell. Without valid_from it holds from today.',
    examples: [{ meter: 'tokens', units: '1000000', expires_on: '2027-03-10' }],
  },
);

export type NewResourcePackBody = Type.Static<typeof NewResourcePackSchema>;

/** Units that were paid beforehand, on the wire (资源包). */
export const ResourcePackSchema = Type.Object(
  {
    id: idSchema('rsp'),
    customer_id: idSchema('cus'),
    meter: MeterCodeSchema,
    meter_id: idSchema('mtr'),
    units_bought: DecimalSchema,
    units_left: DecimalSchema,
    valid_from: DateSchema,
    expires_on: DateSchema,
    price_version_id: orNull(idSchema('prv')),
  },
  {
    title: 'ResourcePack',
    additionalProperties: false,
    description:
      'Units of a meter that were given or paid beforehand (资源包), burnt before the price ' +
      'applies. expires_on is the first day on which it can no longer be burnt.',
    examples: [
      {
        id: exampleId('rsp'),
        customer_id: exampleId('cus'),
        meter: 'tokens',
        meter_id: exampleId('mtr'),
        units_bought: '1000000',
        units_left: '412500.5',
        valid_from: '2026-03-10',
        expires_on: '2027-03-10',
        price_version_id: null,
      },
    ],
  },
);

export type ResourcePackWire = Type.Static<typeof ResourcePackSchema>;

/** A resource pack in its wire form; `meter` is the code of its meter. */
export function toResourcePackWire(pack: ResourcePack, meter: string): ResourcePackWire {
  return {
    id: pack.id,
    customer_id: pack.customerId,
    meter,
    meter_id: pack.meterId,
    units_bought: toDecimalWire(pack.unitsBought),
    units_left: toDecimalWire(pack.unitsLeft),
    valid_from: toDateWire(pack.validFrom),
    expires_on: toDateWire(pack.expiresOn),
    price_version_id: pack.priceVersionId ?? null,
  };
}
