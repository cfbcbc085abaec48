import { labelledHistories } from '../kit/arrears-histories.ts';
import { measure, tableOf } from './measure.ts';

// `npm run -s causes-table [-- from until]`: how often the rules of arrears causes are right on
// labelled histories. 1–500 are those by which the rules were made; 501–1000 were kept for the end.

const [from = 1, until = 500] = process.argv.slice(2).map((text) => Number.parseInt(text, 10));
process.stdout.write(tableOf(measure(labelledHistories(from, until))));
