import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { renderHolidays, type SourceYear } from './generate-holidays.ts';

const off = (date: string, name: string) => ({ date, name, isOffDay: true });
const work = (date: string, name: string) => ({ date, name, isOffDay: false });

const ANNOUNCED: SourceYear = {
  year: 2030,
  papers: ['https://gov.example.test/2030'],
  days: [
    work('2030-02-09', '春节'),
    off('2030-02-01', '春节'),
    off('2030-02-02', '春节'),
    off('2030-02-04', '春节'),
    off('2030-02-05', '元宵'),
  ],
};

describe('the data file of holidays', () => {
  const lines = renderHolidays([
    { year: 2031, papers: [], days: [] },
    ANNOUNCED,
    { ...ANNOUNCED, year: 2029, days: [off('2029-01-01', '元旦')] },
  ]).split('\n');
  const rowsOf = (text: string) => lines.filter((line) => line.includes(text));

  test('joins days of one name that follow each other, and no others', () => {
    assert.deepEqual(
      rowsOf("['2030-").map((line) => line.trim()),
      [
        "['2030-02-01', 2, '春节'],",
        "['2030-02-04', 1, '春节'],",
        "['2030-02-05', 1, '元宵'],",
        "['2030-02-09', 1, '春节'],",
      ],
    );
  });

  test('lists years in order and leaves out those without an announcement', () => {
    assert.deepEqual(
      rowsOf('    year: 2').map((line) => line.trim()),
      ['year: 2029,', 'year: 2030,'],
    );
  });

  test('names the announcement that it follows', () => {
    assert.equal(rowsOf('// https://gov.example.test/2030').length, 2);
  });
});
