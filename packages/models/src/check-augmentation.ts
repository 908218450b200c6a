import { type Augmentation, EngramError, type InspectedModel } from '@engram/domain';
import { imageLayout } from '@engram/numeric';

/**
 * Why a model cannot have been trained by an augmentation, in one sentence; undefined where it can: nothing is augmented,
 * it takes images, or the file leaves open what it takes.
 */
export function augmentationFault(
  augmentation: readonly Augmentation[],
  { task, inputs }: Pick<InspectedModel, 'task' | 'inputs'>,
): string | undefined {
  if (augmentation.length === 0) return undefined;
  if (task === 'causal-lm') return 'augmentation changes images, and a language model is trained on texts';
  const shape = inputs[0]?.shape ?? [];
  if (shape.some((size) => size === null) || imageLayout(shape as readonly number[]) !== undefined) return undefined;
  return `augmentation changes images, and the model takes rows of shape [${shape}]: expected [h, w], [h, w, c] or [c, h, w]`;
}

/** @throws ENG_MANIFEST_INVALID the manifest's recipe augments what are no images. */
export function checkAugmentation(augmentation: readonly Augmentation[], inspected: InspectedModel): void {
  const message = augmentationFault(augmentation, inspected);
  if (message === undefined) return;
  throw new EngramError('ENG_MANIFEST_INVALID', message, {
    remedy: 'Leave augmentation empty, or save the model with the shape of its images and a Flatten layer.',
    faults: [{ pointer: '/training/augmentation', message }],
  });
}
