import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Rule, Source } from './source.ts';

/** Files of an imagined repository: path → text. */
export type Files = Readonly<Record<string, string>>;

/** One case of a rule: the files, and `line: words of the message` for each finding expected. */
export type Case = readonly [name: string, files: Files, expected: readonly string[]];

/** Runs a table of cases; the findings must match in number, place and words. */
export function testRule(rule: Rule, cases: readonly Case[]): void {
  for (const [name, files, expected] of cases) {
    test(`${rule.name}: ${name}`, () => {
      const findings = rule.check(sourcesOf(files)).map(textOf);
      assert.equal(findings.length, expected.length, findings.join('\n') || 'no finding');
      for (const [index, words] of expected.entries()) {
        const finding = findings[index] ?? '';
        assert.ok(finding.includes(words), `"${finding}" does not say "${words}"`);
      }
    });
  }
}

export function sourcesOf(files: Files): readonly Source[] {
  return Object.entries(files).map(([path, text]) => ({ path, text }));
}

function textOf({ path, line, message }: { path: string; line: number; message: string }): string {
  return `${path}:${line} ${message}`;
}
