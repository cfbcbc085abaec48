/** One exact change to one file of the product. */
export type Edit = {
  /** From the top of the repository. */
  readonly file: string;
  /** Stands in the file exactly once; otherwise the mutation is out of date and says so. */
  readonly find: string;
  readonly replace: string;
};

/** What must notice it: one seed of the simulation, or one test file. */
export type Catcher =
  | {
      readonly kind: 'simulation';
      readonly seed: number;
      /** The faults under which it shows; nothing else goes wrong then. */
      readonly faults: string;
      /** All merchants are in quarantine after a restore. */
      readonly isHeld?: boolean;
    }
  | {
      readonly kind: 'test';
      readonly file: string;
      /** The one test of the file that must notice; absent: the file is quick enough as a whole. */
      readonly name?: string;
    };

/** A mistake that somebody could make, made on purpose. */
export type Mutation = {
  readonly name: string;
  readonly edits: readonly Edit[];
  readonly caughtBy: Catcher;
};

const SETTLE = 'packages/core/src/debit/settle.ts';
const SUBMIT = 'packages/core/src/debit/submit.ts';
const NUMBERS = 'packages/core/src/debit/number-discipline.ts';

export const MUTATIONS: readonly Mutation[] = [
  {
    name: 'new number on timeout',
    edits: [
      {
        file: SETTLE,
        find: "      return keepOpen(attempt, 'unknown', context);\n    case 'refused':",
        replace:
          '      return settleRefusal(facts, attempt, {\n' +
          "        refusal: { class: 'technical', code: 'TIMEOUT', message: '' }, context });\n" +
          "    case 'refused':",
      },
    ],
    caughtBy: {
      kind: 'simulation',
      seed: 1,
      faults: 'submit is done in silence; submit is lost',
    },
  },
  {
    name: 'success ignored after close',
    edits: [
      {
        file: SETTLE,
        find: "if (attempt.state === 'succeeded' || attempt.state === 'late_success') return",
        replace: 'if (!isOpen(attempt.state)) return',
      },
    ],
    caughtBy: {
      kind: 'simulation',
      seed: 1,
      faults: 'the rail denies; a callback comes twice',
    },
  },
  {
    name: 'forgotten tenant filter',
    edits: [
      {
        file: 'packages/store/src/transact.ts',
        find: "select set_config('role', 'daikou_app', true),",
        replace: 'select',
      },
    ],
    caughtBy: { kind: 'simulation', seed: 1, faults: 'nothing' },
  },
  {
    name: 'notice skipped',
    edits: [{ file: SUBMIT, find: '  if (!notice.ok) return notice;\n', replace: '' }],
    caughtBy: {
      kind: 'simulation',
      seed: 1,
      faults: 'a message bounces; a callback is lost',
    },
  },
  {
    name: 'amount not compared in a callback',
    edits: [
      {
        file: SETTLE,
        find: '  if (!equals(outcome.paid, attempt.amount)) {',
        replace: '  if (equals(outcome.paid, attempt.amount) && false) {',
      },
    ],
    caughtBy: {
      kind: 'simulation',
      seed: 1,
      faults: 'a callback of another amount',
    },
  },
  {
    name: 'second open number allowed',
    edits: [
      {
        file: NUMBERS,
        find: "  if (open !== undefined) return { kind: 'ask', attempt: open };",
        replace: "  if (open !== undefined) return { kind: 'send', ordinal: open.ordinal + 1 };",
      },
      {
        file: SUBMIT,
        find: "debit: { ...rest, state: 'in_flight' }",
        replace: 'debit: { ...rest, collectAt: addSeconds(context.now, 20) }',
      },
      {
        file: SUBMIT,
        find: '  if (!budget.ok) return reschedule(facts, context, budget.refusal);',
        replace:
          '  if (!budget.ok && facts.attempts.length === 0) {\n' +
          '    return reschedule(facts, context, budget.refusal);\n  }',
      },
      {
        file: 'packages/store/src/migrations/0004-collection/up.sql',
        find: 'create unique index attempts_one_open_per_debit',
        replace: 'create index attempts_one_open_per_debit',
      },
    ],
    caughtBy: {
      kind: 'simulation',
      seed: 1,
      faults: 'a callback is lost',
    },
  },
  {
    name: 'settle without comparing the state',
    edits: [
      {
        file: SETTLE,
        find:
          '      if (!isOpen(attempt.state)) return undefined;\n' +
          '      return settleRefusal(facts, attempt, { refusal: outcome.refusal, context });',
        replace:
          '      return settleRefusal(facts, attempt, { refusal: outcome.refusal, context });',
      },
    ],
    caughtBy: { kind: 'test', file: 'packages/core/src/debit/settle.test.ts' },
  },
  {
    name: 'end of a mandate ignored',
    edits: [
      {
        file: 'packages/core/src/mandate/apply-report.ts',
        find: "    case 'ended':\n",
        replace: "    case 'ended':\n      if (mandate.state === 'active') return undefined;\n",
      },
    ],
    caughtBy: { kind: 'simulation', seed: 1, faults: 'nothing' },
  },
  {
    name: 'cap unchecked',
    edits: [
      {
        file: 'packages/core/src/mandate/authority.ts',
        find: '  if (compare(amount, mandate.singleCap) > 0) {',
        replace: '  if (compare(amount, mandate.singleCap) > 9) {',
      },
    ],
    caughtBy: { kind: 'test', file: 'packages/core/src/mandate/authority.test.ts' },
  },
  {
    name: 'number sent before it is committed',
    edits: [
      {
        file: 'packages/engine/src/debit/submit.ts',
        find: '    attempts: sending.map((one) => one.attempt),\n',
        replace: '',
      },
    ],
    caughtBy: { kind: 'simulation', seed: 1, faults: 'nothing' },
  },
  {
    name: 'not found answered with a new number',
    edits: [
      {
        file: SETTLE,
        find: "  const ended = endAttempt(attempt, 'never_sent', { endedAt: context.now });",
        replace: "  const ended = endAttempt(attempt, 'closed', { endedAt: context.now });",
      },
    ],
    caughtBy: { kind: 'simulation', seed: 1, faults: 'submit is lost; submit arrives late' },
  },
  {
    name: 'accepted taken for paid',
    edits: [
      {
        file: SETTLE,
        find: "    case 'accepted':\n",
        replace:
          "    case 'accepted':\n" +
          '      if (isOpen(attempt.state)) return settleSuccess(facts, attempt, {\n' +
          '        context, outcome: {\n' +
          "        kind: 'succeeded', railReference: 'early', paid: attempt.amount,\n" +
          '        paidAt: context.now } });\n',
      },
    ],
    caughtBy: { kind: 'simulation', seed: 1, faults: 'nothing' },
  },
  {
    name: 'contract not compared in a callback',
    edits: [
      {
        file: 'packages/engine/src/debit/settle.ts',
        find: 'named !== facts.mandate.railReference)',
        replace: 'named.length > 99)',
      },
    ],
    caughtBy: { kind: 'simulation', seed: 1, faults: 'a callback of another contract' },
  },
  {
    name: 'lease of a notice ignored',
    edits: [
      {
        file: 'packages/store/src/notice/statements.ts',
        find: "(state = 'planned' or lease_until is null",
        replace: '(true or lease_until is null',
      },
    ],
    caughtBy: { kind: 'simulation', seed: 1, faults: 'provider send' },
  },
  {
    name: 'late success kept out of the books',
    edits: [
      {
        file: SETTLE,
        find: 'collect(facts, late, { ended, context })',
        replace: 'cancel(debit, context)',
      },
    ],
    caughtBy: { kind: 'test', file: 'packages/core/src/debit/late-success.test.ts' },
  },
  {
    name: 'refund without lock',
    edits: [
      {
        file: 'packages/store/src/debit/statements.ts',
        find: '     order by d.id for update of d`',
        replace: '     order by d.id`',
      },
    ],
    caughtBy: { kind: 'test', file: 'test/scenarios/refund-races.test.ts' },
  },
  {
    name: 'resend with a new time of submission',
    edits: [
      {
        file: SUBMIT,
        find: 'submittedAt: again?.submittedAt ?? context.now,',
        replace: 'submittedAt: context.now,',
      },
    ],
    caughtBy: { kind: 'test', file: 'packages/core/src/debit/submit.test.ts' },
  },
  {
    name: 'fee of a bill posted twice',
    edits: [
      {
        file: 'packages/engine/src/reconciliation/reconcile.ts',
        find: 'posted?.currency === bill.fee.currency ? posted.minor : 0n',
        replace: 'posted?.currency === bill.fee.currency ? 0n : 0n',
      },
    ],
    caughtBy: {
      kind: 'test',
      file: 'packages/engine/src/reconciliation/reconciliation.test.ts',
      name: 'a bill issued again replaces the former',
    },
  },
  {
    name: 'bill line settles the wrong order',
    edits: [
      {
        file: 'packages/engine/src/reconciliation/match-bill.ts',
        find: 'debited.push({ orderNumber, isProof: true, outcome });',
        replace:
          "const wrong = orderNumber.replace(/N1$/, 'N2');\n" +
          '      debited.push({ orderNumber: wrong, isProof: true, outcome });',
      },
    ],
    caughtBy: {
      kind: 'test',
      file: 'test/scenarios/bills.test.ts',
      name: '.*: settles what reply, callback and queries had lost',
    },
  },
  {
    name: 'the second method after an unknown outcome',
    edits: [
      {
        file: SETTLE,
        find: "      return keepOpen(attempt, 'unknown', context);\n    case 'refused':",
        replace:
          '      return settleRefusal(facts, attempt, {\n' +
          "        refusal: { class: 'account', code: 'TIMEOUT', message: '' }, context });\n" +
          "    case 'refused':",
      },
    ],
    caughtBy: { kind: 'simulation', seed: 1, faults: 'submit is done in silence' },
  },
  {
    name: 'quarantine ignored',
    edits: [
      {
        file: 'packages/engine/src/held.ts',
        find: '(tx) => tx.findQuarantine())) !== undefined;',
        replace: '(tx) => tx.findQuarantine())) === null;',
      },
    ],
    caughtBy: { kind: 'simulation', seed: 1, faults: 'nothing', isHeld: true },
  },
  {
    name: 'sent taken for delivered',
    edits: [
      {
        file: 'packages/core/src/notice/gate.ts',
        find: "    case 'sent':\n      return 'notice_not_delivered';",
        replace: "      return 'notice_not_delivered';\n    case 'sent':\n      return undefined;",
      },
    ],
    caughtBy: { kind: 'simulation', seed: 1, faults: 'a message is taken and never arrives' },
  },
  {
    name: 'notice to a wrong address counts',
    edits: [
      {
        file: 'packages/core/src/notice/gate.ts',
        find: "  if (notice.voidedAt !== undefined) return 'notice_failed';\n",
        replace: '',
      },
    ],
    caughtBy: { kind: 'test', file: 'packages/core/src/notice/gate.test.ts' },
  },
  {
    name: 'suspended while an attempt is unknown',
    edits: [
      {
        file: 'packages/core/src/arrears/target.ts',
        find: '  if (isWorse && moneyUnderWay !== undefined) {',
        replace: "  if (isWorse && moneyUnderWay === 'payment_waits') {",
      },
    ],
    caughtBy: { kind: 'test', file: 'packages/core/src/arrears/arrears.test.ts' },
  },
  {
    name: 'suspended unwarned',
    edits: [
      {
        file: 'packages/core/src/arrears/target.ts',
        find: "  const from = state === 'warned' ? warning : standing.since;",
        replace: "  const from = warning === 'under_way' ? warning : standing.since;",
      },
    ],
    caughtBy: { kind: 'test', file: 'packages/core/src/arrears/arrears.test.ts' },
  },
  {
    name: 'late fee above its cap',
    edits: [
      {
        file: 'packages/core/src/arrears/late-fee-figure.ts',
        find: '  const amount = within(asked, cap);',
        replace: '  const amount = asked;',
      },
    ],
    caughtBy: { kind: 'test', file: 'packages/core/src/arrears/late-fee-figure.test.ts' },
  },
  {
    name: 'webhook to a private address',
    edits: [
      {
        file: 'packages/adapters/src/http/safe-fetch.ts',
        find: '  if (!addresses.every((one) => isPublicAddress(one.address))) {',
        replace: '  if (!addresses.some((one) => isPublicAddress(one.address))) {',
      },
    ],
    caughtBy: { kind: 'test', file: 'packages/adapters/src/http/safe-fetch.test.ts' },
  },
];
