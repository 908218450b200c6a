import { EngramError } from '@engram/domain';
import { imageLayout } from '@engram/numeric';
import type { Network } from '../network/network.js';
import type { BankRequest, Labels } from './request.js';

/**
 * @throws ENG_DATA_MODEL_MISMATCH inputs of another shape. ENG_SHAPE_MISMATCH labels or masks of another length.
 * ENG_LABEL_OUT_OF_RANGE. ENG_INTERNAL augmentation of what are no images, classes for a regression, targets for a classifier, or a recipe of the other's loss.
 */
export function checkRequest({ network, inputs, labels, models, evaluate, recipe }: BankRequest<Labels>): void {
  const loss = network.task === 'regression' ? 'meanSquaredError' : 'crossEntropy';
  if (recipe.loss !== loss)
    throw new EngramError('ENG_INTERNAL', `a ${network.task} network is trained by ${loss}, got ${recipe.loss}`);
  if (recipe.augmentation.length > 0 && imageLayout(network.inputShape) === undefined)
    throw new EngramError(
      'ENG_INTERNAL',
      `augmentation by ${recipe.augmentation.join(' and ')} needs images, the model takes [${network.inputShape}]`,
    );
  for (const [what, array, truth] of [
    ['inputs', inputs, labels],
    ['evaluated inputs', evaluate?.inputs, evaluate?.labels],
  ] as const) {
    if (array === undefined || truth === undefined) continue;
    if (String(array.shape.slice(1)) !== String(network.inputShape))
      throw new EngramError(
        'ENG_DATA_MODEL_MISMATCH',
        `${what} have rows of shape [${array.shape.slice(1)}], the model takes [${network.inputShape}]`,
        {
          remedy: 'Give the rows the shape the model was trained on.',
        },
      );
    if (truth.length !== array.shape[0])
      throw new EngramError('ENG_SHAPE_MISMATCH', `${array.shape[0]} ${what}, ${truth.length} labels`);
    checkLabels(truth, network);
  }
  for (const { trainedOn, labels: own } of models) {
    if (trainedOn.length !== labels.length)
      throw new EngramError(
        'ENG_SHAPE_MISMATCH',
        `a mask covers ${trainedOn.length} samples, there are ${labels.length}`,
      );
    if (own === undefined) continue;
    if (own.length !== labels.length)
      throw new EngramError('ENG_SHAPE_MISMATCH', `${labels.length} samples, ${own.length} labels of one model`);
    checkLabels(own, network);
  }
}

function checkLabels(labels: Labels, { task, outputCount: classes }: Network): void {
  const isTargets = labels instanceof Float64Array;
  if (isTargets !== (task === 'regression'))
    throw new EngramError('ENG_INTERNAL', `a ${task} network was given ${isTargets ? 'targets' : 'classes'}`);
  if (isTargets) return;
  const outside = labels.findIndex((label) => label < 0 || label >= classes);
  if (outside >= 0)
    throw new EngramError(
      'ENG_LABEL_OUT_OF_RANGE',
      `label ${labels[outside]} of row ${outside} is not one of the model's ${classes} classes`,
      {
        remedy: 'Number the classes from 0 in the order of the model outputs.',
      },
    );
}
