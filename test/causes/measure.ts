import {
  ARREARS_CAUSES,
  type ArrearsCauseKind,
  attributeCause,
} from '../../packages/core/src/index.ts';
import type { LabelledHistory } from '../kit/arrears-histories.ts';

/** How often the rules named what truly caused the arrears. */
export type Measured = {
  /** Histories of one cause, and of them those whose primary cause is that one. */
  readonly singles: Counted;
  /** Mixtures whose primary cause is one of the two. */
  readonly mixtures: Counted;
  /** Mixtures whose primary cause is the stronger of the two. */
  readonly stronger: Counted;
  /** Mixtures of which both causes are among the first two. */
  readonly both: Counted;
  /** Histories of one cause in which another one got a quarter or more. */
  readonly spurious: Counted;
  /** Histories of one cause: the true cause → the found primary cause → how many. */
  readonly confusion: ReadonlyMap<ArrearsCauseKind, ReadonlyMap<ArrearsCauseKind, number>>;
  readonly wrong: readonly string[];
};

export type Counted = { readonly right: number; readonly of: number };

/** What a second cause may have without being called found. */
const QUARTER = 2_500n;

/** Has the rules look at every history and compares with its label. */
export function measure(labelled: readonly LabelledHistory[]): Measured {
  const looked = labelled.map((one) => ({ ...one, found: attributeCause(one.history) }));
  const singles = looked.filter(({ causes }) => causes.length === 1);
  const mixtures = looked.filter(({ causes }) => causes.length > 1);
  const confusion = new Map<ArrearsCauseKind, Map<ArrearsCauseKind, number>>();
  for (const { causes, found } of singles) {
    const [truly = found.primary] = causes;
    const row = confusion.get(truly) ?? new Map<ArrearsCauseKind, number>();
    row.set(found.primary, (row.get(found.primary) ?? 0) + 1);
    confusion.set(truly, row);
  }
  const isPrimary = ({ causes, found }: (typeof looked)[number]) => causes.includes(found.primary);
  const hasBoth = ({ causes, found }: (typeof looked)[number]) => {
    const firstTwo = found.causes.slice(0, 2).map(({ cause }) => cause);
    return causes.every((cause) => firstTwo.includes(cause));
  };
  return {
    singles: count(singles, isPrimary),
    mixtures: count(mixtures, isPrimary),
    stronger: count(mixtures, ({ causes, found }) => causes[0] === found.primary),
    both: count(mixtures, hasBoth),
    spurious: count(singles, ({ causes, found }) =>
      found.causes.some(({ cause, share }) => !causes.includes(cause) && share >= QUARTER),
    ),
    confusion,
    wrong: looked
      .filter((one) => !isPrimary(one) || (one.causes.length > 1 && !hasBoth(one)))
      .map(({ seed, script, causes, found }) => {
        const named = found.causes.map(({ cause, share }) => `${cause} ${share}`);
        return `seed ${seed}, ${script}: ${causes.join(' + ')}; found ${named.join(', ')}`;
      }),
  };
}

function count<T>(rows: readonly T[], isRight: (row: T) => boolean): Counted {
  return { right: rows.filter(isRight).length, of: rows.length };
}

/** Basis points of what was right, rounded down; 10,000 where there was nothing to get right. */
export function accuracyOf({ right, of }: Counted): number {
  return of === 0 ? 10_000 : Math.floor((right * 10_000) / of);
}

/** The table as text: true causes down, found causes across, then the figures. */
export function tableOf(measured: Measured): string {
  const head = ['true \\ found', ...ARREARS_CAUSES.map((_, index) => `${index + 1}`), 'right'];
  const rows = ARREARS_CAUSES.map((truly, index) => {
    const row = measured.confusion.get(truly);
    const counts = ARREARS_CAUSES.map((found) => row?.get(found) ?? 0);
    const of = counts.reduce((sum, one) => sum + one, 0);
    const cells = counts.map((one) => (one === 0 ? '·' : one.toString()));
    return [`${index + 1} ${truly}`, ...cells, percent({ right: counts[index] ?? 0, of })];
  });
  const lines = [head, ...rows].map(([name = '', ...cells]) =>
    [name.padEnd(26), ...cells.map((cell) => cell.padStart(8))].join(''),
  );
  const figures = [
    `one cause, primary right: ${figureOf(measured.singles)}`,
    `mixtures, primary is one of the two: ${figureOf(measured.mixtures)}`,
    `mixtures, primary is the stronger: ${figureOf(measured.stronger)}`,
    `mixtures, both among the first two: ${figureOf(measured.both)}`,
    `one cause, another one given a quarter or more: ${figureOf(measured.spurious)}`,
  ];
  return `${[...lines, '', ...figures, '', ...measured.wrong].join('\n')}\n`;
}

function figureOf(counted: Counted): string {
  return `${percent(counted)} (${counted.right} of ${counted.of})`;
}

function percent(counted: Counted): string {
  return `${(accuracyOf(counted) / 100).toFixed(2)} %`;
}
