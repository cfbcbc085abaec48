import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { DemoReport } from '../../packages/server/src/demo/report.ts';
import { daikou, type Finished, type Surroundings } from '../kit/command-line.ts';
import { type PostgresCluster, startPostgres } from '../kit/postgres.ts';
import { makeTelcoSlice, temporaryFolder } from '../kit/telco.ts';

const ROWS = 40;
const SECRET = 'a-secret-of-the-test';

const folder = temporaryFolder();
/** A data folder that is in order; tests spoil one thing around it. */
const home = join(folder.path, 'home');
let cluster: PostgresCluster;
let slice = '';

before(async () => {
  cluster = await startPostgres();
  slice = makeTelcoSlice(folder.path, ROWS).path;
});
after(async () => {
  await cluster.stop();
  folder.remove();
});

/** One sentence and what to do, exit 3, no stack, no secret, nothing on standard output. */
function assertExplained({ code, stdout, stderr }: Finished, sentence: RegExp): void {
  assert.match(stderr, sentence);
  assert.equal(code, 3, stderr);
  assert.equal(stdout, '');
  assert.equal(stderr.trimEnd().split('\n').length, 1, stderr);
  assert.doesNotMatch(stderr, /\n?\s+at \S+ \(|node:internal|\.ts:\d/);
  assert.ok(!stderr.includes(SECRET));
}

function withUrl(databaseUrl: string): Surroundings {
  return { home: join(folder.path, 'unused'), env: { DATABASE_URL: databaseUrl } };
}

function changed(change: (url: URL) => void): string {
  const url = new URL(cluster.url);
  change(url);
  return url.href;
}

describe('a database that cannot be used', () => {
  test('nobody listens there', async () => {
    const url = `postgres://daikou:${SECRET}@127.0.0.1:1/daikou`;
    assertExplained(
      await daikou(['doctor'], withUrl(url)),
      /^The database 127\.0\.0\.1:1\/daikou /,
    );
  });

  test('the password is wrong', async () => {
    const url = changed((it) => {
      it.password = SECRET;
    });
    assertExplained(await daikou(['doctor'], withUrl(url)), /Check user and password/);
  });

  test('there is no such database', async () => {
    const url = changed((it) => {
      it.pathname = '/nowhere';
    });
    assertExplained(await daikou(['doctor'], withUrl(url)), /Create the database/);
  });

  test('it is no address at all', async () => {
    assertExplained(await daikou(['doctor'], withUrl(`no url ${SECRET}`)), /DATABASE_URL/);
  });

  test('with --json the failure is one JSON object, as sparing with secrets', async () => {
    const url = `postgres://daikou:${SECRET}@127.0.0.1:1/daikou`;
    const { code, stdout, stderr } = await daikou(['doctor', '--json'], withUrl(url));
    assert.equal(code, 3);
    const { error } = JSON.parse(stdout);
    assert.deepEqual(Object.keys(error), ['code', 'sentence', 'next']);
    assert.equal(error.code, 'database_unreachable');
    assert.ok(!`${stdout}${stderr}`.includes(SECRET));
  });
});

describe('a machine that is not ready', () => {
  let busy: Server;
  let port = 0;
  before(async () => {
    busy = createServer();
    await new Promise<void>((resolve) => busy.listen(0, '127.0.0.1', resolve));
    const address = busy.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    port = address.port;
    assert.equal((await daikou(['doctor', '--json'], { home })).code, 0);
  });
  after(() => new Promise((resolve) => busy.close(resolve)));

  for (const command of ['start', 'serve']) {
    test(`the port of ${command} is taken`, async () => {
      const where = { home, env: { DAIKOU_PORT: String(port) } };
      assertExplained(await daikou([command], where), new RegExp(`Port ${port} is used`));
    });
  }

  test('the port is no port', async () => {
    const where = { home, env: { DAIKOU_PORT: '80800' } };
    assertExplained(await daikou(['serve'], where), /DAIKOU_PORT/);
  });

  for (const host of ['203.0.113.1', 'no.such.host.invalid']) {
    test(`the address ${host} is none of this machine`, async () => {
      const where = { home, env: { DAIKOU_HOST: host } };
      assertExplained(await daikou(['serve'], where), /^This machine does not let us listen on /);
    });
  }

  test('the data folder lies under a file, or is one', async () => {
    const file = join(folder.path, 'a-file');
    writeFileSync(file, 'not a folder\n');
    for (const path of [file, join(file, 'below')]) {
      assertExplained(
        await daikou(['doctor'], { home: path }),
        /^The data folder cannot be written/,
      );
    }
  });

  const isRoot = process.getuid?.() === 0;
  const skip = isRoot ? 'root may write everywhere: run the tests as an ordinary user' : false;
  test('the data folder may not be written', { skip }, async () => {
    const locked = join(folder.path, 'locked');
    mkdirSync(locked);
    chmodSync(locked, 0o500);
    assertExplained(await daikou(['doctor'], { home: locked }), /cannot be written/);
  });

  test('config.json is not JSON', async () => {
    const spoiled = join(folder.path, 'spoiled');
    mkdirSync(spoiled);
    writeFileSync(join(spoiled, 'config.json'), `{"main": ${SECRET}`);
    assertExplained(await daikou(['doctor'], { home: spoiled }), /config\.json/);
  });

  // Last: the folder is of no use to this version afterwards.
  test('the data folder was written by a newer version', async () => {
    const bump = "insert into daikou_schema values (9999, 'future', now())";
    assert.equal((await daikou(['sql', bump], { home })).code, 0);
    assertExplained(await daikou(['doctor'], { home }), /newer/);
  });
});

describe('a PostgreSQL instead of the embedded database', () => {
  test('the same month ends with the same totals, and the doctor finds nothing', async () => {
    const words = ['demo', '--json', '--data', slice];
    const postgres = {
      home: join(folder.path, 'on-postgres'),
      env: { DATABASE_URL: cluster.url },
    };
    const served = await daikou(words, postgres);
    assert.equal(served.code, 0, served.stderr);
    const embedded = await daikou(words, { home: join(folder.path, 'embedded') });
    const totals = ({ stdout }: Finished) => {
      const { seconds: _, ...rest } = JSON.parse(stdout) as DemoReport;
      return rest;
    };
    assert.deepEqual(totals(served), totals(embedded));
    const doctor = await daikou(['doctor', '--json'], postgres);
    assert.deepEqual(JSON.parse(doctor.stdout), { ok: true, violations: [] });
  });
});
