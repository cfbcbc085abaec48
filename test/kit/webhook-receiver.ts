import { createHmac, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';

/** What a receiver was told, after its signature was checked. */
export type Told = {
  readonly id: string;
  readonly body: Readonly<Record<string, unknown>>;
  /** Which of the secrets that the receiver knows had signed it, by place. */
  readonly signedBy: readonly number[];
};

export type Answer = (request: IncomingMessage, response: ServerResponse) => void;

/** Seconds by which a signature's time may differ from the receiver's clock. */
const TOLERANCE_SECONDS = 300;

/**
 * A receiver of webhooks on this machine, written from the specification of Standard Webhooks and
 * not from our signer. What is not signed by a secret that it knows is answered 401 and counted.
 */
export class WebhookReceiver {
  readonly #server = createServer((request, response) => this.#take(request, response));
  readonly #told: Told[] = [];
  #secrets: readonly string[] = [];
  #forged = 0;
  /** How it answers what is well signed; 204 at first. */
  answer: Answer = (_request, response) => response.writeHead(204).end();

  static async open(): Promise<WebhookReceiver> {
    const receiver = new WebhookReceiver();
    await new Promise<void>((resolve) => receiver.#server.listen(0, '127.0.0.1', resolve));
    return receiver;
  }

  get url(): string {
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    return `http://127.0.0.1:${address.port}/hooks`;
  }

  /** Everything that came and was well signed, repeats included, in order. */
  get told(): readonly Told[] {
    return this.#told;
  }

  get forged(): number {
    return this.#forged;
  }

  know(...secrets: readonly string[]): void {
    this.#secrets = secrets;
  }

  forget(): void {
    this.#told.length = 0;
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  #take(request: IncomingMessage, response: ServerResponse): void {
    const chunks: Uint8Array[] = [];
    request.on('data', (chunk: Uint8Array) => chunks.push(chunk));
    request.on('end', () => {
      const text = Buffer.concat(chunks).toString('utf8');
      const signedBy = this.#secrets.flatMap((secret, place) =>
        isSigned(request, text, secret) ? [place] : [],
      );
      if (signedBy.length === 0) {
        this.#forged += 1;
        response.writeHead(401).end();
        return;
      }
      const body = JSON.parse(text) as Told['body'];
      this.#told.push({ id: headerOf(request, 'webhook-id'), body, signedBy });
      this.answer(request, response);
    });
  }
}

function isSigned(request: IncomingMessage, text: string, secret: string): boolean {
  const [id, time] = [headerOf(request, 'webhook-id'), headerOf(request, 'webhook-timestamp')];
  if (Math.abs(Date.now() / 1000 - Number(time)) > TOLERANCE_SECONDS) return false;
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  const expected = createHmac('sha256', key).update(`${id}.${time}.${text}`).digest();
  return headerOf(request, 'webhook-signature')
    .split(' ')
    .some((part) => {
      const given = Buffer.from(part.replace(/^v1,/, ''), 'base64');
      return given.length === expected.length && timingSafeEqual(given, expected);
    });
}

function headerOf(request: IncomingMessage, name: string): string {
  const value = request.headers[name];
  return typeof value === 'string' ? value : '';
}
