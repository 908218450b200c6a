import { EngramError } from '@engram/domain';
import { bfloatsToFloats, halvesToFloats } from '@engram/numeric';
import { FiniteWeights } from '../finite-weights.js';
import { ownBytes } from '../own-bytes.js';
import { protobufFields, repeatedIntegers } from './protobuf.js';

/** What an ONNX file says about itself, read before any runtime sees it. */
export interface OnnxScan {
  /** Values in floating-point initializers. */
  readonly parameterCount: number;
  /** Operator that produces each named value, at the top level of the graph. */
  readonly producers: ReadonlyMap<string, string>;
}

/** Operator sets that consist of standard operators. */
const standardDomains = new Set(['', 'ai.onnx', 'ai.onnx.ml', 'com.microsoft']);
/** Subgraphs nest in attributes of If, Loop and Scan; deeper than this is refused. */
const depthLimit = 8;

/**
 * Reads an ONNX file's structure: refuses what must not reach a runtime, counts parameters, checks that weights are finite.
 *
 * @throws ENG_FILE_UNREADABLE not an ONNX file, or cut short. ENG_MODEL_UNSAFE weights in external files. ENG_MODEL_UNSUPPORTED
 * operators of a custom domain. ENG_VALUES_NOT_FINITE.
 * @see the ONNX protobuf schema (ModelProto, GraphProto, NodeProto, TensorProto) for the field numbers.
 */
export function scanOnnx(bytes: Uint8Array): OnnxScan {
  const state: State = { finite: new FiniteWeights(), producers: new Map(), parameterCount: 0 };
  let graphs = 0;
  for (const { number, value } of protobufFields(bytes)) {
    if (number === 7 && typeof value !== 'bigint') {
      graphs += 1;
      scanGraph(value, state, 0);
    }
    if (number === 8 && typeof value !== 'bigint')
      for (const field of protobufFields(value)) if (field.number === 1) checkDomain(text(field.value), 'the model');
    // Model-local functions are bodies made of nodes.
    if (number === 25 && typeof value !== 'bigint')
      for (const field of protobufFields(value)) if (field.number === 7) scanNode(bytesOf(field.value), state, 1);
  }
  if (graphs !== 1)
    throw new EngramError('ENG_FILE_UNREADABLE', `the file holds ${graphs} ONNX graphs, expected one`, {
      remedy: 'Upload an ONNX model file.',
    });
  state.finite.check();
  return { parameterCount: state.parameterCount, producers: state.producers };
}

interface State {
  readonly finite: FiniteWeights;
  readonly producers: Map<string, string>;
  parameterCount: number;
}

function scanGraph(bytes: Uint8Array, state: State, depth: number): void {
  if (depth > depthLimit)
    throw new EngramError('ENG_MODEL_UNSUPPORTED', `the graph nests more than ${depthLimit} levels deep`, {
      remedy: 'Export the model without nested control flow.',
    });
  for (const { number, value } of protobufFields(bytes)) {
    if (number === 1) scanNode(bytesOf(value), state, depth);
    if (number === 5) scanTensor(bytesOf(value), state);
    if (number === 15)
      for (const field of protobufFields(bytesOf(value)))
        if (field.number === 1 || field.number === 2) scanTensor(bytesOf(field.value), state);
  }
}

function scanNode(bytes: Uint8Array, state: State, depth: number): void {
  let operator = '';
  let domain = '';
  const outputs: string[] = [];
  const attributes: Uint8Array[] = [];
  for (const { number, value } of protobufFields(bytes)) {
    if (number === 2) outputs.push(text(value));
    if (number === 4) operator = text(value);
    if (number === 5) attributes.push(bytesOf(value));
    if (number === 7) domain = text(value);
  }
  checkDomain(domain, `operator ${operator}`);
  if (depth === 0) for (const output of outputs) state.producers.set(output, operator);
  for (const attribute of attributes) {
    for (const { number, value } of protobufFields(attribute)) {
      if (number === 5 || number === 10) scanTensor(bytesOf(value), state, false);
      if (number === 6 || number === 11) scanGraph(bytesOf(value), state, depth + 1);
    }
  }
}

function checkDomain(domain: string, where: string): void {
  if (standardDomains.has(domain)) return;
  throw new EngramError('ENG_MODEL_UNSUPPORTED', `${where} uses the custom operator domain "${domain}"`, {
    remedy: 'Export the model with standard ONNX operators only.',
    details: { domain },
  });
}

function scanTensor(bytes: Uint8Array, state: State, isWeight = true): void {
  let name = '';
  let type = 0;
  let raw: Uint8Array | undefined;
  const floats: Uint8Array[] = [];
  let size = 1;
  for (const { number, value } of protobufFields(bytes)) {
    if (number === 1) for (const dimension of repeatedIntegers(value)) size *= Number(dimension);
    if (number === 2) type = Number(value);
    if (number === 4) floats.push(bytesOf(value));
    if (number === 8) name = text(value);
    if (number === 9) raw = bytesOf(value);
    if (number === 13 || (number === 14 && value !== 0n))
      throw new EngramError(
        'ENG_MODEL_UNSAFE',
        `tensor "${name}" keeps its data in another file; paths inside uploads are not followed`,
        {
          remedy: 'Save the model as one file (save_as_external_data=False).',
        },
      );
  }
  const values = floatingValues(type, raw ?? Buffer.concat(floats));
  if (values === undefined) return;
  if (isWeight) state.parameterCount += size;
  state.finite.add(name, values);
}

/** Values of a floating-point tensor by its ONNX element type; undefined for other types. */
function floatingValues(type: number, raw: Uint8Array): ArrayLike<number> | undefined {
  const buffer = ownBytes(raw);
  const whole = (width: number) => buffer.slice(0, buffer.byteLength - (buffer.byteLength % width));
  if (type === 1) return new Float32Array(whole(4));
  if (type === 10) return halvesToFloats(new Uint16Array(whole(2)));
  if (type === 11) return new Float64Array(whole(8));
  if (type === 16) return bfloatsToFloats(new Uint16Array(whole(2)));
  return undefined;
}

function bytesOf(value: bigint | Uint8Array): Uint8Array {
  if (typeof value !== 'bigint') return value;
  throw new EngramError(
    'ENG_FILE_UNREADABLE',
    'the file is not an ONNX model: a message stands where a number was found',
    {
      remedy: 'Upload an ONNX model file.',
    },
  );
}

function text(value: bigint | Uint8Array): string {
  return new TextDecoder().decode(bytesOf(value));
}
