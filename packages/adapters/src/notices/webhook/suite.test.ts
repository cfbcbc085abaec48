import { formatWebhookSecret } from '../../http/webhook-signature.ts';
import { testChannel } from '../suite/channel-suite.ts';
import type { ChannelFacts } from '../suite/facts.ts';
import { makeWebhookChannel } from './channel.ts';

let count = 0;

const facts: ChannelFacts = {
  channelName: 'webhook',
  simulator: 'webhook_target',
  canLose: false,
  refusal: '410',
  tooFast: { code: '429', outcome: 'unknown' },
  open: () =>
    makeWebhookChannel({
      now: () => Temporal.Now.instant(),
      http: { allowLoopback: true, timeoutMilliseconds: 1_000 },
    }),
  address: (sandbox, change = {}) => {
    const origin = change.origin ?? sandbox.endpoint<string>('webhookTarget');
    const { secret } = sandbox.credentials<{ secret: string }>('webhookTarget');
    const wrong = formatWebhookSecret(Buffer.alloc(32, 9));
    count += 1;
    return `${origin}/hooks/receiver-${count}#${change.wrongSecret === true ? wrong : secret}`;
  },
  listedAs: (address) => /hooks\/([\w-]+)/.exec(address)?.[1] ?? '',
};

testChannel(facts);
