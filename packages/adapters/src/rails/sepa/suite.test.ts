import { join } from 'node:path';
import type { Sandbox } from '../../kit/sandbox.ts';
import type { FileRailChange, FileRailFacts } from '../suite/file-subject.ts';
import { testFileRail } from '../suite/file-suite.ts';
import { SEPA_CAPABILITIES } from './capabilities.ts';
import type { SepaConfig } from './config.ts';
import { freshConfig, PAYERS } from './fixture.ts';
import { makeSepaRail } from './rail.ts';

/** What the sandbox's bank gives its merchant. */
type Credentials = Pick<SepaConfig, 'creditor' | 'vaultKey'>;
type Folders = Pick<SepaConfig, 'outbox' | 'inbox'>;

let last: SepaConfig | undefined;

/** The configuration of the sandbox's bank. */
async function sandboxConfig(sandbox: Sandbox, change: FileRailChange): Promise<SepaConfig> {
  if (change.again === true && last !== undefined) return last;
  const credentials = sandbox.credentials<Credentials>('sepa');
  const fresh = await freshConfig({ ...sandbox.endpoint<Folders>('sepa'), ...credentials });
  if (change.broken === true) {
    return freshConfig({ ...credentials, outbox: join(fresh.archive, 'none', 'outbox') });
  }
  last = fresh;
  return fresh;
}

const signedOn = Temporal.PlainDate.from('2026-11-02');
const payer = { kind: 'bank_account', ...PAYERS[0], signedOn } as const;

const facts: FileRailFacts = {
  railName: 'SEPA Direct Debit',
  capabilities: SEPA_CAPABILITIES,
  open: async (sandbox, change = {}) => makeSepaRail(await sandboxConfig(sandbox, change)),
  form: () => ({ flow: 'paper', account: payer }),
  badForm: () => ({ flow: 'paper', account: { ...payer, iban: 'DE03120300000000202051' } }),
  refusals: [
    ['AC01', 'account'],
    ['AC04', 'account'],
    ['AC06', 'account'],
    ['AC13', 'account'],
    ['AG01', 'account'],
    ['AG02', 'merchant_fault'],
    ['AM04', 'funds'],
    ['BE05', 'merchant_fault'],
    ['CNOR', 'merchant_fault'],
    ['DNOR', 'account'],
    ['FF01', 'merchant_fault'],
    ['FF05', 'merchant_fault'],
    ['MD01', 'mandate'],
    ['MD02', 'merchant_fault'],
    ['MD07', 'account'],
    ['MS02', 'risk'],
    ['MS03', 'technical'],
    ['RC01', 'merchant_fault'],
    ['RR01', 'risk'],
    ['RR02', 'risk'],
    ['RR03', 'risk'],
    ['RR04', 'risk'],
    ['SL01', 'account'],
  ],
  returns: [
    { outcome: 'RETURN_AM04', code: 'AM04', afterDays: 5, mandateGone: false },
    { outcome: 'RETURN_MD01', code: 'MD01', afterDays: 7, mandateGone: true },
    { outcome: 'REFUND_MD06', code: 'MD06', afterDays: 46, mandateGone: false },
    { outcome: 'REFUND_MD01', code: 'MD01', afterDays: 125, mandateGone: true },
  ],
  refunds: { refused: 'TRANSFER_AM04', comesBack: 'TRANSFER_BACK_AC04' },
  firstTold: 'camt.054',
  dayFile: 'camt.053',
};

testFileRail(facts);
