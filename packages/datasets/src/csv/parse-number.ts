const notANumber = new Set(['', 'nan', 'na', 'n/a', 'null', 'none']);
const special: Readonly<Record<string, number>> = {
  inf: Number.POSITIVE_INFINITY,
  '+inf': Number.POSITIVE_INFINITY,
  '-inf': Number.NEGATIVE_INFINITY,
  true: 1,
  false: 0,
};

/**
 * A decimal number written as text. Missing values ("", "NaN", "NA", "null") are NaN, to be counted as such; true and
 * false are 1 and 0.
 *
 * @returns undefined when the text is anything else.
 */
export function parseNumber(text: string): number | undefined {
  const value = Number(text);
  // Number() also takes 0x10, 0b1, 0o7, and reads blanks as 0.
  if (value !== 0 && !Number.isNaN(value)) return /^\s*0[xXbBoO]/.test(text) ? undefined : value;
  const word = text.trim().toLowerCase();
  if (notANumber.has(word)) return Number.NaN;
  if (value === 0) return /^\s*0[xXbBoO]/.test(text) ? undefined : value;
  return special[word];
}
