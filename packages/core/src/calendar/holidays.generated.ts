// Made by tools/generate-holidays.ts from NateScarlet/holiday-cn (MIT, see NOTICE.md).
// Change the source and run the tool again; edits here are lost.

/** First day, number of days, name of the holiday. */
export type HolidayRun = readonly [from: string, days: number, name: string];

/** What was announced for one year: days off, and weekend days that are worked. */
export type HolidayYear = {
  readonly year: number;
  readonly off: readonly HolidayRun[];
  readonly work: readonly HolidayRun[];
};

export const HOLIDAY_YEARS: readonly HolidayYear[] = [
  {
    year: 2024,
    // https://www.gov.cn/zhengce/zhengceku/202310/content_6911528.htm
    off: [
      ['2024-01-01', 1, '元旦'],
      ['2024-02-10', 8, '春节'],
      ['2024-04-04', 3, '清明节'],
      ['2024-05-01', 5, '劳动节'],
      ['2024-06-10', 1, '端午节'],
      ['2024-09-15', 3, '中秋节'],
      ['2024-10-01', 7, '国庆节'],
    ],
    work: [
      ['2024-02-04', 1, '春节'],
      ['2024-02-18', 1, '春节'],
      ['2024-04-07', 1, '清明节'],
      ['2024-04-28', 1, '劳动节'],
      ['2024-05-11', 1, '劳动节'],
      ['2024-09-14', 1, '中秋节'],
      ['2024-09-29', 1, '国庆节'],
      ['2024-10-12', 1, '国庆节'],
    ],
  },
  {
    year: 2025,
    // https://www.gov.cn/zhengce/zhengceku/202411/content_6986383.htm
    off: [
      ['2025-01-01', 1, '元旦'],
      ['2025-01-28', 8, '春节'],
      ['2025-04-04', 3, '清明节'],
      ['2025-05-01', 5, '劳动节'],
      ['2025-05-31', 3, '端午节'],
      ['2025-10-01', 8, '国庆节、中秋节'],
    ],
    work: [
      ['2025-01-26', 1, '春节'],
      ['2025-02-08', 1, '春节'],
      ['2025-04-27', 1, '劳动节'],
      ['2025-09-28', 1, '国庆节、中秋节'],
      ['2025-10-11', 1, '国庆节、中秋节'],
    ],
  },
  {
    year: 2026,
    // https://www.gov.cn/zhengce/zhengceku/202511/content_7047091.htm
    off: [
      ['2026-01-01', 3, '元旦'],
      ['2026-02-15', 9, '春节'],
      ['2026-04-04', 3, '清明节'],
      ['2026-05-01', 5, '劳动节'],
      ['2026-06-19', 3, '端午节'],
      ['2026-09-25', 3, '中秋节'],
      ['2026-10-01', 7, '国庆节'],
    ],
    work: [
      ['2026-01-04', 1, '元旦'],
      ['2026-02-14', 1, '春节'],
      ['2026-02-28', 1, '春节'],
      ['2026-05-09', 1, '劳动节'],
      ['2026-09-20', 1, '国庆节'],
      ['2026-10-10', 1, '国庆节'],
    ],
  },
];
