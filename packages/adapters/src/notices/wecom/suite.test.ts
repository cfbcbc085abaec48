import { testChannel } from '../suite/channel-suite.ts';
import type { ChannelFacts } from '../suite/facts.ts';
import { makeWecomChannel } from './channel.ts';

let count = 0;

const facts: ChannelFacts = {
  channelName: 'WeCom',
  simulator: 'wecom',
  canLose: true,
  refusal: '40058',
  tooFast: { code: '45009', outcome: 'unknown' },
  open: (sandbox, change = {}) =>
    makeWecomChannel({
      endpoint: change.origin ?? sandbox.endpoint<string>('wecom'),
      now: () => Temporal.Now.instant(),
      http: { allowLoopback: true, timeoutMilliseconds: 1_000 },
    }),
  address: (sandbox, change = {}) => {
    const { key } = sandbox.credentials<{ key: string }>('wecom');
    count += 1;
    const robot = change.wrongSecret === true ? `wrong-secret-${count}-x` : `${key}-${count}`;
    return `https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=${robot}`;
  },
  listedAs: (address) => new URL(address).searchParams.get('key') ?? '',
};

testChannel(facts);
