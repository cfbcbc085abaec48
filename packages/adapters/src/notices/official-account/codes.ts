/**
 * What the `errcode` of a call means. `token`: the access token is no longer good, a new one is
 * fetched and the call repeated once. `later`: their own trouble. Unlisted: nothing is known.
 */
export const CODES: Readonly<Record<string, 'token' | 'refused' | 'later'>> = {
  '-1': 'later',
  '40001': 'token',
  '40014': 'token',
  '42001': 'token',
  // The secret, the account or its address list is wrong.
  '40013': 'refused',
  '40125': 'refused',
  '40164': 'refused',
  '41004': 'refused',
  '48001': 'refused',
  '48004': 'refused',
  '50002': 'refused',
  // The user is none, does not follow the account, or refuses these messages.
  '40003': 'refused',
  '43004': 'refused',
  '43101': 'refused',
  // The template or its fields are wrong.
  '40037': 'refused',
  '41028': 'refused',
  '47001': 'refused',
  '47003': 'refused',
  // The day's quota is used up: another channel is faster than tomorrow.
  '45009': 'refused',
};

/** `Status` of TEMPLATESENDJOBFINISH. */
export const STATUSES: Readonly<Record<string, 'delivered' | 'failed'>> = {
  success: 'delivered',
  'failed:user block': 'failed',
  'failed: system failed': 'failed',
};
