import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { answerXml, parseFlatXml } from './xml.ts';

const parse = (text: string) => parseFlatXml(Buffer.from(text));

describe('V2 messages', () => {
  test('flat fields, with and without CDATA, layout ignored, values kept as they are', () => {
    const fields = parse(
      '<?xml version="1.0"?>\n<xml>\n  <a><![CDATA[ 1 <&> ]]></a>\n <b>0012.50</b><c></c>' +
        '<d>a &amp; b</d>\n</xml>\n',
    );
    assert.deepEqual({ ...fields }, { a: ' 1 <&> ', b: '0012.50', c: '', d: 'a & b' });
  });

  test('anything else is not a V2 message', () => {
    const others = [
      '',
      'hello',
      '<xml>',
      '<xml><a>1</b></xml>',
      '<root><a>1</a></root>',
      '<xml><a><b>1</b></a></xml>',
      '<xml><a>1</a><a>2</a></xml>',
      '<xml><a x="1">2</a></xml>',
      '<xml><a>1</a></xml><xml><b>1</b></xml>',
      '<!DOCTYPE xml><xml><a>1</a></xml>',
      '<!doctype xml [<!entity a "b">]><xml><a>&a;</a></xml>',
      '{"a":1}',
    ];
    for (const text of others) assert.equal(parse(text), undefined, text);
    assert.equal(parseFlatXml(Buffer.from([0x3c, 0x78, 0xff])), undefined);
  });

  test('entities of a document are never expanded', () => {
    assert.equal(parse('<xml><a>&custom;</a></xml>')?.['a'], '&custom;');
  });

  test('a prototype is out of reach', () => {
    const fields = parse('<xml><a>1</a></xml>');
    assert.equal(fields?.['toString'], undefined);
    assert.equal(fields?.['constructor'], undefined);
  });

  test('what is written in CDATA is read back', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[ -\\^-~一-龥]{0,40}$/u), (text) => {
        assert.equal(parse(answerXml('FAIL', text))?.['return_msg'], text);
      }),
    );
  });

  test('random bytes never throw', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        parseFlatXml(bytes);
      }),
    );
  });
});
