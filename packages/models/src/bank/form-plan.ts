import type { Augmentation } from '@engram/domain';
import { createRandom, deriveSeed, mostForms } from '@engram/numeric';

/** Which form of each sample every epoch shows. */
export interface FormPlan {
  /** Writes the forms of a batch's samples at `offset` of `into`. */
  fill(epoch: number, samples: Int32Array, into: Int32Array, offset: number): void;
}

/**
 * The forms of an image, numbered as by `augmentedForm`, that training by an augmentation shows, each as often: the image
 * alone without any; with its mirror image; in nine places; or both in all of them.
 *
 * @returns ascending, starting with 0, the image itself.
 */
export function drawnForms(augmentation: readonly Augmentation[]): number[] {
  return Array.from({ length: mostForms }, (_, form) => form).filter(
    (form) => (form % 2 === 0 || augmentation.includes('mirror')) && (form < 2 || augmentation.includes('shift')),
  );
}

/**
 * Draws a form for each sample and epoch, every form equally likely. What is drawn depends on the seed, the epoch and the
 * sample alone: not on the mask, on the other samples of a batch or on when it is asked.
 *
 * @param samples how many there are, in the training set or not.
 */
export function planForms(augmentation: readonly Augmentation[], samples: number, seed: number): FormPlan {
  const forms = drawnForms(augmentation);
  const drawn = new Uint8Array(samples);
  let drawnFor = -1;
  return {
    fill(epoch, batch, into, offset) {
      if (epoch !== drawnFor) {
        const random = createRandom(deriveSeed(seed, 'forms', epoch));
        for (let sample = 0; sample < samples; sample++) drawn[sample] = forms[random.integer(forms.length)]!;
        drawnFor = epoch;
      }
      batch.forEach((sample, place) => {
        into[offset + place] = drawn[sample]!;
      });
    },
  };
}
