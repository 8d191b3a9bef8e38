import { ToolkitError } from '../core/errors.js';
import { type ListenerRuleProperties, parseProperties } from './properties.js';

/** Old properties were good once; what another handler took may be unknown to this one. */
export function propertiesBefore(properties: unknown): ListenerRuleProperties | undefined {
  try {
    return parseProperties(properties);
  } catch (error) {
    if (ToolkitError.isInstance(error)) return undefined;
    throw error;
  }
}

/** Read by itself, because it decides whether the rule stays the same one. */
export function listenerArnIn(properties: unknown): string | undefined {
  const { ListenerArn: arn } = (properties ?? {}) as { readonly ListenerArn?: unknown };
  return typeof arn === 'string' ? arn : undefined;
}
