import type { Exchange, Reply } from './http.ts';
import { jsonReply, textReply } from './http.ts';

/** What the wallet shows before the user decides. */
export interface ConsentPage {
  readonly wallet: string;
  readonly productName: string;
  readonly account: string;
  readonly lines: readonly string[];
  /** Where the form posts; hidden fields ride along. */
  readonly action: string;
}

const STYLE = `body{margin:0;background:#f5f5f5;
font:16px/1.6 system-ui,"PingFang SC","Microsoft YaHei",sans-serif}
main{max-width:26rem;margin:0 auto;padding:2rem 1.25rem;background:#fff;min-height:100vh}
h1{font-size:1.25rem}dl{margin:1rem 0}dt{color:#666;font-size:.875rem}dd{margin:0 0 .75rem}
button{font:inherit;width:100%;padding:.75rem;margin:.375rem 0;
border-radius:.5rem;border:1px solid #bbb;background:#fff}
button.agree{background:#0a7d33;border-color:#0a7d33;color:#fff}`;

/** Writes the consent page of the simulated wallet (Chinese, no script). */
export function consentPage(page: ConsentPage): Reply {
  const lines = page.lines.map((line) => `<dd>${escapeHtml(line)}</dd>`).join('');
  return htmlReply(
    200,
    `${page.wallet} · 开通自动扣费`,
    `<h1>${escapeHtml(page.productName)}</h1>
<dl><dt>服务账户</dt><dd>${escapeHtml(page.account)}</dd><dt>扣费规则</dt>${lines}</dl>
<p>同意后，商户可按以上规则自动扣费；您可随时在${escapeHtml(page.wallet)}中关闭。</p>
<form method="post" action="${escapeHtml(page.action)}">
<button class="agree" name="decision" value="agree">同意并开通</button>
<button name="decision" value="refuse">不同意</button></form>`,
  );
}

/** What the wallet shows before the user pays by hand. */
export interface CashierPage {
  readonly wallet: string;
  readonly productName: string;
  /** Yuan with two decimals. */
  readonly amount: string;
  /** Whom the user signs for beside the payment; absent: nothing is signed. */
  readonly account: string | undefined;
  readonly lines: readonly string[];
  readonly action: string;
}

/** Writes the cashier of the simulated wallet: pay and agree, pay only, or neither. */
export function cashierPage(page: CashierPage): Reply {
  const lines = page.lines.map((line) => `<dd>${escapeHtml(line)}</dd>`).join('');
  const signing =
    page.account === undefined
      ? ''
      : `<dl><dt>同时开通自动扣费</dt><dd>${escapeHtml(page.account)}</dd>${lines}</dl>`;
  const agree = page.account === undefined ? '立即付款' : '付款并开通';
  const payOnly =
    page.account === undefined ? '' : '<button name="decision" value="pay">仅付款</button>';
  return htmlReply(
    200,
    `${page.wallet} · 付款`,
    `<h1>${escapeHtml(page.productName)}</h1><p>¥${escapeHtml(page.amount)}</p>${signing}
<form method="post" action="${escapeHtml(page.action)}">
<button class="agree" name="decision" value="agree">${agree}</button>${payOnly}
<button name="decision" value="refuse">取消</button></form>`,
  );
}

/** What a decision led to, told to a browser as a page and to a program as JSON. */
export interface DecisionTold {
  readonly status: number;
  readonly result: Readonly<Record<string, unknown>>;
  readonly sentence: string;
  /** The merchant's page to return to; a browser is sent there. */
  readonly returnUrl?: string | undefined;
}

/** Answers the POST of a decision: JSON, unless the caller is a browser. */
export function tellDecision(exchange: Exchange, told: DecisionTold): Reply {
  if (!(exchange.headers['accept'] ?? '').includes('text/html')) {
    return jsonReply(told.status, told.result);
  }
  if (told.returnUrl !== undefined && told.status === 200) {
    return { status: 303, headers: { location: told.returnUrl }, body: '' };
  }
  return htmlReply(told.status, '自动扣费', `<h1>${escapeHtml(told.sentence)}</h1>`);
}

/** Answers a page request that cannot be served, in the form that the caller reads. */
export function refusalPage(exchange: Exchange, status: number, sentence: string): Reply {
  return tellDecision(exchange, { status, result: { error: sentence }, sentence });
}

function htmlReply(status: number, title: string, content: string): Reply {
  const html = `<!doctype html><html lang="zh-CN"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<title>${escapeHtml(title)}</title><style>${STYLE}</style></head>
<body><main>${content}</main></body></html>`;
  return textReply(status, html, 'text/html');
}

function escapeHtml(text: string): string {
  const names: Record<string, string> = {
    '&': 'amp',
    '<': 'lt',
    '>': 'gt',
    '"': 'quot',
    "'": '#39',
  };
  return text.replace(/[&<>"']/g, (sign) => `&${names[sign]};`);
}
