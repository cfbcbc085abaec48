import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { buildOpenApi } from '@daikou/api';
import type { Store } from '@daikou/core';
import { makeApp } from './app.ts';

type Paths = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** `GET /v1/customers/{id}`, as the document writes it. */
function operationsOf(paths: Paths): readonly string[] {
  return Object.entries(paths).flatMap(([path, item]) =>
    Object.keys(item).map((method) => `${method.toUpperCase()} ${path}`),
  );
}

type Heard = { readonly method: string; readonly path: string };

/** The server without a database: what it does before it asks one. */
function appWithout(onRoute?: (route: Heard) => void) {
  return makeApp({
    store: {} as Store,
    log: { info() {}, warn() {} },
    isReady: () => true,
    targetOf: async () => undefined,
    ...(onRoute === undefined ? {} : { onRoute }),
  });
}

/** What the server answers; the router adds HEAD to each GET by itself. */
async function routesOfServer(): Promise<readonly string[]> {
  const routes = new Set<string>();
  const app = await appWithout(({ method, path }) => {
    if (method !== 'HEAD') routes.add(`${method} ${path.replace(/:(\w+)/g, '{$1}')}`);
  });
  await app.close();
  return [...routes];
}

test('the document has every route of the server, and the server every path of it', async () => {
  const { paths } = buildOpenApi({ version: 'test' });
  const routes = await routesOfServer();
  assert.ok(routes.length > 40, `${routes.length} routes`);
  assert.deepEqual([...routes].sort(), [...operationsOf(paths as Paths)].sort());
});

describe('a request without a key is refused before anything of it is read', async () => {
  const { paths } = buildOpenApi({ version: 'test' });
  const app = await appWithout();
  for (const operation of operationsOf(paths as Paths)) {
    const [method = '', path = ''] = operation.split(' ');
    if (!path.startsWith('/v1/')) continue;
    test(operation, async () => {
      const url = `${path.replace(/\{\w+\}/g, 'nobody')}?nonsense=1`;
      const headers = { 'content-type': 'application/json' };
      const bodies = method === 'GET' ? [undefined] : ['{"nonsense', '{"nonsense":1}'];
      for (const payload of bodies) {
        const answer = await app.inject({
          method: method as 'POST',
          url,
          ...(payload === undefined ? {} : { headers, payload }),
        });
        assert.deepEqual(
          [answer.statusCode, answer.json().code, answer.headers['www-authenticate']],
          [401, 'authentication_required', 'Bearer'],
        );
      }
    });
  }
});
