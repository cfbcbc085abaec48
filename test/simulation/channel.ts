import type {
  ContactChannel,
  DeliveryReport,
  NoticeChannel,
  NoticeMessage,
  SendOutcome,
} from '../../packages/core/src/index.ts';
import type { Agenda } from './agenda.ts';
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

/** What a provider of messages holds: the proof, apart from our books, of who was told what. */
export class Provider {
  readonly messages: Message[] = [];
  readonly channel: NoticeChannel;
  readonly #agenda: Agenda;
  readonly #dice: Dice;
  readonly #rng: Rng;
  readonly #tell: (report: DeliveryReport) => void;

  constructor(
    id: ContactChannel,
    parts: {
      readonly agenda: Agenda;
      readonly dice: Dice;
      readonly rng: Rng;
      readonly tell: (report: DeliveryReport) => void;
      /** Addresses that bounce, always. */
      readonly isDead: (address: string) => boolean;
    },
  ) {
    this.#agenda = parts.agenda;
    this.#dice = parts.dice;
    this.#rng = parts.rng;
    this.#tell = parts.tell;
    const wire = new Wire(`the ${id} provider`, parts);
    const isBounce = (address: string) =>
      parts.isDead(address) || this.#dice.fires('a message bounces');
    this.channel = {
      id,
      send: (message) =>
        wire.carry<SendOutcome>('send', () => this.#take(message, isBounce(message.address)), {
          nothing: { kind: 'unknown', detail: 'no answer' },
        }),
      // Mail cannot be asked about, as with real providers; its reports come or they do not.
      ...(id === 'mail'
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

  #take(message: NoticeMessage, bounces: boolean): SendOutcome {
    const known = this.messages.find((one) => one.message.noticeId === message.noticeId);
    if (known !== undefined) return { kind: 'sent', providerReference: known.providerReference };
    const providerReference = `${this.channel.id}-${this.messages.length + 1}`;
    const taken: Message = { message, providerReference };
    this.messages.push(taken);
    this.#agenda.after(this.#rng.between(1, 600), () => {
      if (bounces) taken.failedAt = this.#agenda.now;
      else taken.deliveredAt = this.#agenda.now;
      const { noticeId } = message;
      this.#tell({ noticeId, providerReference, outcome: this.#outcomeOf(providerReference) });
    });
    return { kind: 'sent', providerReference };
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
