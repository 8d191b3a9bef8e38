/** What stands after the last slash of an ARN or another path: the name, of a thing that is told by either. */
export function lastSegment(nameOrArn: string): string {
  return nameOrArn.slice(nameOrArn.lastIndexOf('/') + 1);
}
