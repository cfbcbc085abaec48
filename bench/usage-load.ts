import { Agent, request } from 'node:http';

// The sender: a process of its own, so that what it costs is not counted as the server's. Makes all
// bodies first, waits for the word to start, and says how long it took.

type Plan = {
  readonly url: string;
  readonly key: string;
  readonly events: number;
  readonly batch: number;
  readonly connections: number;
  readonly customers: number;
  readonly round: number;
  readonly time: string;
};

const plan: Plan = JSON.parse(process.argv[2] ?? '{}');
const bodies = Array.from({ length: plan.events / plan.batch }, (_, index) => bodyOf(index));
const agent = new Agent({ keepAlive: true, maxSockets: plan.connections });
process.send?.('ready');
process.once('message', () => void sendAll());

function bodyOf(index: number): string {
  const events = Array.from({ length: plan.batch }, (_, place) => {
    const number = index * plan.batch + place;
    return {
      specversion: '1.0',
      id: `r${plan.round}-${number.toString().padStart(8, '0')}`,
      source: `gateway-${number % 4}`,
      type: 'llm.request',
      subject: `C-${number % plan.customers}`,
      time: plan.time,
      data: { tokens: (number % 997) + 1, model: `m-${number % 3}` },
    };
  });
  return JSON.stringify(events);
}

async function sendAll(): Promise<void> {
  const counts = { accepted: 0, duplicates: 0, refused: 0 };
  let next = 0;
  const start = performance.now();
  const senders = Array.from({ length: plan.connections }, async () => {
    while (next < bodies.length) {
      const body = bodies[next] ?? '';
      next += 1;
      const answer = await post(body);
      counts.accepted += answer.accepted;
      counts.duplicates += answer.duplicates;
      counts.refused += answer.refused_count;
    }
  });
  await Promise.all(senders);
  const seconds = (performance.now() - start) / 1000;
  process.send?.({ seconds, ...counts }, () => process.exit(0));
}

type Answer = {
  readonly accepted: number;
  readonly duplicates: number;
  readonly refused_count: number;
};

function post(body: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const headers = {
      authorization: `Bearer ${plan.key}`,
      'content-type': 'application/cloudevents-batch+json',
      'content-length': Buffer.byteLength(body),
    };
    const sent = request(`${plan.url}/v1/usage/events`, { method: 'POST', agent, headers });
    sent.once('error', reject);
    sent.once('response', (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
      response.once('end', () => {
        if (response.statusCode === 202) resolve(JSON.parse(text) as Answer);
        else reject(new Error(`${response.statusCode} ${text}`));
      });
    });
    sent.end(body);
  });
}
