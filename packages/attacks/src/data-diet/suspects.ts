/**
 * The samples whose labels are most worth a second look.
 *
 * @param scores (n) without NaN, ±Infinity allowed; higher = more suspect.
 * @param count how many.
 * @returns at most `count` places, most suspect first; of equals the first.
 */
export function mostSuspect(scores: ArrayLike<number>, count: number): Int32Array {
  const order = Int32Array.from({ length: scores.length }, (_, i) => i);
  // Infinity less Infinity is NaN, so places are compared, not subtracted.
  order.sort((a, b) => (scores[a] === scores[b] ? a - b : scores[a] < scores[b] ? 1 : -1));
  return order.slice(0, count);
}

/** Forgetting events as JSON can hold them: a sample never learned has no count, which is not the same as none. */
export function forgettingCount(events: number): number | 'neverLearned' {
  return events === Infinity ? 'neverLearned' : events;
}

/**
 * The label predicted most often for each sample.
 *
 * @param predictions (n) classes, one array per model and moment.
 * @param classes number of classes.
 * @returns (n) labels, of equals the lowest, and (n) the share of predictions for it.
 */
export function votedLabels(
  predictions: readonly ArrayLike<number>[],
  classes: number,
): { readonly labels: Int32Array; readonly shares: Float64Array } {
  const n = predictions[0].length;
  const labels = new Int32Array(n);
  const shares = new Float64Array(n);
  const votes = new Int32Array(classes);
  for (let i = 0; i < n; i += 1) {
    votes.fill(0);
    for (const predicted of predictions) votes[predicted[i]] += 1;
    for (let label = 1; label < classes; label += 1) if (votes[label] > votes[labels[i]]) labels[i] = label;
    shares[i] = votes[labels[i]] / predictions.length;
  }
  return { labels, shares };
}
