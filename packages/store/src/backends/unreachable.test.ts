import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { describe, test } from 'node:test';
import { postgresDatabases, USER_PASSWORD } from '../../../../test/kit/stores.ts';
import { DatabaseUnreachable } from '../errors.ts';
import { openStore } from '../open.ts';
import { TooOld } from './postgres.ts';
import { toUnreachable } from './unreachable.ts';

const SECRET = 's3cret%21word';

async function whyNot(databaseUrl: string): Promise<DatabaseUnreachable> {
  const failure = await openStore({ databaseUrl, home: 'unused' }).then(
    async (store) => await store.close(),
    (error: unknown) => error,
  );
  assert.ok(failure instanceof DatabaseUnreachable, `${databaseUrl} was opened: ${failure}`);
  for (const secret of [SECRET, 's3cret!word', USER_PASSWORD]) {
    assert.ok(!JSON.stringify([failure.message, failure.stack]).includes(secret), failure.message);
  }
  return failure;
}

describe('a DATABASE_URL that cannot be used', () => {
  const databases = postgresDatabases();

  test('an address that is none', async () => {
    for (const url of ['nonsense', 'mysql://host/db', `postgres://u:${SECRET}@host:notaport/db`]) {
      const { reason, message } = await whyNot(url);
      assert.equal(reason, 'bad_url');
      assert.match(message, /Write it as postgres:\/\/user:password@host:5432\/database/);
    }
  });

  test('a port where nothing listens', async () => {
    const probe = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => probe.once('listening', resolve));
    const address = probe.address();
    const port = address !== null && typeof address === 'object' ? address.port : 0;
    await new Promise((resolve) => probe.close(resolve));
    const { reason, message } = await whyNot(`postgres://u:${SECRET}@127.0.0.1:${port}/db`);
    assert.equal(reason, 'refused');
    assert.match(message, new RegExp(`127\\.0\\.0\\.1:${port}/db .*Start the database`));
  });

  test('a host that has no address', async () => {
    const { reason } = await whyNot(`postgres://u:${SECRET}@no-such-host.invalid/db`);
    assert.equal(reason, 'host_not_found');
  });

  test('a server that never answers', async () => {
    const silent = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => silent.once('listening', resolve));
    const address = silent.address();
    const port = address !== null && typeof address === 'object' ? address.port : 0;
    const { reason } = await whyNot(`postgres://u:${SECRET}@127.0.0.1:${port}/db`);
    assert.equal(reason, 'timeout');
    silent.close();
  });

  test('a wrong password, and a user that does not exist', async () => {
    const url = new URL(await databases.empty());
    url.password = SECRET;
    assert.equal((await whyNot(url.href)).reason, 'wrong_password');
    url.username = 'nobody-here';
    assert.equal((await whyNot(url.href)).reason, 'wrong_password');
  });

  test('a database that does not exist', async () => {
    const url = new URL(await databases.empty());
    url.pathname = '/no_such_database';
    const { reason, message } = await whyNot(url.href);
    assert.equal(reason, 'no_such_database');
    assert.match(message, /no_such_database/);
    assert.match(message, /Create the database/);
  });

  test('a user who may not create roles gets told what to grant', async () => {
    const { reason, message } = await whyNot(await databases.emptyForWeakUser());
    assert.equal(reason, 'no_rights');
    assert.match(message, /daikou_app and daikou_admin/);
  });

  test('a PostgreSQL that is too old', () => {
    const { reason, message } = toUnreachable(new TooOld(14), 'postgres://h/db');
    assert.equal(reason, 'too_old');
    assert.match(message, /PostgreSQL 14.*PostgreSQL 15 or newer/);
  });
});
