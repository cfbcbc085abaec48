import { testChannel } from '../suite/channel-suite.ts';
import type { ChannelFacts } from '../suite/facts.ts';
import { makeDingtalkChannel } from './channel.ts';

let count = 0;

const facts: ChannelFacts = {
  channelName: 'DingTalk',
  simulator: 'dingtalk',
  canLose: true,
  refusal: '430102',
  tooFast: { code: '130101', outcome: 'unknown' },
  open: (sandbox, change = {}) =>
    makeDingtalkChannel({
      endpoint: change.origin ?? sandbox.endpoint<string>('dingtalk'),
      now: () => Temporal.Now.instant(),
      http: { allowLoopback: true, timeoutMilliseconds: 1_000 },
    }),
  address: (sandbox, change = {}) => {
    const robot = sandbox.credentials<{ accessToken: string; secret: string }>('dingtalk');
    count += 1;
    const secret = change.wrongSecret === true ? 'SEC-wrong-secret' : robot.secret;
    const query = `access_token=${robot.accessToken}${count}`;
    return `https://oapi.dingtalk.com/robot/send?${query}#${secret}`;
  },
  listedAs: (address) => new URL(address).searchParams.get('access_token') ?? '',
};

testChannel(facts);
