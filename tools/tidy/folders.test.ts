import { conceptReadmes, folderNames, packageReadmes, railFolders } from './folders.ts';
import { testRule } from './sample.ts';

testRule(folderNames, [
  [
    'two folders deep, recorded examples deeper',
    {
      'packages/adapters/src/rails/wechat/rail.ts': '',
      'packages/adapters/src/rails/wechat/golden/notify.json': '',
    },
    [],
  ],
  [
    'three folders deep',
    { 'packages/adapters/src/rails/wechat/wire/xml.ts': '' },
    ['is 3 folders below src; move it up to 2'],
  ],
  [
    'names without a subject',
    { 'packages/core/src/utils/a.ts': '', 'tools/helpers.ts': '', 'docs/common/a.md': '' },
    ['"utils" says nothing', '"helpers.ts" says nothing', '"common" says nothing'],
  ],
]);

testRule(packageReadmes, [
  ['there', { 'packages/core/README.md': '', 'packages/core/src/index.ts': '' }, []],
  [
    'missing',
    { 'packages/api/src/index.ts': '' },
    ['packages/api/README.md:1 is missing; write it'],
  ],
]);

const readme = '# Invoice\n## Owns\n## Does not own\n## Invariants\n## What each date means\n';
testRule(conceptReadmes, [
  [
    'all four headings; ports are types and need none',
    {
      'packages/core/src/invoice/README.md': readme,
      'packages/core/src/invoice/invoice.ts': '',
      'packages/core/src/ports/store.ts': '',
    },
    [],
  ],
  ['no README', { 'packages/core/src/debit/debit.ts': '' }, ['debit/README.md:1 is missing']],
  [
    'a heading is missing',
    { 'packages/core/src/debit/README.md': readme.replace('## Invariants', '## Laws') },
    ['has no heading "## Invariants"; add it'],
  ],
]);

const folder = 'packages/adapters/src/rails/alipay';
testRule(railFolders, [
  [
    'complete',
    {
      [`${folder}/RESEARCH.md`]: '',
      [`${folder}/capabilities.ts`]: '',
      [`${folder}/rail.ts`]: '',
      [`${folder}/suite.test.ts`]: '',
      [`${folder}/golden/pay.json`]: '',
      'packages/adapters/src/rails/suite/same-key-twice.ts': '',
    },
    [],
  ],
  [
    'only code',
    { [`${folder}/rail.ts`]: '', [`${folder}/capabilities.ts`]: '' },
    ['RESEARCH.md:1 is missing', 'suite.test.ts:1 is missing', 'golden/:1 is missing'],
  ],
]);
