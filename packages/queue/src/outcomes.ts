/** A failed try that another follows; the message is the encoded failure. */
export class RetryLater extends Error {
  readonly delayMs: number;

  constructor(message: string, delayMs: number) {
    super(message);
    this.name = 'RetryLater';
    this.delayMs = delayMs;
  }
}

/** Why a running task is stopped without having failed: the worker closes, or another runs it. It goes back to the queue. */
export class GivenBack extends Error {
  constructor(why: string) {
    super(why);
    this.name = 'GivenBack';
  }
}
