/**
 * One line of JSON. `NaN` and `Infinity` outside strings, which several writers emit though JSON has no such words,
 * are read as null, so that they are counted as values that are not finite.
 *
 * @throws SyntaxError.
 */
export function parseLine(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch (error) {
    const mended = withoutSpecials(line);
    if (mended === line) throw error;
    return JSON.parse(mended);
  }
}

function withoutSpecials(line: string): string {
  let mended = '';
  let copied = 0;
  let inString = false;
  for (let i = 0; i < line.length; i++) {
    const c = line[i];
    if (c === '"') inString = !inString;
    else if (c === '\\' && inString) i++;
    else if (!inString && (c === 'N' || c === 'I')) {
      const word = c === 'N' ? 'NaN' : 'Infinity';
      if (!line.startsWith(word, i)) continue;
      const start = c === 'I' && line[i - 1] === '-' ? i - 1 : i;
      mended += `${line.slice(copied, start)}null`;
      i += word.length - 1;
      copied = i + 1;
    }
  }
  return copied === 0 ? line : mended + line.slice(copied);
}
