import { Readable } from 'node:stream';
import type { RandomAccess } from '@engram/domain';
import { RandomAccessReader } from 'yauzl';

const chunkBytes = 256 * 1024;

/** Bytes [start, end) in chunks. */
export async function* readRange(access: RandomAccess, start: number, end: number): AsyncGenerator<Uint8Array> {
  for (let at = start; at < end; at += chunkBytes) yield await access.read(at, Math.min(chunkBytes, end - at));
}

/** Lets the zip reader work on stored bytes. Closing it does not close them. */
export class AccessReader extends RandomAccessReader {
  private readonly access: RandomAccess;

  constructor(access: RandomAccess) {
    super();
    this.access = access;
  }

  override _readStreamForRange(start: number, end: number): Readable {
    return Readable.from(readRange(this.access, start, end), { objectMode: false });
  }

  override read(
    buffer: Buffer,
    offset: number,
    length: number,
    position: number,
    callback: (error: Error | null) => void,
  ): void {
    this.access.read(position, length).then(
      (bytes) => {
        buffer.set(bytes, offset);
        callback(null);
      },
      (error) => callback(error),
    );
  }

  override close(callback: (error: Error | null) => void): void {
    callback(null);
  }
}
