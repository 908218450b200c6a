import type { AuditRows } from '../../tasks/audit-rows.js';

/** What samples show of themselves that numbers are told by. */
export interface ShownSamples {
  /** (judged) */
  readonly sampleIds: readonly string[];
  /** (judged) characters; null when not all samples are texts. */
  readonly textLengths: Float64Array | null;
}

const textsAtOnce = 4096;

/** Reads names and text lengths of the samples judged, range by range: texts themselves are not kept. */
export async function shownSamples(rows: AuditRows): Promise<ShownSamples> {
  const parts = rows.parts.filter(({ start }) => start < rows.judged);
  const sampleIds = (await Promise.all(parts.map(({ dataset }) => dataset.ids()))).flatMap((ids) => [...ids]);
  if (!parts.every(({ dataset }) => dataset.has('text'))) return { sampleIds, textLengths: null };
  const textLengths = new Float64Array(rows.judged);
  for (const { dataset, start, count } of parts)
    for (let from = 0; from < count; from += textsAtOnce) {
      const texts = await dataset.texts('text', from, Math.min(count, from + textsAtOnce));
      texts.forEach((text, i) => {
        textLengths[start + from + i] = text.length;
      });
    }
  return { sampleIds, textLengths };
}
