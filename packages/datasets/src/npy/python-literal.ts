export type PythonLiteral = string | number | boolean | null | PythonLiteral[] | Map<string, PythonLiteral>;

const deepest = 8;

/**
 * Parses the literals a .npy header is made of: dictionaries with string keys, tuples, lists, strings, integers, True,
 * False, None. Nothing is ever evaluated.
 *
 * @throws SyntaxError with the position of what is not such a literal.
 */
export function parsePythonLiteral(text: string): PythonLiteral {
  const parser = new LiteralParser(text);
  return parser.parseAll();
}

class LiteralParser {
  private readonly text: string;
  private at = 0;

  constructor(text: string) {
    this.text = text;
  }

  parseAll(): PythonLiteral {
    const value = this.value(0);
    this.space();
    if (this.at < this.text.length) this.fail('nothing more');
    return value;
  }

  private value(depth: number): PythonLiteral {
    if (depth > deepest) this.fail(`at most ${deepest} levels`);
    this.space();
    const next = this.text[this.at];
    if (next === '{') return this.dictionary(depth);
    if (next === '(') return this.sequence(')', depth);
    if (next === '[') return this.sequence(']', depth);
    if (next === "'" || next === '"') return this.string(next);
    const [word] = /^(?:True|False|None|-?\d{1,19}L?)/.exec(this.text.slice(this.at, this.at + 24)) ?? [];
    if (word === undefined) this.fail('a literal');
    this.at += word.length;
    if (word === 'True') return true;
    if (word === 'False') return false;
    if (word === 'None') return null;
    return Number.parseInt(word, 10);
  }

  private dictionary(depth: number): Map<string, PythonLiteral> {
    const entries = new Map<string, PythonLiteral>();
    this.at++;
    while (!this.accept('}')) {
      const key = this.value(depth + 1);
      if (typeof key !== 'string') this.fail('a string as key');
      if (!this.accept(':')) this.fail('":"');
      entries.set(key, this.value(depth + 1));
      if (!this.accept(',') && this.peek() !== '}') this.fail('"," or "}"');
    }
    return entries;
  }

  private sequence(close: string, depth: number): PythonLiteral[] {
    const items: PythonLiteral[] = [];
    this.at++;
    while (!this.accept(close)) {
      items.push(this.value(depth + 1));
      if (!this.accept(',') && this.peek() !== close) this.fail(`"," or "${close}"`);
    }
    return items;
  }

  private string(quote: string): string {
    const end = this.text.indexOf(quote, this.at + 1);
    const value = this.text.slice(this.at + 1, end);
    if (end < 0 || value.includes('\\')) this.fail('a plain string');
    this.at = end + 1;
    return value;
  }

  private peek(): string | undefined {
    this.space();
    return this.text[this.at];
  }

  private accept(character: string): boolean {
    if (this.peek() !== character) return false;
    this.at++;
    return true;
  }

  private space(): void {
    while (/[ \t\r\n]/.test(this.text[this.at] ?? '')) this.at++;
  }

  private fail(expected: string): never {
    throw new SyntaxError(`expected ${expected} at character ${this.at}`);
  }
}
