import type { Refusal } from '@daikou/core';

/** The answer where an id is not this merchant's: whether it never was or is another's. */
export function notFound(what: string, field?: string): Refusal<'not_found'> {
  return {
    code: 'not_found',
    sentence: `There is no such ${what}.`,
    next: 'Check the id and that the key belongs to the same merchant.',
    ...(field === undefined ? {} : { field }),
  };
}
