/** One thing to do, and the evidence for doing it. */
export interface Advice {
  readonly action: string;
  readonly because: string;
}
