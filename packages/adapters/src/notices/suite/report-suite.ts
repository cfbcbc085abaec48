import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Received } from '../../kit/listener.ts';
import { type Bench, type ChannelFacts, makeNotice, reportsIn } from './facts.ts';

/** Longer than a message takes here, so that the next one's report overtakes it. */
const LATE_MILLISECONDS = 400;

/** What every channel that reads reports owes: nothing but a true report says anything. */
export function testReports(facts: ChannelFacts, bench: Bench): void {
  const send = async () => {
    const notice = makeNotice(facts.address(bench.sandbox));
    const outcome = await bench.channel.send(notice);
    assert.equal(outcome.kind, 'sent');
    return { notice, reference: outcome.kind === 'sent' ? outcome.providerReference : '' };
  };
  const rawOf = (reference: string): readonly Received[] =>
    bench.inbox.received.filter((raw) =>
      bench.channel.readReport?.(raw)?.some((one) => one.providerReference === reference),
    );

  test('each report names its own notice, whatever the order of arrival', async () => {
    const sent = [await send(), await send(), await send()];
    await bench.sandbox.idle();
    for (const { notice, reference } of sent) {
      const reports = reportsIn(bench).filter((one) => one.noticeId === notice.noticeId);
      assert.deepEqual([...new Set(reports.map((one) => one.providerReference))], [reference]);
    }
  });

  test('a report that comes twice reads the same twice', async () => {
    const { reference } = await send();
    await bench.sandbox.idle();
    const [raw] = rawOf(reference);
    assert.ok(raw !== undefined);
    assert.deepEqual(bench.channel.readReport?.(raw), bench.channel.readReport?.(raw));
  });

  const { reportsAfter } = facts;
  if (reportsAfter !== undefined) {
    test('a report that comes late, after that of a later message, says the same', async () => {
      await bench.sandbox.admin('PUT', '/admin/configure', reportsAfter(LATE_MILLISECONDS));
      const late = await send();
      await bench.sandbox.admin('PUT', '/admin/configure', reportsAfter(0));
      const next = await send();
      await bench.sandbox.idle();
      for (const { notice, reference } of [late, next]) {
        const [report] = rawOf(reference).flatMap((raw) => bench.channel.readReport?.(raw) ?? []);
        assert.equal(report?.noticeId, notice.noticeId);
        assert.equal(report?.outcome.kind, 'delivered');
      }
    });
  }

  test('a forged report is refused: nothing signed it, or something else was signed', async () => {
    const { reference } = await send();
    await bench.sandbox.idle();
    const [raw] = rawOf(reference);
    assert.ok(raw !== undefined);
    const body = Buffer.from(raw.body);
    const headless = { ...raw, headers: {}, target: '/reports' };
    assert.equal(bench.channel.readReport?.(headless), undefined, 'without a signature');
    const empty = { ...raw, body: Buffer.alloc(0) };
    assert.equal(bench.channel.readReport?.(empty), undefined, 'without a body');
    const cut = { ...raw, body: body.subarray(0, Math.floor(body.length / 3)) };
    assert.equal(bench.channel.readReport?.(cut), undefined, 'cut');
    const huge = { ...raw, body: Buffer.concat([body, Buffer.alloc(300 * 1024, 0x20)]) };
    assert.equal(bench.channel.readReport?.(huge), undefined, 'huge');
  });
}
