import type { RandomAccess } from '@engram/domain';

const defaultBudgetBytes = 32 * 1024 * 1024;
const readBudgetBytes = 4 * 1024 * 1024;

/**
 * Turns samples × models × unit into models × samples × unit, reading the whole once for each group of models that fits
 * the budget, so that memory does not grow with the data.
 *
 * @param unitBytes bytes of one sample's values of one model.
 */
export async function* modelsFirst(
  access: RandomAccess,
  samples: number,
  models: number,
  unitBytes: number,
  budgetBytes = defaultBudgetBytes,
): AsyncGenerator<Uint8Array> {
  const modelBytes = samples * unitBytes;
  const group = Math.min(models, Math.max(1, Math.floor(budgetBytes / modelBytes)));
  for (let first = 0; first < models; first += group) {
    const last = Math.min(models, first + group);
    // A single model beyond the budget is passed on piece by piece as it is read.
    if (modelBytes > budgetBytes) yield* pick(access, samples, models, unitBytes, first);
    else yield await gather(access, samples, models, unitBytes, first, last);
  }
}

async function gather(
  access: RandomAccess,
  samples: number,
  models: number,
  unitBytes: number,
  first: number,
  last: number,
): Promise<Uint8Array> {
  const block = new Uint8Array((last - first) * samples * unitBytes);
  const rows = rowsPerRead(models, unitBytes);
  for (let start = 0; start < samples; start += rows) {
    const end = Math.min(samples, start + rows);
    const bytes = await access.read(start * models * unitBytes, (end - start) * models * unitBytes);
    for (let model = first; model < last; model++)
      for (let sample = start; sample < end; sample++) {
        const from = ((sample - start) * models + model) * unitBytes;
        const to = ((model - first) * samples + sample) * unitBytes;
        for (let b = 0; b < unitBytes; b++) block[to + b] = bytes[from + b]!;
      }
  }
  return block;
}

async function* pick(
  access: RandomAccess,
  samples: number,
  models: number,
  unitBytes: number,
  model: number,
): AsyncGenerator<Uint8Array> {
  const rows = rowsPerRead(models, unitBytes);
  for (let start = 0; start < samples; start += rows) {
    const count = Math.min(rows, samples - start);
    const bytes = await access.read(start * models * unitBytes, count * models * unitBytes);
    const picked = new Uint8Array(count * unitBytes);
    for (let i = 0; i < count; i++) {
      const from = (i * models + model) * unitBytes;
      picked.set(bytes.subarray(from, from + unitBytes), i * unitBytes);
    }
    yield picked;
  }
}

function rowsPerRead(models: number, unitBytes: number): number {
  return Math.max(1, Math.floor(readBudgetBytes / (models * unitBytes)));
}
