import assert from 'node:assert/strict';
import { test } from 'node:test';
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

/** What the server answers; the router adds HEAD to each GET by itself. */
async function routesOfServer(): Promise<readonly string[]> {
  const routes = new Set<string>();
  const app = await makeApp({
    store: {} as Store,
    log: { info() {}, warn() {} },
    isReady: () => true,
    targetOf: async () => undefined,
    onRoute: ({ method, path }) => {
      if (method !== 'HEAD') routes.add(`${method} ${path.replace(/:(\w+)/g, '{$1}')}`);
    },
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
