import { resolve } from 'node:path';
import { runStages } from './stages/run-stages.ts';
import { CHECK_STAGES, STAGES } from './stages/stage.ts';

/** `npm run check`: format, types and structure; what can be told without running our code. */
const root = resolve(import.meta.dirname, '..');
const stages = STAGES.filter(({ name }) => CHECK_STAGES.includes(name));
process.exitCode = await runStages(stages, { root, options: [] });
