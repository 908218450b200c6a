import { EngramError } from '@engram/domain';

/** One field of a protobuf message: a number (varint, or the raw bits of fixed32) or bytes. */
export interface ProtobufField {
  readonly number: number;
  readonly value: bigint | Uint8Array;
}

/**
 * Walks the fields of one protobuf message without a schema. Nested messages come as bytes and are walked when wanted,
 * so only what is asked for is read and depth is the caller's.
 *
 * @throws ENG_FILE_UNREADABLE when the bytes are not a protobuf message or end early.
 * @see the Protocol Buffers encoding.
 */
export function* protobufFields(bytes: Uint8Array): Generator<ProtobufField> {
  let at = 0;
  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = bytes[at++];
      if (byte === undefined) throw unreadable('ends inside a number');
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    throw unreadable('has a number of more than ten bytes');
  };
  const take = (length: number): Uint8Array => {
    if (at + length > bytes.length)
      throw unreadable(`ends early: a field of ${length} bytes, ${bytes.length - at} left`);
    at += length;
    return bytes.subarray(at - length, at);
  };
  while (at < bytes.length) {
    const key = varint();
    const number = Number(key >> 3n);
    if (number === 0) throw unreadable('has a field numbered 0');
    switch (Number(key & 7n)) {
      case 0:
        yield { number, value: varint() };
        break;
      case 1:
        yield { number, value: take(8) };
        break;
      case 2:
        yield { number, value: take(Number(varint())) };
        break;
      case 5:
        yield { number, value: take(4) };
        break;
      default:
        throw unreadable(`has a field of unknown wire type ${key & 7n}`);
    }
  }
}

/** Whole numbers of a repeated field, packed or not. */
export function repeatedIntegers(value: bigint | Uint8Array): bigint[] {
  if (typeof value === 'bigint') return [value];
  const numbers: bigint[] = [];
  let current = 0n;
  let shift = 0n;
  for (const byte of value) {
    current |= BigInt(byte & 0x7f) << shift;
    shift += 7n;
    if (byte >= 0x80) continue;
    numbers.push(current);
    current = 0n;
    shift = 0n;
  }
  return numbers;
}

function unreadable(what: string): EngramError {
  return new EngramError('ENG_FILE_UNREADABLE', `the ONNX file is not a sound protobuf message: it ${what}`, {
    remedy: 'Export the model again and upload the file whole.',
  });
}
