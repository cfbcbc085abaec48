// `npm run bench -- <name> [--json]`: one benchmark, beside the limit of its machine.

const BENCHES = ['usage', 'draft', 'reconcile', 'debit-day', 'entitlements'] as const;

const [name = '', ...options] = process.argv.slice(2);
const isKnown = (text: string): text is (typeof BENCHES)[number] =>
  (BENCHES as readonly string[]).includes(text);

if (isKnown(name)) {
  const { run } = (await import(`./${name}.ts`)) as {
    readonly run: (say: (line: string) => void, options: readonly string[]) => Promise<unknown>;
  };
  const isJson = options.includes('--json');
  const result = await run((line) => process.stderr.write(`${line}\n`), options);
  process.stdout.write(`${JSON.stringify(result, null, isJson ? undefined : 2)}\n`);
} else {
  process.stderr.write(`Usage: npm run bench -- ${BENCHES.join('|')} [--json]\n`);
  process.exitCode = 2;
}
