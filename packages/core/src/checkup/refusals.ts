import type { Refusal } from '../result/result.ts';

export type CheckupRefusalCode = 'person_missing' | 'remark_too_long' | 'finding_not_open';

const REFUSALS: Readonly<Record<CheckupRefusalCode, Omit<Refusal, 'code'>>> = {
  person_missing: {
    sentence: 'It is not said who decides.',
    next: 'Name the person, in at most 80 characters.',
    field: 'by',
  },
  remark_too_long: {
    sentence: 'The remark has more than 500 characters.',
    next: 'Say it shorter.',
    field: 'remark',
  },
  finding_not_open: {
    sentence: 'The finding is not open: it was cured, or another person accepted it.',
    next: 'Read the checkup again.',
  },
};

export function checkupRefusal(code: CheckupRefusalCode): Refusal<CheckupRefusalCode> {
  return { code, ...REFUSALS[code] };
}
