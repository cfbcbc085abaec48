import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { instantAt, money, type Rail, toContractCode } from '../../../packages/core/src/index.ts';
import { storeOf } from '../../../packages/store/src/open.ts';
import { clockOf } from '../../kit/builders.ts';
import { openMigratedDatabase } from '../../kit/embedded-template.ts';
import { type Play, Stage } from '../../kit/stage.ts';
import { Agenda } from '../agenda.ts';
import { Dice, Rng } from '../dice.ts';
import { Outside } from '../outside.ts';
import { FACTS, FIRST, type Subject } from './facts.ts';
import { makeIdsOf } from './fresh-numbers.ts';
import { PROFILES } from './profiles.ts';

const START = instantAt(FIRST, Temporal.PlainTime.from('09:00'), 'Asia/Shanghai');
const numbers = makeIdsOf();

/** A mandate is asked for, and the payer agrees by `agree`; gives the rail's own number of it. */
async function sign(
  rail: Rail,
  firstPlannedDate: Temporal.PlainDate,
  agree: (url: string) => Promise<void>,
): Promise<string> {
  const contractCode = toContractCode(numbers('man'));
  const begun = await rail.beginSigning({
    contractCode,
    displayAccount: `P-${contractCode.slice(-8)}`,
    singleCap: money(50_000n, 'CNY'),
    firstPlannedDate,
    requestSerial: String(numbers.serial()),
    clientIp: '192.0.2.10',
  });
  if (begun.kind !== 'open_url') assert.fail(begun.kind);
  await agree(begun.url);
  const report = await rail.queryMandate({ contractCode });
  if (report.kind !== 'active') assert.fail(report.kind);
  return report.railReference;
}

/** The simulated rail of a profile, with nothing going wrong. */
function simulated(id: string): Subject {
  const agenda = new Agenda(START);
  const dice = new Dice(new Rng('facts'), []);
  // Nobody is out of money here, and no bank takes anything back.
  dice.rest();
  const outside = new Outside({
    payers: [],
    agenda,
    dice,
    rng: new Rng('facts'),
    tell: { rail() {}, report() {}, opened() {} },
  });
  const rail = outside.ports.get(id);
  const books = outside.rails.get(id);
  assert.ok(rail && books);
  return {
    rail,
    sign: (planned) => sign(rail, planned, async (url) => books.sign(url)),
    end: async (reference) => books.end(books.byReference(reference)?.code ?? '', 'customer'),
    moveTo: async (instant) => agenda.advanceTo(instant.epochMilliseconds),
    settle: async () => agenda.advanceTo(agenda.nowMilliseconds + 1_000_000),
    freshNumber: numbers.order,
  };
}

/** The product's own adapter, over HTTP, against the sandbox of that rail. */
function sandboxed(play: Play, id: string): Subject {
  const rail = play.engine.rails.get(id);
  assert.ok(rail);
  return {
    rail,
    sign: (planned) =>
      sign(rail, planned, async (url) => {
        const body = new URLSearchParams({ decision: 'agree' });
        await (await fetch(url, { method: 'POST', body })).arrayBuffer();
        await play.admin.idle();
      }),
    end: (reference) => play.endReferenceInWallet(id, reference),
    moveTo: (instant) => play.sleepUntil(clockOf(instant)),
    settle: async () => {
      await play.admin.idle();
    },
    freshNumber: numbers.order,
  };
}

function checkFacts(rail: Rail, subject: () => Subject): void {
  for (const { name, of, check } of FACTS) {
    if (of !== undefined && !of(rail)) continue;
    test(name, () => check(subject()));
  }
}

for (const id of PROFILES.keys()) {
  const subject = simulated(id);
  describe(`the simulated rail like ${id}`, () => checkFacts(subject.rail, () => subject));
}

describe('the adapters on the sandbox, by the same facts', () => {
  let stage: Stage;
  const subjects = new Map<string, Subject>();
  before(async () => {
    stage = await Stage.open(await storeOf(await openMigratedDatabase()));
    for (const id of ['wechat', 'alipay']) {
      subjects.set(id, sandboxed(await stage.newPlay('2026-11-20 09:00'), id));
    }
  });
  after(async () => {
    await stage.close();
    await stage.store.close();
  });

  for (const id of ['wechat', 'alipay']) {
    describe(id, () => {
      checkFacts(simulated(id).rail, () => {
        const subject = subjects.get(id);
        assert.ok(subject);
        return subject;
      });
    });
  }
});
