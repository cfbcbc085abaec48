import type { CreditBody } from '@daikou/api';
import {
  type CreditRequest,
  type CreditRequestLine,
  type CreditTake,
  ok,
  parseRatio,
  type Refusal,
  type Result,
  refuse,
} from '@daikou/core';
import { toMoneyOf } from './billing-body.ts';

type LineBody = CreditBody['lines'][number];

/** A request for a credit note as its body says; core decides about it. */
export function readCredit(body: CreditBody): Result<CreditRequest, Refusal> {
  const lines: CreditRequestLine[] = [];
  for (const [index, line] of body.lines.entries()) {
    const take = readTake(line, `lines[${index}]`);
    if (!take.ok) return take;
    lines.push({ position: line.position, take: take.value });
  }
  const { reason, disposition } = body;
  return ok({ lines, reason, ...(disposition === undefined ? {} : { disposition }) });
}

function readTake({ whole, amount, units }: LineBody, path: string): Result<CreditTake, Refusal> {
  const named = [whole, amount, units].filter((one) => one !== undefined);
  if (named.length !== 1) {
    return refuse({
      code: 'credit_not_one_of',
      sentence: 'A line says how much in exactly one way: whole, amount or units.',
      next: 'Keep one of the three.',
      field: path,
    });
  }
  if (amount !== undefined) return ok({ type: 'amount', amount: toMoneyOf(amount) });
  if (units === undefined) return ok({ type: 'whole' });
  const parsed = parseRatio(units);
  if (!parsed.ok) return refuse({ ...parsed.refusal, field: `${path}.units` });
  return ok({ type: 'units', units: parsed.value });
}
