import { EngramError } from '@engram/domain';
import { createRandom, type Random } from '@engram/numeric';

/** The secrets a canary may hold: every string of `length` characters of `alphabet`, put into a template. */
export interface CanarySpace {
  /** Distinct characters. */
  readonly alphabet: string;
  readonly length: number;
  /** Holds `{secret}` exactly once. */
  readonly template: string;
}

const placeholder = '{secret}';

// A space up to this size is held in memory when most of it is wanted.
const largestListed = 1 << 20;

/**
 * Size of the space in bits: log2 |R| = length * log2 |alphabet|.
 *
 * @throws ENG_REQUEST_INVALID a repeated or missing character, no length, or a template without one `{secret}`.
 */
export function spaceBits(space: CanarySpace): number {
  const letters = Array.from(space.alphabet);
  const fault =
    letters.length === 0 || new Set(letters).size !== letters.length
      ? 'an alphabet of distinct characters'
      : !(Number.isInteger(space.length) && space.length >= 1)
        ? 'a length of at least 1'
        : space.template.split(placeholder).length !== 2
          ? `a template with ${placeholder} exactly once`
          : null;
  if (fault !== null)
    throw new EngramError('ENG_REQUEST_INVALID', `expected ${fault} in the canary space`, {
      remedy: `Give an alphabet such as "0123456789", a length and a template such as "my number is ${placeholder}".`,
    });
  return space.length * Math.log2(letters.length);
}

/**
 * The space a planted text belongs to: its secret's place becomes the template's, its length the secrets' length.
 *
 * @throws ENG_REQUEST_INVALID the text does not hold the secret exactly once, or the secret has other characters.
 */
export function canarySpaceOf(text: string, secret: string, alphabet: string): CanarySpace {
  const parts = secret === '' ? [] : text.split(secret);
  const letters = Array.from(secret);
  const foreign = letters.filter((letter) => !alphabet.includes(letter)).length;
  if (parts.length !== 2 || foreign > 0)
    throw new EngramError(
      'ENG_REQUEST_INVALID',
      parts.length !== 2
        ? `expected the canary's text to hold its secret exactly once, got ${Math.max(0, parts.length - 1)} times`
        : `expected a secret of the ${Array.from(alphabet).length} characters of the alphabet, got ${foreign} others`,
      { remedy: 'Give each canary its text and the secret inside it, and an alphabet that holds its characters.' },
    );
  return { alphabet, length: letters.length, template: parts.join(placeholder) };
}

/** The template with a secret in its place. */
export function canaryText(space: CanarySpace, secret: string): string {
  return space.template.replace(placeholder, () => secret);
}

/** Every secret, in the alphabet's order. Only for small spaces. */
export function* enumerateSecrets({ alphabet, length }: CanarySpace): Generator<string> {
  const letters = Array.from(alphabet);
  const places = new Int32Array(length);
  for (;;) {
    yield Array.from(places, (place) => letters[place]).join('');
    let at = length - 1;
    while (at >= 0 && places[at] === letters.length - 1) places[at--] = 0;
    if (at < 0) return;
    places[at] += 1;
  }
}

/**
 * Distinct secrets drawn uniformly, none of those excluded: the reference set of sampled exposure.
 *
 * @param exclude secrets that were planted, or drawn before.
 * @throws ENG_INSUFFICIENT_SAMPLES the space holds fewer. ENG_REQUEST_INVALID an impossible space.
 */
export function sampleSecrets(
  space: CanarySpace,
  count: number,
  seed: number,
  exclude: ReadonlySet<string> = new Set(),
): string[] {
  const size = 2 ** spaceBits(space);
  if (count + exclude.size > Math.round(size))
    throw new EngramError(
      'ENG_INSUFFICIENT_SAMPLES',
      `expected a space of at least ${count + exclude.size} secrets, got ${Math.round(size)}`,
      { remedy: 'Lengthen the secret, or score the whole space: exposure is then exact.' },
    );
  const random = createRandom(seed);
  if (2 * (count + exclude.size) > size && size <= largestListed) {
    const rest = [...enumerateSecrets(space)].filter((secret) => !exclude.has(secret));
    return random.shuffle(rest).slice(0, count);
  }
  const letters = Array.from(space.alphabet);
  const drawn = new Set<string>();
  while (drawn.size < count) {
    const secret = drawSecret(letters, space.length, random);
    if (!exclude.has(secret)) drawn.add(secret);
  }
  return [...drawn];
}

function drawSecret(letters: readonly string[], length: number, random: Random): string {
  let secret = '';
  for (let at = 0; at < length; at += 1) secret += letters[random.integer(letters.length)];
  return secret;
}
