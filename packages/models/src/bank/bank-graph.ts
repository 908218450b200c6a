import type { ProgramContext, StateSpec } from '@engram/engine';
import { sizeOf } from '../network/initializers.js';
import type { Tensor } from '../tensors.js';
import { slotState } from './apply-gradients.js';
import type { BankLayout } from './layout.js';
import type { BankRequest, Labels } from './request.js';
import { trainedWeights, type Unit } from './unit.js';

/** What the programs of a bank share: how models lie in the graph, and the names of their variables. */
export interface BankGraph {
  readonly request: BankRequest<Labels>;
  readonly layout: BankLayout;
  /** Leading axes of stacked tensors: [models], or [] where models are written out. */
  readonly stack: readonly number[];
  /** Prefixes of the variables of each unit: one unit for a stack, else one per model. */
  readonly prefixes: readonly string[];
  /** Variables of one unit: weights and optimizer slots. */
  readonly unitState: Readonly<Record<string, StateSpec>>;
  /** The optimizer's among them. */
  readonly slots: Readonly<Record<string, StateSpec>>;
  unitOf(state: Readonly<Record<string, Tensor>>, prefix: string): Unit;
  /** Rows of a table of samples as (…lead, …input shape). */
  rows(context: ProgramContext, table: Tensor, indices: Tensor, lead: readonly number[]): Tensor;
  /** Rows (count, …) for one unit: repeated for every model of a stack. */
  forUnit(context: ProgramContext, x: Tensor): Tensor;
}

export function bankGraph(request: BankRequest<Labels>, layout: BankLayout): BankGraph {
  const { network, recipe } = request;
  const { modelsPerGraph, stacked } = layout;
  const stack = stacked ? [modelsPerGraph] : [];
  const slots = slotState(recipe, trainedWeights(network), stack);
  const weights = network.weights.map(({ savedName, shape }): [string, StateSpec] => [
    savedName,
    { shape: [...stack, ...shape], dtype: 'float32' },
  ]);
  const unitState = { ...Object.fromEntries(weights), ...slots };
  return {
    request,
    layout,
    stack,
    prefixes: stacked ? [''] : Array.from({ length: modelsPerGraph }, (_, index) => `${index}/`),
    unitState,
    slots,
    unitOf: (state, prefix) => ({
      models: stack,
      state: Object.fromEntries(Object.keys(unitState).map((key) => [key, state[prefix + key]!])),
    }),
    rows({ tf }, table, indices, lead) {
      const flat = tf.gather(table, tf.reshape(indices, [sizeOf(indices.shape)]));
      return tf.reshape(flat, [...lead, ...network.inputShape]);
    },
    forUnit({ tf }, x) {
      if (!stacked) return x;
      return tf.tile(tf.reshape(x, [1, ...x.shape]), [modelsPerGraph, ...x.shape.map(() => 1)]);
    },
  };
}
