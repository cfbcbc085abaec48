import { createServer, type IncomingMessage } from 'node:http';
import { gunzipSync } from 'node:zlib';

/** What a spoiled bill says of one row, by the row's order number. */
export type BillChange =
  | { readonly kind: 'amount'; readonly order: string; readonly yuan: string }
  | { readonly kind: 'order'; readonly order: string; readonly by: string }
  | { readonly kind: 'missing'; readonly order: string }
  | { readonly kind: 'twice'; readonly order: string };

export type BillProxy = {
  readonly url: string;
  readonly change: (...changes: readonly BillChange[]) => void;
  /** From now on half a file is handed out. */
  readonly cut: () => void;
  readonly close: () => Promise<void>;
};

/**
 * Stands between us and the WeChat Pay simulator and alters the bills that pass, keeping their
 * summary right: a bill that is well made and says something else than the truth.
 */
export async function openBillProxy(target: string): Promise<BillProxy> {
  let changes: readonly BillChange[] = [];
  let isCut = false;
  const server = createServer(async (request, response) => {
    const body = await readAll(request);
    const answer = await fetch(`${target}${request.url}`, {
      method: request.method ?? 'GET',
      ...(body.length === 0 ? {} : { body }),
    });
    const bytes = Buffer.from(await answer.arrayBuffer());
    const isBill = request.url === '/pay/downloadbill' && bytes[0] !== 0x3c;
    const whole = isBill ? alter(bytes, changes) : bytes;
    response.writeHead(answer.status);
    response.end(isBill && isCut ? whole.subarray(0, whole.length / 2) : whole);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    change: (...next) => {
      changes = next;
    },
    cut: () => {
      isCut = true;
    },
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

async function readAll(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

function alter(bytes: Buffer, changes: readonly BillChange[]): Buffer {
  const text = (bytes[0] === 0x1f ? gunzipSync(bytes) : bytes).toString('utf8');
  const [header = '', ...rest] = text.trimEnd().split('\r\n');
  const names = header.replace(/^\ufeff/, '').split(',');
  const place = (name: string) => names.indexOf(name);
  let rows = rest.slice(0, -2).map((line) => line.slice(1).split(',`'));
  for (const change of changes) {
    const isMeant = (row: readonly string[]) => row[place('商户订单号')] === change.order;
    const replaced = (name: string, value: string) => (row: readonly string[]) =>
      isMeant(row) ? row.map((cell, at) => (at === place(name) ? value : cell)) : [...row];
    if (change.kind === 'amount') rows = rows.map(replaced('应结订单金额', change.yuan));
    if (change.kind === 'order') rows = rows.map(replaced('商户订单号', change.by));
    if (change.kind === 'missing') rows = rows.filter((row) => !isMeant(row));
    if (change.kind === 'twice') rows = rows.flatMap((row) => (isMeant(row) ? [row, row] : [row]));
  }
  const total = (name: string) =>
    formatFen(rows.reduce((sum, row) => sum + toFen(row[place(name)] ?? ''), 0));
  const figures: Readonly<Record<string, string>> = {
    总交易单数: String(rows.length),
    应结订单总金额: total('应结订单金额'),
    手续费总金额: total('手续费'),
  };
  const summaryNames = (rest.at(-2) ?? '').split(',');
  const summaryValues = (rest.at(-1) ?? '').slice(1).split(',`');
  const summary = summaryNames.map((name, at) => figures[name] ?? summaryValues[at] ?? '');
  const lines = rows.map((row) => `\`${row.join(',`')}`);
  return Buffer.from(
    [header, ...lines, summaryNames.join(','), `\`${summary.join(',`')}`, ''].join('\r\n'),
  );
}

function toFen(text: string): number {
  return Number.parseInt(text.replace('.', ''), 10);
}

function formatFen(fen: number): string {
  return `${Math.trunc(fen / 100)}.${String(fen % 100).padStart(2, '0')}`;
}
