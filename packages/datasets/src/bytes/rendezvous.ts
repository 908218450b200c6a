/**
 * Hands chunks from a writer to one reader, one at a time: `send` waits until the reader has taken the previous chunk,
 * so memory holds two chunks however much flows through.
 */
export class Rendezvous implements AsyncIterable<Uint8Array> {
  private waiting: Uint8Array | undefined;
  private state: 'open' | 'ended' | 'failed' = 'open';
  private failure: unknown;
  private wakeReader: () => void = () => {};
  private wakeWriter: () => void = () => {};

  /** @throws what the reader stopped with, when it did. */
  async send(chunk: Uint8Array): Promise<void> {
    while (this.waiting !== undefined && this.state === 'open')
      await new Promise<void>((wake) => {
        this.wakeWriter = wake;
      });
    if (this.state === 'failed') throw this.failure;
    this.waiting = chunk;
    this.wakeReader();
  }

  end(): void {
    if (this.state === 'open') this.state = 'ended';
    this.wakeReader();
  }

  /** Ends both sides: the reader's loop throws `failure`, and so does the writer's next `send`. */
  fail(failure: unknown): void {
    if (this.state === 'open') {
      this.state = 'failed';
      this.failure = failure;
    }
    this.wakeReader();
    this.wakeWriter();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    while (true) {
      if (this.state === 'failed') throw this.failure;
      if (this.waiting !== undefined) {
        const chunk = this.waiting;
        this.waiting = undefined;
        this.wakeWriter();
        yield chunk;
      } else if (this.state === 'ended') return;
      else
        await new Promise<void>((wake) => {
          this.wakeReader = wake;
        });
    }
  }
}
