/** A string whose placeholders were replaced. Kept apart from other strings, because it may hold a secret. */
export class ReplacedText {
  /** The text with every placeholder replaced, or `undefined` when a name has no value. */
  readonly text: string | undefined;
  /** The name of the placeholder, when the string was one placeholder: it may stand for a number or a boolean. */
  readonly soleName: string | undefined;

  constructor(text: string | undefined, soleName: string | undefined) {
    this.text = text;
    this.soleName = soleName;
  }
}
