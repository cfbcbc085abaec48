import type {
  ContactChannel,
  DeliveryReport,
  NoticeChannel,
  NoticeMessage,
  SendOutcome,
} from '../../packages/core/src/index.ts';
import type { Agenda } from './agenda.ts';
import type { Fate } from './contacts.ts';
import type { Dice, Rng } from './dice.ts';
import { Wire } from './rails/wire.ts';

/** A message as the provider keeps it. */
export type Message = {
  readonly message: NoticeMessage;
  readonly providerReference: string;
  /** When the customer had it; absent while it is under way or when it bounced. */
  deliveredAt?: Temporal.Instant;
  failedAt?: Temporal.Instant;
};

const DAY = 86_400;

/** What a provider of messages holds: the proof, apart from our books, of who was told what. */
export class Provider {
  readonly messages: Message[] = [];
  readonly channel: NoticeChannel;
  readonly #agenda: Agenda;
  readonly #dice: Dice;
  readonly #rng: Rng;
  readonly #tell: (report: DeliveryReport) => void;

  constructor(
    kind: { readonly id: ContactChannel; readonly proof: 'report' | 'query' },
    parts: {
      readonly agenda: Agenda;
      readonly dice: Dice;
      readonly rng: Rng;
      readonly tell: (report: DeliveryReport) => void;
      readonly fateOf: (address: string) => Fate;
    },
  ) {
    const { id, proof } = kind;
    this.#agenda = parts.agenda;
    this.#dice = parts.dice;
    this.#rng = parts.rng;
    this.#tell = parts.tell;
    const wire = new Wire(`the ${id} provider`, parts);
    const fateOf = (address: string): Fate => {
      const isBounced = this.#dice.fires('a message bounces');
      const isSilent = this.#dice.fires('a message is taken and never arrives');
      if (isBounced) return 'bounces';
      return isSilent ? 'silent' : parts.fateOf(address);
    };
    this.channel = {
      id,
      proof,
      send: (message) =>
        wire.carry<SendOutcome>('send', () => this.#take(message, fateOf(message.address)), {
          nothing: { kind: 'unknown', detail: 'no answer' },
        }),
      // Who reports cannot be asked, as with mail; its reports come or they do not.
      ...(proof === 'report'
        ? {}
        : {
            queryDelivery: (sent) =>
              wire.carry('delivery query', () => this.#outcomeOf(sent.providerReference), {
                nothing: { kind: 'unknown', detail: 'no answer' },
              }),
          }),
      close: async () => {},
    };
  }

  #take(message: NoticeMessage, fate: Fate): SendOutcome {
    const known = this.messages.find((one) => one.message.noticeId === message.noticeId);
    if (known !== undefined) return { kind: 'sent', providerReference: known.providerReference };
    const serial = this.#rng.int(1_000_000_000);
    const providerReference = `${this.channel.id}-${this.messages.length + 1}-${serial}`;
    const taken: Message = { message, providerReference };
    this.messages.push(taken);
    if (fate !== 'silent') {
      this.#agenda.after(this.#rng.between(1, 600), () => this.#complete(taken, fate));
    }
    return { kind: 'sent', providerReference };
  }

  #complete(taken: Message, fate: Exclude<Fate, 'silent'>): void {
    if (fate === 'bounces') taken.failedAt = this.#agenda.now;
    else taken.deliveredAt = this.#agenda.now;
    const { message, providerReference } = taken;
    const { noticeId } = message;
    // Accounts on a platform of others report by their own number only.
    const name = this.channel.id === 'official_account' ? {} : { noticeId };
    const report = { ...name, providerReference, outcome: this.#outcomeOf(providerReference) };
    const isLate = this.#dice.fires('a report comes days late');
    if (isLate) this.#agenda.after(this.#rng.between(DAY, 4 * DAY), () => this.#tell(report));
    else this.#tell(report);
  }

  #outcomeOf(providerReference: string): DeliveryReport['outcome'] {
    const known = this.messages.find((one) => one.providerReference === providerReference);
    if (known?.deliveredAt !== undefined) return { kind: 'delivered', at: known.deliveredAt };
    if (known?.failedAt !== undefined) {
      return { kind: 'failed', code: 'bounced', at: known.failedAt };
    }
    return { kind: 'waiting' };
  }
}
