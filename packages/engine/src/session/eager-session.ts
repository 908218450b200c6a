import { EngramError, type NdArray } from '@engram/domain';
import type { Tensor, Variable } from '@tensorflow/tfjs';
import { randomFrom } from '../random/random.js';
import type { NativeBackend, TensorFlow } from '../tensorflow/backend.js';
import { inScope } from '../tensorflow/scope.js';
import { arrayOf, asValues, specOf, tensorOf } from './arrays.js';
import { deviceFailure } from './device-failure.js';
import { missingInput, unknownProgram, unknownVariable } from './faults.js';
import { seedSequence } from './seed-sequence.js';
import type { Session, SessionSpec, TensorSpec } from './spec.js';

/** The same session without recording: every run calls the function, kernel by kernel. Slow; the reference in tests. */
export function openEagerSession(tf: TensorFlow, backend: NativeBackend, spec: SessionSpec): Session {
  const seeds = seedSequence(spec.seed);
  const stateSpecs = new Map<string, TensorSpec>(Object.entries(spec.state ?? {}));
  const state = new Map<string, Tensor>();
  const data = new Map<string, Tensor>();
  const registered = () => tf.engine().registeredVariables as Record<string, Variable>;
  const captured = new Set<string>();
  let disposed = false;

  for (const [name, of] of Object.entries(spec.state ?? {})) {
    state.set(
      name,
      of.initial === undefined ? tf.zeros([...of.shape], of.dtype) : own(asValues(of.initial, of, name), of),
    );
  }
  for (const [name, array] of Object.entries(spec.data ?? {})) {
    const of = specOf(array);
    data.set(name, own(asValues(array, of, name), of));
  }

  /** Over a copy: the caller may write into its array later. */
  function own(values: Float32Array | Int32Array, of: TensorSpec): Tensor {
    return tf.keep(tensorOf(tf, values.slice(), of));
  }
  function find(name: string): Tensor {
    const tensor = state.get(name) ?? registered()[name];
    if (tensor === undefined) throw unknownVariable(name, spec.name, [...state.keys(), ...captured]);
    return tensor;
  }

  return {
    name: spec.name,
    report: {
      programs: Object.fromEntries(
        Object.keys(spec.programs).map((name) => [name, { mode: 'eager', why: 'asked for', nodes: 0, recordMs: 0 }]),
      ),
      loadMs: 0,
      graphBytes: 0,
    },
    get stateNames() {
      return [...state.keys(), ...captured];
    },
    run(name, inputs = {}, options = {}) {
      if (disposed) throw new EngramError('ENG_INTERNAL', `the session ${spec.name} is disposed`);
      const program = spec.programs[name];
      if (program === undefined) throw unknownProgram(name, spec.name, Object.keys(spec.programs));
      const runSeed = seeds.next(options.seed);
      const before = new Map(Object.entries(registered()).map(([key, variable]) => [key, variable.dataId]));
      try {
        const { next, outputs } = inScope(tf, () => {
          const tensors = Object.fromEntries(
            Object.entries(program.inputs).map(([input, of]) => {
              const value = inputs[input];
              if (value === undefined) throw missingInput(name, input);
              return [input, tensorOf(tf, asValues(value, of, `input ${input} of ${name}`).slice(), of)];
            }),
          );
          const result = program.run({
            tf,
            state: Object.fromEntries(state),
            data: Object.fromEntries(data),
            inputs: tensors,
            random: randomFrom(tf, backend, tf.tensor1d([...runSeed], 'int32')),
            constant: (values, shape, dtype = 'float32') =>
              tf.tensor(asValues(values, { shape, dtype }, 'the constant'), [...shape], dtype),
          });
          const arrays: Record<string, NdArray> = {};
          for (const [key, tensor] of Object.entries(result.outputs ?? {})) arrays[key] = arrayOf(tensor);
          const replaced = Object.entries(result.state ?? {}).map(
            ([key, tensor]) => [key, tf.keep(tensor.clone())] as const,
          );
          return { next: replaced, outputs: arrays };
        });
        for (const [key, tensor] of next) {
          if (!state.has(key)) throw unknownVariable(key, spec.name, [...state.keys()]);
          state.get(key)!.dispose();
          state.set(key, tensor);
        }
        for (const [key, variable] of Object.entries(registered())) {
          if (before.get(key) !== variable.dataId) captured.add(key);
        }
        return outputs;
      } catch (error) {
        throw deviceFailure(error, spec.name);
      }
    },
    readState(names = [...state.keys(), ...captured]) {
      return Object.fromEntries(names.map((name) => [name, arrayOf(find(name))]));
    },
    writeState(values) {
      for (const [name, value] of Object.entries(values)) {
        const tensor = find(name);
        const of = stateSpecs.get(name) ?? { shape: tensor.shape, dtype: tensor.dtype as 'float32' | 'int32' };
        const next = own(asValues(value, of, `variable ${name}`), of);
        if (state.has(name)) {
          tensor.dispose();
          state.set(name, next);
        } else {
          (tensor as Variable).assign(next);
          next.dispose();
        }
      }
    },
    dispose() {
      if (disposed) return;
      disposed = true;
      for (const tensor of [...state.values(), ...data.values()]) tensor.dispose();
    },
  };
}
