/** What a string with placeholders has become. It is kept apart from other strings: it may hold a secret. */
export class ReplacedText {
  /** The text with every placeholder replaced, or `undefined` when a name has no value. */
  readonly text: string | undefined;
  /** The name of the placeholder, when the string was nothing else: it may stand for a number or a boolean. */
  readonly soleName: string | undefined;

  constructor(text: string | undefined, soleName: string | undefined) {
    this.text = text;
    this.soleName = soleName;
  }
}
