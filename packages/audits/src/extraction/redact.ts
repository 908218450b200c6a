/** What is masked before a text may appear in a report: addresses, links, digits, and words that may be names. */
const sensitive: readonly RegExp[] = [
  /[\p{L}\p{N}._%+-]+@[\p{L}\p{N}.-]+/gu,
  /\b(?:https?:\/\/|www\.)\S+/giu,
  /\b[\p{L}\p{N}-]+(?:\.[\p{L}\p{N}-]+)*\.(?:com|net|org|edu|gov|io|info|biz|[a-z]{2})\b/giu,
  /\p{N}+/gu,
  /\p{Lu}[\p{L}'’-]*/gu,
];

const mask = '•';

/**
 * The pieces of a text with everything that may identify somebody masked, character by character, so that the pieces
 * keep their lengths. Patterns are looked for across piece boundaries.
 *
 * Errs on the side of masking: every capitalised word and every digit goes.
 */
export function redactPieces(pieces: readonly string[]): string[] {
  const text = pieces.join('');
  const hidden = new Uint8Array(text.length);
  for (const pattern of sensitive)
    for (const match of text.matchAll(pattern)) hidden.fill(1, match.index, match.index + match[0].length);
  let at = 0;
  return pieces.map((piece) => {
    let shown = '';
    for (const unit of piece.split('')) {
      shown += hidden[at] === 1 ? mask : unit;
      at += 1;
    }
    return shown;
  });
}

/** The pieces as the request allows them to be shown. */
export function showPieces(pieces: readonly string[], texts: 'redacted' | 'hidden' | 'shown'): string[] {
  if (texts === 'shown') return [...pieces];
  if (texts === 'hidden') return pieces.map(() => '');
  return redactPieces(pieces);
}
