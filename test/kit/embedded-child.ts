import { openStore } from '../../packages/store/src/index.ts';
import { newCustomer, newMerchant } from './life.ts';

// A process of its own for tests that kill it. Opens the embedded database of a folder, then writes
// customers for ever, telling each on standard output after its commit was acknowledged.

const [home = ''] = process.argv.slice(2);
const MOST_CUSTOMERS = 100_000;

const store = await openStore({ home });
process.stdout.write('open\n');
const merchant = newMerchant();
await store.saveMerchant(merchant);
for (let count = 0; count < MOST_CUSTOMERS; count += 1) {
  const customer = newCustomer(merchant.id);
  await store.transact(merchant.id, (tx) => tx.insertNewCustomers([customer]));
  process.stdout.write(`${customer.id}\n`);
}
