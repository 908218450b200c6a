import type { ModelTask } from '@engram/domain';
import type { Layer, WeightSpec } from './layer.js';

/** One computed layer: which earlier nodes it reads and under which names its weights are saved. */
export interface NetworkNode {
  readonly name: string;
  readonly layer: Layer;
  /** Indices of earlier nodes; -1 is the network's input. */
  readonly inputs: readonly number[];
  /** Saved names of the layer's weights, in the order of `layer.weights`. */
  readonly weightNames: readonly string[];
}

/** A weight of the network under its saved name. */
export interface NetworkWeight extends WeightSpec {
  readonly savedName: string;
  readonly node: number;
}

/** What a network answers: the logits of classes, or one number. */
export type NetworkTask = Exclude<ModelTask, 'causal-lm'>;

/**
 * A classifier or a regression as pure functions of its weights: the graph of a saved model. Of a classifier the last
 * activation is taken off, so that the last node gives logits.
 */
export interface Network {
  readonly task: NetworkTask;
  readonly inputShape: readonly number[];
  /** In an order in which every node follows those it reads. */
  readonly nodes: readonly NetworkNode[];
  readonly weights: readonly NetworkWeight[];
  /** The activation that was taken off. A sigmoid on one unit z is two classes with logits (0, z). */
  readonly head: 'linear' | 'softmax' | 'sigmoid';
  /** Values per sample: one per class, or the one prediction of a regression. */
  readonly outputCount: number;
  /** Whether every layer computes with a leading model axis. */
  readonly stackable: boolean;
}
