/** A fraction as sentences of the report say it, to three digits: `12.5 %`. */
export function percent(fraction: number): string {
  return `${Number((100 * fraction).toPrecision(3))} %`;
}
