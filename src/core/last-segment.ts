/** Returns the text after the last slash: the name of a resource that is given by name or by ARN. */
export function lastSegment(nameOrArn: string): string {
  return nameOrArn.slice(nameOrArn.lastIndexOf('/') + 1);
}
