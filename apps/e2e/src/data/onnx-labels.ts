import type { Weights } from './classifier.js';

const elementTypes = { float32: 1, int64: 7 } as const;

/**
 * An ONNX classifier of one hidden layer that gives one class index (int64) per sample and nothing else, as protobuf
 * written by hand: Flatten, Gemm, Relu, Gemm, ArgMax.
 *
 * @param shape of one input; as many numbers as the first layer takes.
 * @see onnx.proto of ONNX 1.8 (IR version 7) for the numbers of the fields.
 */
export function labelsOnnx({ kernel, bias, head, headBias }: Weights, shape: readonly number[]): Uint8Array {
  const units = bias.length;
  const classes = headBias.length;
  const graph = message(
    node('Flatten', ['input'], 'flat'),
    node('Gemm', ['flat', 'kernel', 'bias'], 'hidden'),
    node('Relu', ['hidden'], 'active'),
    node('Gemm', ['active', 'head', 'headBias'], 'logits'),
    node('ArgMax', ['logits'], 'label', { axis: 1, keepdims: 0 }),
    text(2, 'labels'),
    tensor('kernel', kernel, [kernel.length / units, units]),
    tensor('bias', bias, [units]),
    tensor('head', head, [units, classes]),
    tensor('headBias', headBias, [classes]),
    bytes(11, valueInfo('input', 'float32', shape)),
    bytes(12, valueInfo('label', 'int64', [])),
  );
  const opset = message(text(1, ''), number(2, 13));
  return message(number(1, 7), bytes(7, graph), bytes(8, opset));
}

function node(operator: string, inputs: string[], output: string, attributes: Record<string, number> = {}): Uint8Array {
  const integer = 2;
  return bytes(
    1,
    message(
      ...inputs.map((input) => text(1, input)),
      text(2, output),
      text(4, operator),
      ...Object.entries(attributes).map(([name, value]) =>
        bytes(5, message(text(1, name), number(3, value), number(20, integer))),
      ),
    ),
  );
}

function tensor(name: string, values: Float32Array, shape: readonly number[]): Uint8Array {
  const raw = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  const dims = shape.map((size) => number(1, size));
  return bytes(5, message(...dims, number(2, elementTypes.float32), text(8, name), bytes(9, raw)));
}

function valueInfo(name: string, type: keyof typeof elementTypes, shape: readonly number[]): Uint8Array {
  const dims = [message(text(2, 'batch')), ...shape.map((size) => message(number(1, size)))];
  const tensorType = message(number(1, elementTypes[type]), bytes(2, message(...dims.map((dim) => bytes(1, dim)))));
  return message(text(1, name), bytes(2, message(bytes(1, tensorType))));
}

function message(...fields: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(fields));
}

/** @param value a whole number, 0 or more. */
function number(field: number, value: number): Uint8Array {
  return Uint8Array.from([...varint(field * 8), ...varint(value)]);
}

function bytes(field: number, value: Uint8Array): Uint8Array {
  return message(Uint8Array.from([...varint(field * 8 + 2), ...varint(value.length)]), value);
}

function text(field: number, value: string): Uint8Array {
  return bytes(field, new TextEncoder().encode(value));
}

/** Seven bits a byte, the lowest first; the top bit says that more follow. */
function varint(value: number): number[] {
  return value < 128 ? [value] : [(value % 128) + 128, ...varint(Math.floor(value / 128))];
}
