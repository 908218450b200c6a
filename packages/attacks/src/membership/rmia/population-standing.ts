import { countAtMost } from '../../count-at-most.js';

/** Where samples stand among those of a population, which the target was not trained on. */
export interface PopulationStanding {
  /** (n) in [0, 1]: share of the population whose ratio is exceeded gamma times; higher = more member-like. */
  readonly share: Float64Array;
  /** (n) in (0, 1]: share of the population and the sample itself that stand at least as high; lower = more member-like. */
  readonly pValue: Float64Array;
}

/**
 * The paper's score of RMIA, and how often a sample the target was not trained on would stand as high.
 *
 * The p-value counts the sample among the population, so that it is never 0, and does not depend on gamma: the share is a
 * step function of r(x), and where r(x) stands says all. Over samples of the population's distribution that are no members
 * it is at most u with a probability of at most u.
 *
 * @param logRatios (n) nats: log r(x) of samples.
 * @param ofPopulation (nZ) nats: log r(z) of population samples, nZ at least 1.
 * @param gamma how many times r(z) must be exceeded, at least 1.
 * @see Zarifzadeh et al. 2024, equation 3.
 */
export function standingAmong(logRatios: Float64Array, ofPopulation: Float64Array, gamma: number): PopulationStanding {
  const rising = ofPopulation.slice().sort();
  const falling = rising.map((ratio) => -ratio).reverse();
  const logGamma = Math.log(gamma);
  return {
    share: logRatios.map((ratio) => countAtMost(rising, ratio - logGamma) / rising.length),
    pValue: logRatios.map((ratio) => (1 + countAtMost(falling, -ratio)) / (1 + falling.length)),
  };
}
