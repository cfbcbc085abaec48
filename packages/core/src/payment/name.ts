/**
 * How alike two names of payers are, 0 to 100 (rounded down): Dice's coefficient of their pairs of
 * neighbouring letters, after width, case, blanks, brackets and marks are taken away. Banks cut,
 * pad and widen names (示例（北京）科技 → 示例(北京)科技), but seldom swap letters.
 */
export function similarity(left: string, right: string): number {
  const [a, b] = [plain(left), plain(right)];
  if (a === '' || b === '') return 0;
  if (a === b) return 100;
  const pairs = pairsOf(a);
  const others = pairsOf(b);
  const total = pairs.length + others.length;
  if (total === 0) return 0;
  let common = 0;
  const rest = [...others];
  for (const pair of pairs) {
    const place = rest.indexOf(pair);
    if (place === -1) continue;
    rest.splice(place, 1);
    common += 1;
  }
  // The largest whole percentage p with p · total ≤ 200 · common, without a division.
  let percentage = 0;
  while (percentage < 100 && (percentage + 1) * total <= 200 * common) percentage += 1;
  return percentage;
}

function plain(name: string): string {
  return name
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[^\p{Letter}\p{Number}]/gu, '');
}

function pairsOf(name: string): readonly string[] {
  const letters = [...name].slice(0, NAME_MAX_LETTERS);
  return letters.slice(1).map((letter, index) => `${letters[index]}${letter}`);
}

/** Letters of a name that are compared; longer ones are cut by the banks themselves. */
const NAME_MAX_LETTERS = 100;
