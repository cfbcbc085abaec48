import type { SigningFlow, SigningRequest, SigningStarted } from '@daikou/core';
import type { V2Request } from './client.ts';
import { type Connection, isTrusted } from './connection.ts';
import { toAppSigning, toEntrustUrl, toH5Signing, toMiniProgram } from './contract-wire.ts';
import { toPreSigning, type V3Scene } from './contract-wire-v3.ts';
import { textAt } from './json.ts';
import { beginPayAndSign } from './paying.ts';
import { readV2Reply, readV3Reply } from './replies.ts';
import { codeOf } from './wire.ts';
import { type Fields, parseFlatXml } from './xml.ts';

/** Begins a signing by the flow that is asked for, else by the merchant's first. */
export async function beginSigning(
  rail: Connection,
  request: SigningRequest,
): Promise<SigningStarted> {
  const { signingFlows, signingApi } = rail.settings;
  const flow: SigningFlow = request.flow ?? signingFlows[0] ?? 'browser_page';
  if (!signingFlows.includes(flow)) return refused('FLOW_NOT_OFFERED', `no signing by ${flow}`);
  switch (flow) {
    case 'browser_page':
      return signingApi === 'v3'
        ? beginV3(rail, request, 'SIGN_SCENE_QRCODE')
        : beginH5(rail, request);
    case 'app':
      return signingApi === 'v3'
        ? beginV3(rail, request, 'SIGN_SCENE_APP')
        : beginApp(rail, request);
    case 'wallet_page':
      return { kind: 'open_url', url: toEntrustUrl(rail.settings, request) };
    case 'mini_program':
      return { kind: 'launch', flow, parameters: toMiniProgram(rail.settings, request) };
    case 'pay_and_sign':
      return beginPayAndSign(rail, request);
    case 'message_code':
    case 'paper':
      return refused('FLOW_NOT_OFFERED', `no signing by ${flow}`);
  }
}

function refused(code: string, message: string): SigningStarted {
  return { kind: 'refused', code, message };
}

function unknown(detail: string): SigningStarted {
  return { kind: 'unknown', detail };
}

/** H5 纯签约: an address that any browser opens, once and within ten minutes. */
async function beginH5(rail: Connection, request: SigningRequest): Promise<SigningStarted> {
  const reply = await rail.client.getV2(toH5Signing(rail.settings, request));
  if (reply.kind === 'failure') return unknown(reply.detail);
  if (reply.status !== 200) return unknown(`HTTP ${reply.status}`);
  // This one reply is not signed by design; it only carries an address, and moves nothing.
  const fields = parseFlatXml(reply.body);
  if (fields === undefined) return unknown('the reply is not a V2 message');
  if (fields['return_code'] !== 'SUCCESS' || fields['result_code'] !== 'SUCCESS') {
    const { code, message } = codeOf(fields);
    return refused(code || 'SIGNING_REFUSED', fields['result_msg'] ?? message);
  }
  const url = fields['redirect_url'] ?? '';
  return isTrusted(url, rail.settings.baseUrl)
    ? { kind: 'open_url', url }
    : unknown('redirect_url is not an https address');
}

/**
 * APP 纯签约. Templates of 2025-09-23 or later answer with a mini program, the route that works on
 * every system (quality list point 22); older ones with the number for the wallet's web view only.
 */
async function beginApp(rail: Connection, request: SigningRequest): Promise<SigningStarted> {
  const reply = await signed(rail, toAppSigning(rail.settings, request));
  if ('kind' in reply) return reply;
  const { fields } = reply;
  if (fields['result_code'] !== 'SUCCESS') {
    const { code, message } = codeOf(fields);
    return refused(code || 'SIGNING_REFUSED', message);
  }
  return launchApp({
    preEntrustId: fields['pre_entrustweb_id'],
    userName: fields['miniprogram_username'],
    path: fields['miniprogram_path'],
  });
}

async function signed(
  rail: Connection,
  request: V2Request,
): Promise<{ readonly fields: Fields } | SigningStarted> {
  const reply = readV2Reply(await rail.client.postV2(request), rail.settings);
  return reply.kind === 'unknown' ? unknown(reply.detail) : { fields: reply.fields };
}

/** What the seller's app hands to `WXLaunchMiniProgram`, or to the web view of old templates. */
function launchApp(given: {
  readonly preEntrustId: string | undefined;
  readonly userName: string | undefined;
  readonly path: string | undefined;
}): SigningStarted {
  const { preEntrustId, userName, path } = given;
  if (!preEntrustId) return unknown('the reply has no pre_entrustweb_id');
  const program = userName && path ? { userName, path } : {};
  const parameters = { pre_entrustweb_id: preEntrustId, ...program };
  return { kind: 'launch', flow: 'app', parameters };
}

/** 代扣预签约 V3: for the app its parameters, for a browser the address behind the code. */
async function beginV3(
  rail: Connection,
  request: SigningRequest,
  scene: V3Scene,
): Promise<SigningStarted> {
  const { path, body } = toPreSigning(rail.settings, request, scene);
  const answer = readV3Reply(await rail.client.postV3(path, body), rail.settings);
  if (answer.kind === 'unknown') return unknown(answer.detail);
  const { status, code, message, content } = answer;
  if (status >= 500 || (status >= 300 && code === '')) return unknown(`HTTP ${status} ${code}`);
  if (status >= 300) return refused(code, message);
  if (content === undefined) return unknown('the reply is not JSON');
  if (scene === 'SIGN_SCENE_APP') {
    return launchApp({
      preEntrustId: textAt(content, 'pre_entrustweb_id'),
      userName: textAt(content, 'mini_program_username'),
      path: textAt(content, 'mini_program_path'),
    });
  }
  const url = textAt(content, 'redirect_url') ?? '';
  return isTrusted(url, rail.settings.baseUrl)
    ? { kind: 'open_url', url }
    : unknown('redirect_url is not an https address');
}
