import type { MandateHandle, MandateReport } from '@daikou/core';
import type { Connection } from './connection.ts';
import { fromContract, toContractEnd, toContractQuery } from './contract-wire.ts';
import { fromV3Contract, toContractEndV3, toContractPath } from './contract-wire-v3.ts';
import { textAt } from './json.ts';
import { readV2Reply, readV3Reply } from './replies.ts';
import { CONTRACT_GONE_CODES, V3_CONTRACT_GONE_CODES } from './statuses.ts';
import { codeOf } from './wire.ts';

/** What WeChat says of a contract, by the generation that the merchant uses. */
export function queryMandate(rail: Connection, mandate: MandateHandle): Promise<MandateReport> {
  return rail.settings.signingApi === 'v3' ? queryV3(rail, mandate) : queryV2(rail, mandate);
}

async function queryV2(rail: Connection, mandate: MandateHandle): Promise<MandateReport> {
  const request = toContractQuery(rail.settings, mandate);
  const reply = readV2Reply(await rail.client.postV2(request), rail.settings);
  if (reply.kind === 'unknown') return { kind: 'unknown', detail: reply.detail };
  const { fields } = reply;
  const { contractCode } = mandate;
  if (fields['result_code'] !== 'SUCCESS') {
    const { code, message } = codeOf(fields);
    return CONTRACT_GONE_CODES.has(code)
      ? { kind: 'not_found', contractCode }
      : { kind: 'unknown', detail: `${code} ${message}` };
  }
  const other = nameOther(mandate, fields['contract_code'], fields['contract_id']);
  return other ?? fromContract(fields, contractCode);
}

async function queryV3(rail: Connection, mandate: MandateHandle): Promise<MandateReport> {
  const path = toContractPath(rail.settings, mandate);
  const answer = readV3Reply(await rail.client.getV3(path), rail.settings);
  if (answer.kind === 'unknown') return { kind: 'unknown', detail: answer.detail };
  const { status, code, message, content } = answer;
  const { contractCode } = mandate;
  if (status >= 300) {
    return status < 500 && V3_CONTRACT_GONE_CODES.has(code)
      ? { kind: 'not_found', contractCode }
      : { kind: 'unknown', detail: `HTTP ${status} ${code} ${message}` };
  }
  if (content === undefined) return { kind: 'unknown', detail: 'the reply is not JSON' };
  const mchid = textAt(content, 'mchid');
  if (mchid !== undefined && mchid !== rail.settings.mchid) {
    return { kind: 'unknown', detail: 'the reply names another mchid' };
  }
  const named = textAt(content, 'out_contract_code');
  const other = nameOther(mandate, named, textAt(content, 'contract_id'));
  return other ?? fromV3Contract(content, contractCode);
}

/** `unknown` when a reply names another contract than the one that was asked about. */
function nameOther(
  mandate: MandateHandle,
  code: string | undefined,
  reference: string | undefined,
): MandateReport | undefined {
  if (code !== undefined && code !== mandate.contractCode) {
    return { kind: 'unknown', detail: 'the reply names another contract_code' };
  }
  const { railReference } = mandate;
  if (railReference !== undefined && reference !== undefined && reference !== railReference) {
    return { kind: 'unknown', detail: 'the reply names another contract_id' };
  }
  return undefined;
}

/**
 * Ends a contract and believes only the query that follows: a contract that had ended before
 * answers the end with an error, and is ended all the same.
 */
export async function endMandate(
  rail: Connection,
  mandate: MandateHandle,
  remark: string,
): Promise<MandateReport> {
  const answer = await askToEnd(rail, mandate, remark);
  const report = await queryMandate(rail, mandate);
  if (report.kind !== 'active' && report.kind !== 'signing') return report;
  return { kind: 'unknown', detail: `still ${report.kind} after the end: ${answer}` };
}

/** WeChat's words to the end, for people. */
async function askToEnd(rail: Connection, mandate: MandateHandle, remark: string): Promise<string> {
  const { settings, client } = rail;
  if (settings.signingApi === 'v3') {
    const { path, body } = toContractEndV3(settings, mandate, remark);
    const answer = readV3Reply(await client.postV3(path, body), settings);
    if (answer.kind === 'unknown') return answer.detail;
    return `HTTP ${answer.status} ${answer.code} ${answer.message}`;
  }
  const reply = readV2Reply(
    await client.postV2(toContractEnd(settings, mandate, remark)),
    settings,
  );
  if (reply.kind === 'unknown') return reply.detail;
  const { code, message } = codeOf(reply.fields);
  return `${code} ${message}`;
}
