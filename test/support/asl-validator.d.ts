declare module 'asl-validator' {
  /** Checks a state machine against the Amazon States Language: its form, its transitions, its paths and its ARNs. */
  function validate(
    definition: object,
    options?: { readonly checkPaths?: boolean; readonly checkArn?: boolean },
  ): { readonly isValid: boolean; errorsText(separator?: string): string };
  export = validate;
}
