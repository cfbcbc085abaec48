import { decisionNumbers, dependencyTable, links, machinePaths } from './documents.ts';
import { testRule } from './sample.ts';

testRule(links, [
  [
    'files, folders, headings, addresses and code',
    {
      'README.md': '[a](docs/a.md#x) [b](docs) [c](#here) [d](https://example.test) `[e](no.md)`\n',
      'docs/a.md': '[up](../README.md) [root](/README.md)\n```\n[x](nowhere.md)\n```\n',
    },
    [],
  ],
  [
    'a file that is not there',
    { 'docs/a.md': 'x\n\n[b](b.md) and [c](./a.md)' },
    ['docs/a.md:3 links to b.md, which is not here; repair it'],
  ],
]);

const home = ['', 'home', 'lin', 'daikou'].join('/');
testRule(machinePaths, [
  [
    'relative paths, routes of a server, addresses',
    { 'docs/a.md': 'packages/core/src, ./tmp/x, https://example.test/home/x, `/v1/debits`' },
    [],
  ],
  ['a home folder', { 'docs/a.md': `\nsee ${home}` }, ['docs/a.md:2 "']],
  ['in code as well', { 'tools/a.ts': `const a = '${home}';` }, ['ask os.tmpdir()']],
]);

testRule(decisionNumbers, [
  ['without gaps', { 'docs/decisions/0001-a.md': '', 'docs/decisions/0002-b.md': '' }, []],
  [
    'with a gap',
    { 'docs/decisions/0001-a.md': '', 'docs/decisions/0003-b.md': '' },
    ['0003-b.md:1 breaks the numbering; this file should be 0002'],
  ],
  [
    'a number used twice',
    { 'docs/decisions/0001-a.md': '', 'docs/decisions/0001-b.md': '' },
    ['0001-b.md:1 breaks the numbering'],
  ],
]);

const table = 'docs/decisions/0008-dependencies.md';
const manifest = '{\n"dependencies": {\n"pg": "8.1.0",\n"@daikou/core": "1" } }';
testRule(dependencyTable, [
  [
    'a row with name, version and reason',
    { 'packages/store/package.json': manifest, [table]: '| `pg`   | 8.1.0   | MIT | driver |' },
    [],
  ],
  [
    'no row',
    { 'packages/store/package.json': manifest, [table]: '' },
    ['packages/store/package.json:3 pg 8.1.0 has no row in docs/decisions/0008'],
  ],
  [
    'an old version',
    { 'packages/store/package.json': manifest, [table]: '| `pg` | 8.0.0 | MIT | PostgreSQL |' },
    ['has a row with another version'],
  ],
]);
