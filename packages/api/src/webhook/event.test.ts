import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { type DaikouEvent, EVENT_TYPES, type EventType } from '@daikou/core';
import { Value } from 'typebox/value';
import { at, countingIds } from '../../../../test/kit/builders.ts';
import { EventSchema, toEventWire } from './event.ts';

const REFERENCE = new URL('../../../../docs/reference/webhooks.md', import.meta.url);

const ids = countingIds();

function anEvent(type: EventType, data: DaikouEvent['data'] = {}): DaikouEvent {
  return {
    id: ids('evt', 3),
    merchantId: ids('mer', 0),
    customerId: ids('cus', 3),
    type,
    subjectId: ids('inv', 3),
    at: at('2026-12-01 07:30'),
    data,
    sequence: 7,
  };
}

describe('the reference of webhooks', () => {
  const text = readFileSync(REFERENCE, 'utf8');
  const rows = [...text.matchAll(/^\| `([a-z_]+\.[a-z_]+)` +\| (.+?) +\| (.+?) +\|$/gm)];

  test('explains every type of event, in the order of its life, and no other', () => {
    assert.deepEqual(
      rows.map(([, type]) => type),
      [...EVENT_TYPES],
    );
  });

  test('shows an event as it is written', () => {
    const shown = /```json\n(\{\n {2}"id".+?)\n```/s.exec(text)?.[1] ?? '';
    assert.deepEqual([...Value.Errors(EventSchema, JSON.parse(shown))], []);
  });
});

describe('an event on the wire', () => {
  test('every type fits the schema', () => {
    for (const type of EVENT_TYPES) {
      const wire = toEventWire(anEvent(type, { minor: '2985', final: true, count: 1 }));
      assert.deepEqual([...Value.Errors(EventSchema, wire)], [], type);
    }
  });

  test('names the kind of hand that acted, and no person', () => {
    const rows: readonly [EventType, string, boolean][] = [
      ['mandate.ended', 'customer', true],
      ['invoice.paid', 'balance', true],
      ['debit.released', 'Anna', false],
      ['checkup.accepted', 'Anna', false],
      ['late_fee.waived', 'Anna', false],
    ];
    for (const [type, by, isTold] of rows) {
      const { data } = toEventWire(anEvent(type, { by, minor: '1' }));
      assert.deepEqual(data, isTold ? { by, minor: '1' } : { minor: '1' }, type);
    }
  });
});
