/**
 * Reads a stream of bytes in pieces of the reader's choosing. Every piece is a fresh buffer at offset 0, so it can be
 * viewed as any typed array and handed on without copying.
 */
export class ByteCursor {
  /** Bytes taken so far. */
  position = 0;
  private readonly source: AsyncIterator<Uint8Array>;
  private chunk: Uint8Array = new Uint8Array(0);
  private ended = false;

  constructor(source: AsyncIterable<Uint8Array>) {
    this.source = source[Symbol.asyncIterator]();
  }

  /** The next `length` bytes, fewer only where the stream ends. */
  async take(length: number): Promise<Uint8Array> {
    const taken = new Uint8Array(length);
    let filled = 0;
    while (filled < length && (await this.fill())) {
      const part = this.chunk.subarray(0, length - filled);
      taken.set(part, filled);
      filled += part.length;
      this.chunk = this.chunk.subarray(part.length);
    }
    this.position += filled;
    return filled === length ? taken : taken.slice(0, filled);
  }

  /** `totalBytes` in blocks of `blockBytes`; stops early where the stream ends, which `position` shows. */
  async *blocks(totalBytes: number, blockBytes: number): AsyncGenerator<Uint8Array> {
    const end = this.position + totalBytes;
    while (this.position < end) {
      const wanted = Math.min(blockBytes, end - this.position);
      const block = await this.take(wanted);
      if (block.length > 0) yield block;
      if (block.length < wanted) return;
    }
  }

  async isAtEnd(): Promise<boolean> {
    return !(await this.fill());
  }

  /** Lets go of the source; safe to call at any time. */
  async close(): Promise<void> {
    this.ended = true;
    this.chunk = new Uint8Array(0);
    await this.source.return?.();
  }

  private async fill(): Promise<boolean> {
    while (this.chunk.length === 0 && !this.ended) {
      const next = await this.source.next();
      if (next.done === true) this.ended = true;
      else this.chunk = next.value;
    }
    return this.chunk.length > 0;
  }
}
