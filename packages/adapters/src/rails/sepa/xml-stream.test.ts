import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { cutElements, textAt, XmlUnreadable } from './xml-stream.ts';

async function* chunksOf(text: string, sizes: readonly number[] = []): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(text);
  let place = 0;
  for (const size of sizes) {
    yield bytes.subarray(place, place + size);
    place += size;
  }
  yield bytes.subarray(place);
}

async function namesOf(text: string, sizes: readonly number[] = []): Promise<readonly string[]> {
  const seen: string[] = [];
  for await (const { node, parents } of cutElements(chunksOf(text, sizes), new Set(['Tx']))) {
    const around = parents.map((parent) => parent.name).join('/');
    seen.push(`${around}>${node.name}:${textAt(node, 'Id') ?? ''}`);
  }
  return seen;
}

const FILE = `<?xml version="1.0" encoding="UTF-8"?><!-- a > in a comment -->
<d:Document xmlns:d="urn:x"><d:Stmt><d:Tx a="1 &gt; 0"><d:Id>é&amp;&#65;</d:Id></d:Tx>
<d:Tx><d:Id> 2 </d:Id><d:Empty/></d:Tx></d:Stmt></d:Document>
`;

describe('a stream of elements', () => {
  const expected = ['Document/Stmt>Tx:é&A', 'Document/Stmt>Tx:2', '>Document:'];

  test('each is handed out with what is around it, the root last', async () => {
    assert.deepEqual(await namesOf(FILE), expected);
  });

  test('however the bytes are cut, inside tags, comments and letters', async () => {
    const cuts = fc.array(fc.integer({ min: 0, max: 9 }), { maxLength: 60 });
    await fc.assert(
      fc.asyncProperty(cuts, async (sizes) => {
        assert.deepEqual(await namesOf(FILE, sizes), expected);
      }),
    );
  });

  test('a file that ends anywhere before its end is not a file', async () => {
    const bytes = Buffer.from(FILE.trimEnd());
    for (let length = 0; length < bytes.length; length += 1) {
      const part = bytes.subarray(0, length);
      const cut = cutElements(one(part), new Set(['Tx']));
      await assert.rejects(Array.fromAsync(cut), XmlUnreadable, `${length} bytes`);
    }
  });
});

async function* one(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

/** What a stranger could write into the folder. */
const ATTACKS: readonly (readonly [name: string, text: string])[] = [
  ['a document type', '<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>'],
  ['an external entity', '<!DOCTYPE a SYSTEM "file:///etc/hostname"><a/>'],
  ['an entity of nobody', '<a>&x;</a>'],
  ['a character beyond Unicode', '<a>&#x110000;</a>'],
  ['a CDATA section', '<a><![CDATA[<b/>]]></a>'],
  ['two roots', '<a/><b/>'],
  ['text after the root', '<a/>b'],
  ['another encoding', '<?xml version="1.0" encoding="UTF-16"?><a/>'],
  ['elements that cross', '<a><b></a></b>'],
  ['endless depth', '<a>'.repeat(60) + '</a>'.repeat(60)],
  ['an endless tag', `<a ${'x'.repeat(70_000)}`],
  ['an endless text', `<a>${'x'.repeat(70_000)}</a>`],
  ['a file inside a file', '<a><?xml version="1.0"?><b/></a>'],
];

describe('refused', () => {
  for (const [name, text] of ATTACKS) {
    test(name, async () => {
      await assert.rejects(namesOf(text), XmlUnreadable);
    });
  }

  test('bytes that are not UTF-8', async () => {
    const cut = cutElements(one(Buffer.from([0x3c, 0x61, 0x3e, 0xff])), new Set());
    await assert.rejects(Array.fromAsync(cut), XmlUnreadable);
  });
});

test('a hundred thousand elements need no more memory than one', async () => {
  async function* many(): AsyncGenerator<Uint8Array> {
    yield Buffer.from('<D>');
    for (let index = 0; index < 100_000; index += 1) {
      yield Buffer.from(`<Tx><Id>${index}</Id></Tx>`);
    }
    yield Buffer.from('</D>');
  }
  let count = 0;
  let kept = 0;
  for await (const { parents } of cutElements(many(), new Set(['Tx']))) {
    count += 1;
    kept = Math.max(kept, parents[0]?.children.length ?? 0);
  }
  assert.equal(count, 100_001);
  assert.equal(kept, 0);
});
