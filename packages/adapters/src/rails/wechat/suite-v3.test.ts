import { testRail } from '../suite/rail-suite.ts';
import { wechatFacts } from './sandbox-facts.ts';

testRail(wechatFacts('v3'));
