/** HTML that is escaped already. {@link html} creates it. */
export class Markup {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  toString(): string {
    return this.#text;
  }
}

/** Content of a page: text is escaped, markup is not. */
export type Content = Markup | string | number | undefined | readonly Content[];

/** Creates markup from a template. Every value that is not markup is escaped, so it cannot end an element or an attribute. */
export function html(strings: TemplateStringsArray, ...values: readonly Content[]): Markup {
  return new Markup(strings.map((text, index) => text + textOf(values[index])).join(''));
}

function textOf(content: Content): string {
  if (content === undefined) return '';
  if (content instanceof Markup) return content.toString();
  return typeof content === 'object' ? content.map(textOf).join('') : escapeText(String(content));
}

/** Characters that HTML does not allow: control characters, halves of surrogate pairs and noncharacters. */
const invalid = /[^\P{Cc}\t\n\r]|\p{Surrogate}|\p{Noncharacter_Code_Point}/gu;

/** Characters that change the direction of the text around them. */
const directional = /[\u202a-\u202e\u2066-\u2069]/g;

function escapeText(text: string): string {
  return text
    .replace(invalid, '\ufffd')
    .replace(directional, '\ufffd')
    .replace(/[&<>"'`]/g, (character) => `&#${character.charCodeAt(0)};`);
}
