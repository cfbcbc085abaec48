import { runSeeds } from './many.ts';
import { readOptions, USAGE } from './options.ts';

/** `npm run simulate -- --seed N --days D …`; see docs/reference/simulation.md. */
async function main(words: readonly string[]): Promise<number> {
  let wanted: ReturnType<typeof readOptions>;
  try {
    wanted = readOptions(words);
  } catch {
    wanted = undefined;
  }
  if (wanted === undefined) {
    console.error(`${USAGE}\nA run has at least 20 days and one customer.`);
    return 2;
  }
  return runSeeds(wanted);
}

process.exitCode = await main(process.argv.slice(2));
