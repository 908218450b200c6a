import type { NdArray, TypedArray } from '@engram/domain';
import type { Tensor } from '@tensorflow/tfjs';
import type { Random } from '../random/random.js';
import type { TensorFlow } from '../tensorflow/backend.js';

/** How programs run: see `Session.report` for what `auto` chose and why. */
export type Mode = 'auto' | 'eager' | 'recorded' | 'xla';

export interface TensorSpec {
  readonly shape: readonly number[];
  readonly dtype: 'float32' | 'int32';
}

/** A session variable. It starts as zeros unless `initial` is given. */
export interface StateSpec extends TensorSpec {
  readonly initial?: ArrayInput;
}

/** What a program computes from. Tensors are valid during `run` only. */
export interface ProgramContext {
  readonly tf: TensorFlow;
  /** The session's variables as they are before this run. */
  readonly state: Readonly<Record<string, Tensor>>;
  /** The session's read-only arrays. */
  readonly data: Readonly<Record<string, Tensor>>;
  readonly inputs: Readonly<Record<string, Tensor>>;
  /** Seeded randomness, fresh in every run, equal in every mode. */
  readonly random: Random;
  /** A tensor from JavaScript values that is the same in every run, of any size (it is written into the graph). */
  constant(values: ArrayInput, shape: readonly number[], dtype?: 'float32' | 'int32'): Tensor;
}

export interface ProgramResult {
  /** Next values of the variables that change; the others stay. */
  readonly state?: Readonly<Record<string, Tensor>>;
  readonly outputs?: Readonly<Record<string, Tensor>>;
}

/**
 * A step, written as an ordinary TensorFlow.js function of tensors. It runs once when the session is made, and from then
 * on as one graph call; so it must not read values, branch on them, or draw random numbers other than from `random`.
 */
export interface Program {
  readonly inputs: Readonly<Record<string, TensorSpec>>;
  /** Overrides the session's choice between the plain graph and XLA for this program. */
  readonly mode?: 'auto' | 'recorded' | 'xla';
  run(context: ProgramContext): ProgramResult;
}

export interface SessionSpec {
  /** For messages and reports. */
  readonly name: string;
  /** Default: the engine's. */
  readonly mode?: Mode;
  /** First half of the seed of every run that is not given one; the second half counts runs. Default 0. */
  readonly seed?: number;
  /** Variables the programs read and replace. `tf.Variable`s they use (layers, optimizers) join by themselves, under their names. */
  readonly state?: Readonly<Record<string, StateSpec>>;
  /** Read-only arrays held in the session: training sets to be gathered from, tables. */
  readonly data?: Readonly<Record<string, NdArray>>;
  readonly programs: Readonly<Record<string, Program>>;
}

/** What is accepted where an array goes in: its shape is known from the specification. */
export type ArrayInput = NdArray | TypedArray | readonly number[] | number;

export interface RunOptions {
  /** Two 32-bit integers that fix every random number of this run. */
  readonly seed?: readonly [number, number];
}

/** Several programs over the same variables. */
export interface Session {
  readonly name: string;
  readonly report: SessionReport;
  /** Names of all variables: those declared, and the `tf.Variable`s the programs were found to use. */
  readonly stateNames: readonly string[];
  /**
   * Runs a program and returns its outputs; its next state replaces the old one.
   * @throws ENG_REQUEST_INVALID no such program or a missing input. ENG_SHAPE_MISMATCH an input of another size.
   *   ENG_DEVICE_OUT_OF_MEMORY the device has too little memory.
   */
  run(program: string, inputs?: Readonly<Record<string, ArrayInput>>, options?: RunOptions): Record<string, NdArray>;
  /** Copies of the variables; all of them when no names are given. */
  readState(names?: readonly string[]): Record<string, NdArray>;
  /** Replaces variables, one after the other, so no message ever holds them all. */
  writeState(values: Readonly<Record<string, ArrayInput>>): void;
  /** Frees everything the session holds. A second call does nothing. */
  dispose(): void;
}

export interface ProgramReport {
  readonly mode: 'eager' | 'recorded' | 'xla';
  /** Why that mode, in one sentence. */
  readonly why: string;
  /** Operations in the graph; 0 in eager mode. */
  readonly nodes: number;
  readonly recordMs: number;
}

export interface SessionReport {
  readonly programs: Readonly<Record<string, ProgramReport>>;
  readonly loadMs: number;
  /** Size of the graph, weights and data excluded. */
  readonly graphBytes: number;
}
