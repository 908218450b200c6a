const superscripts = '⁰¹²³⁴⁵⁶⁷⁸⁹';

function superscript(exponent: number): string {
  const digits = String(Math.abs(exponent)).replace(/\d/g, (digit) => superscripts[Number(digit)]);
  return (exponent < 0 ? '⁻' : '') + digits;
}

/**
 * A number with a fixed count of decimals, thousands separated, a true minus sign, and never a negative zero.
 *
 * @param decimals 0 to 20.
 */
export function formatFixed(value: number, decimals: number): string {
  const [whole, fraction] = Math.abs(value).toFixed(decimals).split('.');
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ',');
  const text = fraction === undefined ? grouped : `${grouped}.${fraction}`;
  return value < 0 && /[1-9]/.test(text) ? `−${text}` : text;
}

/** A whole number: `12,000`. */
export function formatCount(value: number): string {
  return formatFixed(value, 0);
}

/** A number to so many significant digits, trailing zeros dropped; powers of ten outside 0.0001 to 9,999,999. */
export function formatSignificant(value: number, digits = 3): string {
  if (value === 0) return '0';
  const [mantissa, exponent] = Math.abs(value)
    .toExponential(digits - 1)
    .split('e');
  const power = Number(exponent);
  const sign = value < 0 ? '−' : '';
  if (power < -4 || power > 6) {
    const trimmed = mantissa.replace(/\.?0+$/, '');
    return `${sign}${trimmed === '1' ? '' : `${trimmed} × `}10${superscript(power)}`;
  }
  const rounded = Number(`${mantissa}e${exponent}`);
  const text = formatFixed(rounded, Math.max(0, digits - 1 - power));
  return sign + (text.includes('.') ? text.replace(/\.?0+$/, '') : text);
}

/**
 * A fraction of 1 as a percentage: 0.0312 → `3.1%`, 0.314 → `31.4%`. Two significant digits, three from 10 % on, four
 * close to 100 %, so that 99.97 % does not read as all.
 */
export function formatPercent(fraction: number): string {
  const percent = Math.abs(fraction) * 100;
  const digits = percent < 10 ? 2 : percent < 99.5 ? 3 : 4;
  return `${formatSignificant(fraction * 100, digits)}%`;
}

const words = [
  [1e12, ' trillion'],
  [1e9, ' billion'],
  [1e6, ' million'],
  [1, ''],
] as const;

/**
 * A fraction in words: 0.0031 → `1 in 320`.
 *
 * @returns null for fractions outside (0, 1).
 */
export function formatOneIn(fraction: number): string | null {
  if (!(fraction > 0 && fraction < 1)) return null;
  const count = 1 / fraction;
  if (count >= 1e15) return `1 in ${formatSignificant(count, 1)}`;
  const [size, word] = words.find(([least]) => count >= least * 0.995) ?? words[3];
  return `1 in ${formatSignificant(count / size, 2)}${word}`;
}

/** A p-value: `0.034`, `< 0.001`. */
export function formatPValue(p: number): string {
  return p < 0.001 ? '< 0.001' : formatSignificant(p, 2);
}

/** A p-value in a sentence: `p = 0.034`, `p < 0.001`; NaN is one that was not measured. */
export function writePValue(p: number): string {
  if (Number.isNaN(p)) return 'p not measured';
  return `p ${p < 0.001 ? '' : '= '}${formatPValue(p)}`;
}

/**
 * Decimals at which an interval's half width is between 3.5 and 35 units of the last one: a number is printed about as
 * exactly as it is known, with the ends of its interval told apart. Never so few that a value other than zero prints as
 * zero.
 *
 * @param scale what the printed number is multiplied by: 100 for percentages.
 */
export function decimalsKnown(value: number, low: number, high: number, scale = 1): number {
  const half = ((high - low) / 2) * scale;
  const fromSpread =
    half > 0 ? -Math.floor(Math.log10(half / 3.5)) : 3 - Math.ceil(Math.log10(Math.abs(value * scale) || 1));
  const toShowValue = value === 0 ? 0 : -Math.floor(Math.log10(Math.abs(value * scale)));
  return Math.min(8, Math.max(0, fromSpread, toShowValue));
}
