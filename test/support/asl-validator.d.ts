declare module 'asl-validator' {
  /** Validates a state machine against the Amazon States Language: its form, transitions, paths and ARNs. */
  function validate(
    definition: object,
    options?: { readonly checkPaths?: boolean; readonly checkArn?: boolean },
  ): { readonly isValid: boolean; errorsText(separator?: string): string };
  export = validate;
}
