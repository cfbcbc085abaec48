/** An answer of the HTTP API as it was sent. */
export type KeptAnswer = {
  /** 200–499. */
  readonly status: number;
  readonly contentType?: string;
  readonly location?: string;
  readonly body: string;
};

/**
 * How a request ended. `answer_not_kept`: it was handled, and its answer is too long or too secret
 * to be kept. `outcome_unknown`: nobody knows what it did, so it is never handled again.
 */
export type RequestEnd =
  | { readonly state: 'answered'; readonly answer: KeptAnswer }
  | { readonly state: 'answer_not_kept'; readonly status: number }
  | { readonly state: 'outcome_unknown' };

/** A request under an idempotency key. */
export type KeyedRequest = {
  /** SHA-256 (hex) of the merchant and the key. */
  readonly keyHash: string;
  /** SHA-256 (hex) of the key and of everything that was asked under it. */
  readonly fingerprint: string;
  /** Of the wall clock. */
  readonly createdAt: Temporal.Instant;
};

/** One that came before: still being handled, or ended. */
export type KnownRequest = KeyedRequest & (RequestEnd | { readonly state: 'in_flight' });

/** Requests of the HTTP API that carry an `Idempotency-Key`. */
export type IdempotencyTx = {
  /**
   * Takes the key for this request. Undefined: it is the first and may be handled once this has
   * been committed. Else the request that has the key, which is not touched. Of two at once one
   * waits here for the other's commit.
   */
  readonly beginRequest: (request: KeyedRequest) => Promise<KnownRequest | undefined>;
  /** Says how a request in flight ended; one that has ended stays as it is. */
  readonly endRequest: (keyHash: string, end: RequestEnd) => Promise<void>;
  /** Lets go of the key of a request in flight that was turned away. */
  readonly releaseRequest: (keyHash: string) => Promise<void>;
  /** Deletes requests that began before, oldest first, at most `limit`; returns how many. */
  readonly purgeRequests: (purge: {
    readonly before: Temporal.Instant;
    readonly limit: number;
  }) => Promise<number>;
};
