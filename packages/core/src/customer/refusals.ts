import type { Refusal } from '../result/result.ts';

export type OrganisationRefusalCode =
  | 'not_an_organisation'
  | 'not_a_payer'
  | 'not_a_child'
  | 'moved_already'
  | 'same_payer'
  | 'no_children'
  | 'too_many_children'
  | 'reference_missing'
  | 'reference_twice'
  | 'reference_taken'
  | 'name_missing';
export type OrganisationRefusal = Refusal<OrganisationRefusalCode>;

type Words = { readonly sentence: string; readonly next: string };

const REFUSALS: Record<OrganisationRefusalCode, Words> = {
  not_an_organisation: {
    sentence: 'Only an organisation pays for departments and members, on one invoice if it wants.',
    next: 'Name an organisation, or change the kind of this customer to organisation first.',
  },
  not_a_payer: {
    sentence: 'A department or a member does not pay; its organisation does.',
    next: 'Change the organisation that pays.',
  },
  not_a_child: {
    sentence: 'Only a department or a member can be moved to another organisation.',
    next: 'Transfer the subscriptions of a customer who pays, one by one.',
  },
  moved_already: {
    sentence: 'This department or member was moved to another organisation before.',
    next: 'Move the one that continues it; its id is in moved_to.',
  },
  same_payer: {
    sentence: 'The two are the same payer, so there is nothing to move.',
    next: 'Name another payer.',
  },
  no_children: {
    sentence: 'No department and no member was given.',
    next: 'Send at least one.',
  },
  too_many_children: {
    sentence: 'More departments and members came at once than one request may create.',
    next: 'Send at most 1,000 at once; sending some twice creates them once.',
  },
  reference_missing: {
    sentence: "The merchant's own number of the customer is missing.",
    next: 'Send a reference that is not empty.',
  },
  reference_twice: {
    sentence: 'The same reference occurs twice in the request.',
    next: 'Send each department and member once.',
  },
  reference_taken: {
    sentence: 'Another customer has this reference already.',
    next: 'Use the customer that is there, or another reference.',
  },
  name_missing: {
    sentence: 'The name is missing.',
    next: 'Send a name that is not empty.',
  },
};

/** The refusal with its sentence; `field` names the input, with its index inside a batch. */
export function organisationRefusal(
  code: OrganisationRefusalCode,
  field: string,
): OrganisationRefusal {
  return { code, ...REFUSALS[code], field };
}
