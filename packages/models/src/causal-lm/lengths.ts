import { EngramError } from '@engram/domain';

/**
 * Lengths sequences are padded to: halvings of the longest, rounded up to 16. Each length is a program of its own, so
 * there are few, and padding at most doubles the work.
 *
 * @param lengths of the sequences, each at least 1.
 * @returns ascending; the last holds the longest sequence.
 */
export function paddedLengths(lengths: readonly number[], most = 4): number[] {
  const round = (length: number) => Math.ceil(length / 16) * 16;
  const longest = Math.max(1, ...lengths);
  const steps = Array.from({ length: most }, (_, halvings) => round(longest / 2 ** halvings));
  const used = new Set(lengths.map((length) => steps.toReversed().find((step) => length <= step)!));
  return [...used].sort((a, b) => a - b);
}

/**
 * @throws ENG_SHAPE_MISMATCH a sequence longer than the context. ENG_DATA_MODEL_MISMATCH a token id outside the vocabulary.
 */
export function checkSequences(sequences: readonly Int32Array[], vocabularySize: number, contextLength: number): void {
  sequences.forEach((sequence, index) => {
    if (sequence.length > contextLength)
      throw new EngramError(
        'ENG_SHAPE_MISMATCH',
        `sequence ${index} has ${sequence.length} tokens, the model's context holds ${contextLength}`,
        {
          remedy: 'Cut longer texts into windows of the context length.',
          details: { index, length: sequence.length, contextLength },
        },
      );
    const outside = sequence.find((token) => token < 0 || token >= vocabularySize);
    if (outside !== undefined)
      throw new EngramError(
        'ENG_DATA_MODEL_MISMATCH',
        `sequence ${index} holds token id ${outside}, the vocabulary has ${vocabularySize}`,
        {
          remedy: "Encode texts with the model's own tokenizer.",
          details: { index, vocabularySize },
        },
      );
  });
}

/** Batches of sequence indices by padded length, longest batches first so that memory peaks early. */
export function byLength(lengths: readonly number[], steps: readonly number[]): Map<number, number[]> {
  const groups = new Map<number, number[]>(steps.toReversed().map((step) => [step, []]));
  lengths.forEach((length, index) => {
    groups.get(steps.find((step) => length <= step)!)!.push(index);
  });
  return groups;
}
