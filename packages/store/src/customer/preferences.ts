import type { ContactChannel, NoticePreferences, OptionalMessage } from '@daikou/core';
import { given } from '../columns.ts';

/** Preferences as a flat JSON document; times as `HH:MM`. */
export function toPreferencesJson(preferences: NoticePreferences): object {
  const { quietFrom, quietUntil, ...rest } = preferences;
  return {
    ...rest,
    ...(quietFrom === undefined ? {} : { quietFrom: quietFrom.toString() }),
    ...(quietUntil === undefined ? {} : { quietUntil: quietUntil.toString() }),
  };
}

export function fromPreferencesJson(value: unknown): NoticePreferences {
  const json = value as {
    readonly order?: readonly ContactChannel[];
    readonly quietFrom?: string;
    readonly quietUntil?: string;
    readonly zone?: string;
    readonly extraDays?: number;
    readonly declined?: readonly OptionalMessage[];
  };
  const { quietFrom, quietUntil, ...rest } = json;
  return {
    ...rest,
    ...given('quietFrom', quietFrom ?? null, toTime),
    ...given('quietUntil', quietUntil ?? null, toTime),
  };
}

function toTime(text: string): Temporal.PlainTime {
  return Temporal.PlainTime.from(text);
}
