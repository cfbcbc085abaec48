/** A reason to stop that the reader can act on; run.js prints the sentence without a stack. */
export class Stop extends Error {}
