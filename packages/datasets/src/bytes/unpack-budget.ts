import { EngramError } from '@engram/domain';

export interface UnpackLimits {
  readonly unpackedBytes: number;
  readonly ratio: number;
  readonly ratioFloorBytes: number;
}

/** Counts what goes into and comes out of a decompressor, and stops what unpacks to too much. */
export class UnpackBudget {
  packedBytes = 0;
  unpackedBytes = 0;
  private readonly limits: UnpackLimits;
  private readonly name: string;
  private readonly pointer: string;

  /** @param name what is being unpacked, printable. */
  constructor(limits: UnpackLimits, name: string, pointer: string) {
    this.limits = limits;
    this.name = name;
    this.pointer = pointer;
  }

  addPacked(bytes: number): void {
    this.packedBytes += bytes;
  }

  /** @throws ENG_ARCHIVE_UNSAFE beyond the size or the ratio allowed. */
  addUnpacked(bytes: number): void {
    this.unpackedBytes += bytes;
    const { unpackedBytes, ratio, ratioFloorBytes } = this.limits;
    if (this.unpackedBytes > unpackedBytes)
      this.refuse(`unpacks to more than the ${unpackedBytes} bytes allowed`, 'Send less data, or send it in parts.');
    if (this.unpackedBytes > ratioFloorBytes && this.unpackedBytes > ratio * this.packedBytes)
      this.refuse(
        `unpacks to more than ${ratio} times its ${this.packedBytes} packed bytes`,
        'Send the file without compression.',
      );
  }

  private refuse(why: string, remedy: string): never {
    const message = `${this.name} ${why}`;
    throw new EngramError('ENG_ARCHIVE_UNSAFE', message, {
      remedy,
      faults: [{ pointer: this.pointer, message }],
      details: { packedBytes: this.packedBytes, unpackedBytes: this.unpackedBytes },
    });
  }
}
