import { EngramError } from '@engram/domain';

/** Counts values that are not finite over the tensors of a model, to refuse it with one message naming the first. */
export class FiniteWeights {
  private count = 0;
  private first: string | undefined;

  add(name: string, values: ArrayLike<number>): void {
    let bad = 0;
    for (let i = 0; i < values.length; i++) if (!Number.isFinite(values[i]!)) bad++;
    if (bad === 0) return;
    this.first ??= name;
    this.count += bad;
  }

  /** @throws ENG_VALUES_NOT_FINITE when any added value was NaN or infinite. */
  check(): void {
    if (this.count === 0) return;
    throw new EngramError(
      'ENG_VALUES_NOT_FINITE',
      `${this.count} weight(s) are NaN or infinite, the first in tensor "${this.first}"`,
      {
        remedy:
          'Upload weights from a training run that converged; a model with such weights has no meaningful outputs.',
        details: { count: this.count, firstTensor: this.first },
      },
    );
  }
}
