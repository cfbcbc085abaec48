import type { TestEvent } from 'node:test/reporters';

/**
 * A reporter of Node's runner: one JSON line for the total and one for each skipped test.
 * The spec reporter next to it stays the one for people.
 */
export default async function* countsReporter(source: AsyncIterable<TestEvent>) {
  for await (const event of source) {
    if (event.type === 'test:summary' && event.data.file === undefined) {
      yield `${JSON.stringify({ total: event.data.counts })}\n`;
    }
    if (event.type === 'test:pass' && event.data.skip) {
      const reason = event.data.skip === true ? 'no reason given' : event.data.skip;
      yield `${JSON.stringify({ skipped: `${event.data.name}: ${reason}` })}\n`;
    }
  }
}
