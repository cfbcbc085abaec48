import { redacted } from '../../rails/secrets.ts';

/** The SMTP account that sends notices, and the secret of its delivery reports. */
export type MailConfig = {
  readonly host: string;
  readonly port: number;
  /** True: TLS from the first byte (465). False: STARTTLS where the server offers it. */
  readonly secure: boolean;
  readonly user: string;
  readonly pass: string;
  /** `Name <address>` or an address; its domain forms the Message-ID. */
  readonly from: string;
  /** The bearer token that delivery reports must carry. */
  readonly reportToken: string;
  /** The wall clock. */
  readonly now: () => Temporal.Instant;
  /** Default 10,000. */
  readonly timeoutMilliseconds?: number;
  /** Connections kept open at most; default 5. */
  readonly connections?: number;
};

/** The configuration for logs and support: no password, no token. */
export function describeMailConfig(config: MailConfig): Readonly<Record<string, string>> {
  return {
    server: `${config.host}:${config.port}${config.secure ? ' (TLS)' : ''}`,
    user: config.user,
    from: config.from,
    pass: redacted(config.pass),
    reportToken: redacted(config.reportToken),
  };
}

/** The domain of the sender, from which Message-IDs are made. Throws when there is none. */
export function senderDomain(from: string): string {
  const match = /@([A-Za-z0-9.-]+)>?\s*$/.exec(from);
  if (match?.[1] === undefined) throw new Error('Mail: `from` must end with an address.');
  return match[1].toLowerCase();
}
