import { Agent as PlainAgent, request as plainRequest } from 'node:http';
import { request as secureRequest, Agent as TlsAgent } from 'node:https';

/** A merchant must answer a callback within five seconds (rails.md §1.2). */
const ANSWER_LIMIT_MS = 5_000;
/** Longest answer that is read; an acknowledgement is a few bytes. */
const ANSWER_LIMIT_BYTES = 64 * 1024;

/** One HTTP POST to the merchant. */
export interface Post {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** What the merchant answered; `status` 0 when no answer came. */
export interface Answer {
  readonly status: number;
  readonly body: string;
}

/** Sends callbacks over kept connections. */
export class Courier {
  readonly #plain = new PlainAgent({ keepAlive: true, maxSockets: 64 });
  readonly #tls = new TlsAgent({ keepAlive: true, maxSockets: 64 });

  /**
   * Posts once. Never throws: a connection that fails is an answer too. Redirects are not
   * followed.
   */
  send(post: Post): Promise<Answer> {
    return new Promise((resolve) => {
      const secure = post.url.startsWith('https:');
      const start = secure ? secureRequest : plainRequest;
      const body = Buffer.from(post.body);
      const request = start(post.url, {
        method: 'POST',
        agent: secure ? this.#tls : this.#plain,
        timeout: ANSWER_LIMIT_MS,
        headers: { ...post.headers, 'content-length': String(body.length) },
      });
      request.once('response', (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (piece: string) => {
          if (text.length < ANSWER_LIMIT_BYTES) text += piece;
        });
        response.once('end', () => resolve({ status: response.statusCode ?? 0, body: text }));
        response.once('error', () => resolve({ status: 0, body: 'The answer broke off.' }));
      });
      request.once('timeout', () => request.destroy(new Error('no answer in five seconds')));
      request.once('error', (problem) => resolve({ status: 0, body: problem.message }));
      request.end(body);
    });
  }

  stop(): void {
    this.#plain.destroy();
    this.#tls.destroy();
  }
}
