import { visibleText } from './visible-text.js';

/** Markup that is safe to place in a page: made by `html`, or from a text of this package's own. */
export class Html {
  readonly markup: string;

  constructor(markup: string) {
    this.markup = markup;
  }

  toString(): string {
    return this.markup;
  }
}

/**
 * What may stand in a template: text is escaped and its invisible characters are
 * written out, markup is kept, `null`, `undefined` and `false` leave nothing.
 */
export type Content = Html | string | number | null | undefined | false | readonly Content[];

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Text as it may stand between tags or inside a quoted attribute. */
export function escapeText(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character]);
}

export function render(content: Content): string {
  if (content === null || content === undefined || content === false) return '';
  if (content instanceof Html) return content.markup;
  if (typeof content === 'string') return escapeText(visibleText(content));
  if (typeof content === 'number') return escapeText(String(content));
  return content.map(render).join('');
}

/** Template tag: every interpolated value is escaped unless it is markup itself. Attributes must be quoted. */
export function html(parts: TemplateStringsArray, ...values: readonly Content[]): Html {
  let markup = parts[0];
  values.forEach((value, i) => {
    markup += render(value) + parts[i + 1];
  });
  return new Html(markup);
}
