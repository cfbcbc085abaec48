/** The wall clock, for protocol timestamps, leases and merchants without a test clock. */
export type Clock = { readonly now: () => Temporal.Instant };

/** Randomness for ids. Returns `length` bytes. */
export type Entropy = { readonly bytes: (length: number) => Uint8Array };
