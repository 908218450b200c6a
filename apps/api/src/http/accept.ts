/**
 * The media type a client prefers among those offered, by RFC 9110 weights; the first offered when it does not say,
 * accepts nothing that is offered, or takes anything.
 */
export function preferred<const T extends string>(accept: string | undefined, offered: readonly [T, ...T[]]): T {
  const ranges = (accept ?? '*/*').split(',').map(parseRange);
  let best: T = offered[0];
  let bestWeight = 0;
  for (const type of offered) {
    const weight = weightOf(type, ranges);
    if (weight > bestWeight) {
      best = type;
      bestWeight = weight;
    }
  }
  return best;
}

interface MediaRange {
  readonly type: string;
  readonly weight: number;
}

function parseRange(text: string): MediaRange {
  const [type = '', ...parameters] = text.split(';').map((part) => part.trim().toLowerCase());
  const quality = parameters.find((parameter) => parameter.startsWith('q='));
  const weight = quality === undefined ? 1 : Number(quality.slice(2));
  return { type, weight: Number.isFinite(weight) ? weight : 0 };
}

/** The most specific range that matches decides. */
function weightOf(type: string, ranges: readonly MediaRange[]): number {
  const group = `${type.split('/')[0]}/*`;
  for (const candidate of [type, group, '*/*']) {
    const range = ranges.find((each) => each.type === candidate);
    if (range !== undefined) return range.weight;
  }
  return 0;
}
