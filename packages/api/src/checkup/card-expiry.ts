import { Type } from 'typebox';
import { DateSchema } from '../calendar/dates.ts';

/** What `POST /v1/mandates/{id}/card-expiry` takes. */
export const CardExpirySchema = Type.Object(
  { expires_on: DateSchema },
  {
    title: 'CardExpiry',
    additionalProperties: false,
    description: 'The last day on which the card is valid: the end of the month printed on it.',
    examples: [{ expires_on: '2027-08-31' }],
  },
);

export type CardExpiryBody = Type.Static<typeof CardExpirySchema>;
