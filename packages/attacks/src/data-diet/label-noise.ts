import { EngramError } from '@engram/domain';
import { createRandom } from '@engram/numeric';

/** Labels with some changed on purpose. */
export interface NoisyLabels {
  readonly labels: Int32Array;
  /** (n) 1 = this label was drawn anew. */
  readonly changed: Uint8Array;
}

/**
 * Flips a share of the labels to a uniformly different class among those that occur.
 *
 * @param labels (n) classes.
 * @param share fraction in [0, 1]; round(share × n) labels flip.
 * @param seed of which flip and to what.
 * @throws ENG_ONE_CLASS_ONLY fewer than two classes occur.
 */
export function flipLabels(labels: Int32Array, share: number, seed: number): NoisyLabels {
  const classes = occurringClasses(labels);
  return change(labels, share, seed, (label, integer) => {
    const other = classes[integer(classes.length - 1)];
    // The last class stands in for the true one: every other class is equally likely.
    return other === label ? classes[classes.length - 1] : other;
  });
}

/**
 * Replaces a share of the labels by uniform random ones among the classes that occur, the true one included: a model that
 * never saw such a label guesses it once in as many times as there are classes.
 *
 * @param labels (n) classes.
 * @param share fraction in [0, 1]; 1 = every label is random.
 * @throws ENG_ONE_CLASS_ONLY fewer than two classes occur.
 * @see Zhang et al. 2017, "Understanding deep learning requires rethinking generalization", section 2.
 */
export function randomizeLabels(labels: Int32Array, share: number, seed: number): NoisyLabels {
  const classes = occurringClasses(labels);
  return change(labels, share, seed, (_, integer) => classes[integer(classes.length)]);
}

/** The classes that occur, ascending. @throws ENG_ONE_CLASS_ONLY fewer than two. */
export function occurringClasses(labels: Int32Array): Int32Array {
  const classes = Int32Array.from(new Set(labels)).sort();
  if (classes.length < 2)
    throw new EngramError('ENG_ONE_CLASS_ONLY', `expected labels of two classes or more, got ${classes.length}`, {
      remedy: 'Give samples of several classes.',
    });
  return classes;
}

function change(
  labels: Int32Array,
  share: number,
  seed: number,
  draw: (label: number, integer: (n: number) => number) => number,
): NoisyLabels {
  const random = createRandom(seed);
  const noisy = { labels: labels.slice(), changed: new Uint8Array(labels.length) };
  for (const place of random.sample(labels.length, Math.round(share * labels.length))) {
    noisy.changed[place] = 1;
    noisy.labels[place] = draw(labels[place], random.integer);
  }
  return noisy;
}
