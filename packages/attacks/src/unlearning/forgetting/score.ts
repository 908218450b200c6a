/**
 * Forgetting events of each sample: how often a right prediction was followed by a wrong one.
 *
 * @param correct (moments, n) 1 = predicted right, rows in the order of training.
 * @param n samples.
 * @returns (n) counts; Infinity for a sample never predicted right.
 * @see Toneva et al. 2019, "An Empirical Study of Example Forgetting during Deep Neural Network Learning", section 3.
 */
export function forgettingEvents(correct: ArrayLike<number>, n: number): Float64Array {
  const moments = correct.length / n;
  return Float64Array.from({ length: n }, (_, i) => {
    let events = 0;
    let learned = false;
    for (let t = 0; t < moments; t += 1) {
      const right = correct[t * n + i] === 1;
      if (right) learned = true;
      else if (t > 0 && correct[(t - 1) * n + i] === 1) events += 1;
    }
    return learned ? events : Infinity;
  });
}

/** The same with never-learned samples one above the most forgotten, so that they can be ranked. */
export function rankableEvents(events: Float64Array): Float64Array {
  let most = 0;
  for (const count of events) if (count < Infinity && count > most) most = count;
  return events.map((count) => (count === Infinity ? most + 1 : count));
}
