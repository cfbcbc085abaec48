import { sql } from 'kysely';
import type { Check, Found } from './check.ts';

/** I4: an attempt's end is whole and final. */
export const findChangedEnds: readonly Check[] = [
  {
    invariant: 'I4 end has its time',
    table: 'attempts',
    prefix: 'att',
    find: sql<Found>`
      select id, format('The attempt is %s and its end is %s.', state,
                        coalesce(ended_at::text, 'missing')) as sentence
        from attempts
       where (state in ('submitting', 'accepted', 'unknown')) <> (ended_at is null)`,
  },
  {
    invariant: 'I4 refusal says why',
    table: 'attempts',
    prefix: 'att',
    find: sql<Found>`
      select id, format('The attempt is %s and its refusal is %s.', state,
                        coalesce(refusal_class, 'missing')) as sentence
        from attempts
       where (state = 'refused' and refusal_class is null)
          or (state in ('submitting', 'accepted', 'unknown', 'succeeded')
              and refusal_class is not null)`,
  },
];
