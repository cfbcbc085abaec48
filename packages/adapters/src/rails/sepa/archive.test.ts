import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readdir, rename, rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { Archive } from './archive.ts';
import { type FileExchange, makeFolderExchange } from './exchange.ts';
import { debitOf, freshConfig, signPaper } from './fixture.ts';
import { makeSepaRail } from './rail.ts';

/** A way to the bank that a test can break at its most awkward moments. */
function breakable(inner: FileExchange): FileExchange & { put: FileExchange['put'] } {
  return { ...inner };
}

async function begin() {
  const config = await freshConfig();
  const exchange = breakable(makeFolderExchange(config));
  const rail = makeSepaRail(config, exchange);
  const debit = debitOf('D1', await signPaper(rail, 'C1'));
  return { config, exchange, rail, debit };
}

/** Makes what waits look abandoned by a process that died. */
async function age(archive: string): Promise<void> {
  const folder = join(archive, 'waiting');
  for (const name of await readdir(folder)) await utimes(join(folder, name), 1, 1);
}

describe('a file on its way to the bank', () => {
  test('the process dies before the outbox: the next one puts the same file', async () => {
    const { config, exchange, debit } = await begin();
    const dying = makeSepaRail(config, {
      ...exchange,
      put: () => Promise.reject(new Error('killed')),
    });
    await assert.rejects(dying.submit(debit));
    assert.deepEqual(await readdir(config.outbox), []);
    const next = makeSepaRail(config);
    assert.deepEqual(await next.ask('D1'), { kind: 'accepted' });
    assert.deepEqual(await readdir(config.outbox), [], 'it may still be at work');
    await age(config.archive);
    assert.deepEqual(await next.ask('D1'), { kind: 'accepted' });
    assert.equal((await readdir(config.outbox)).length, 1);
    assert.deepEqual(await readdir(join(config.archive, 'waiting')), []);
  });

  test('the process dies before the register: nothing was sent, the number may go', async () => {
    const { config, rail, debit } = await begin();
    await rail.ask('D0');
    await writeFile(join(config.archive, 'waiting', 'DDAB.xml'), '<Document/>');
    await age(config.archive);
    assert.deepEqual(await rail.ask('D1'), { kind: 'not_found' });
    assert.deepEqual(await readdir(join(config.archive, 'waiting')), []);
    assert.deepEqual(await rail.submit(debit), { kind: 'accepted' });
  });

  test('the outbox is away: never sent, and later the same number goes in one file', async () => {
    const { config, rail, debit } = await begin();
    await rename(config.outbox, `${config.outbox}-away`);
    const outcome = await rail.submit(debit);
    assert.equal(outcome.kind, 'never_sent');
    assert.deepEqual(await rail.ask('D1'), { kind: 'not_found' });
    await rename(`${config.outbox}-away`, config.outbox);
    assert.deepEqual(await rail.submit(debit), { kind: 'accepted' });
    assert.equal((await readdir(config.outbox)).length, 1);
  });

  test('nobody knows whether the file is there: unknown, and the number stays ours', async () => {
    const { config, exchange, debit } = await begin();
    const doubtful = makeSepaRail(config, { ...exchange, put: async () => 'unknown' });
    assert.equal((await doubtful.submit(debit)).kind, 'unknown');
    assert.deepEqual(await doubtful.ask('D1'), { kind: 'accepted' });
    assert.deepEqual(await doubtful.submit(debit), { kind: 'accepted' });
  });

  test('the bank’s client took the file away: the number is not sent again', async () => {
    const { config, rail, debit } = await begin();
    await rail.submit(debit);
    const [name = ''] = await readdir(config.outbox);
    await rm(join(config.outbox, name));
    assert.deepEqual(await rail.submit(debit), { kind: 'accepted' });
    assert.deepEqual(await readdir(config.outbox), []);
  });

  test('the register is lost: nothing can be proved, so nothing is sent', async () => {
    const { config, rail, debit } = await begin();
    await rail.submit(debit);
    await rm(config.archive, { recursive: true });
    assert.equal((await rail.ask('D2')).kind, 'unknown');
    await writeFile(join(config.inbox, '1.xml'), '<a/>');
    assert.throws(() => makeSepaRail(config), /archive folder is missing/);
  });

  test('readers see no file that is being written', async () => {
    const { config, rail, debit } = await begin();
    await writeFile(join(config.inbox, '.1.xml.tmp'), '<a');
    await writeFile(join(config.inbox, '2.xml.part'), '<a');
    await rail.submit(debit);
    const news = await rail.fetchNews?.(undefined);
    assert.deepEqual(news?.kind === 'ready' && news.problems, []);
    assert.ok((await readdir(config.outbox)).every((name) => name.endsWith('.xml')));
  });

  test('what is kept of a sent file names no account', async () => {
    const { config, rail, debit } = await begin();
    await rail.submit(debit);
    const archive = new Archive(config.archive, makeFolderExchange(config));
    await archive.refresh();
    const order = await archive.orderOf('D1');
    assert.equal(order?.minor, 2_985n);
    assert.equal(order?.railReference, debit.railReference);
    assert.ok(!existsSync(join(config.archive, 'waiting', `${order?.groupId.split('-')[0]}.xml`)));
  });
});
