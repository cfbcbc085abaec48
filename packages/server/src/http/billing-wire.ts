import {
  type AlignmentWire,
  type ChangeOutcomeWire,
  type PreviewedWire,
  type StartedWire,
  toAmountWire,
  toComingInvoiceWire,
  toDateWire,
  toInvoiceWire,
  toSubscriptionChangeWire,
  toSubscriptionWire,
  toWaitingLineWire,
  type UnparkedWire,
} from '@daikou/api';
import type { Locale } from '@daikou/core';
import type { Alignment, ChangeOutcome, Preview, Started, Unparked } from '@daikou/engine';

// What billing answers to commands, in the wire forms of the API.

export function toStartedWire(started: Started): StartedWire {
  const { firstInvoice: first } = started;
  return {
    dry_run: started.dryRun,
    subscription: toSubscriptionWire(started.subscription),
    first_charge: {
      charged_from: toDateWire(started.firstChargeOn),
      due_date: first === undefined ? null : toDateWire(first.dueDate),
      amount: first === undefined ? null : toAmountWire(first.total),
    },
    first_invoice: toComingInvoiceWire(first),
  };
}

export function toOutcomeWire(outcome: ChangeOutcome): ChangeOutcomeWire {
  const { redrafted, billed } = outcome;
  return {
    dry_run: outcome.dryRun,
    subscription: toSubscriptionWire(outcome.subscription),
    change: toSubscriptionChangeWire(outcome.change),
    lines: outcome.lines.map(toWaitingLineWire),
    redrafted: redrafted === undefined ? null : toInvoiceWire(redrafted),
    billed: billed === undefined ? null : toInvoiceWire(billed),
    next_invoice: toComingInvoiceWire(outcome.next),
  };
}

export function toAlignmentWire(alignment: Alignment): AlignmentWire {
  return {
    dry_run: alignment.dryRun,
    subscriptions: alignment.subscriptions.map(toSubscriptionWire),
    changes: alignment.changes.map(toSubscriptionChangeWire),
  };
}

export function toUnparkedWire({ dryRun, subscriptions }: Unparked): UnparkedWire {
  return { dry_run: dryRun, subscriptions: subscriptions.map((one) => ({ ...one })) };
}

export function toPreviewWire({ invoice, sentences }: Preview, locale: Locale): PreviewedWire {
  return { locale, invoice: toComingInvoiceWire(invoice), sentences: [...sentences] };
}
