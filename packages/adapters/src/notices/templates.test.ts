import assert from 'node:assert/strict';
import { test } from 'node:test';
import { smsVariables } from './templates.ts';

const VARIABLES = {
  merchantName: '云笔记',
  planName: '专业版',
  amount: '¥29.85',
  collectDate: '2026-12-06',
  railName: '微信支付',
  howToCancel: 'https://pay.example.test/stop',
};

test('variables of an SMS are cut to what Aliyun takes', () => {
  const variables = smsVariables({ ...VARIABLES, planName: '很'.repeat(50) });
  assert.equal(variables['plan']?.length, 35);
  assert.deepEqual(Object.keys(variables), ['plan', 'amount', 'date', 'rail', 'cancel']);
});
