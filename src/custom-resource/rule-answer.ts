import { ResourceStateError } from '../core/errors.js';
import type { ListenerRuleProperties, RuleDestination } from './properties.js';
import type { ResourceAnswer } from './response.js';
import { shareOf } from './shift-plan.js';

/** What a shift that ended well, or needed none, is answered with. */
export function successOf(
  ruleArn: string,
  { destinations, priority }: ListenerRuleProperties,
): ResourceAnswer {
  const [first, second] = destinations.map(({ targetGroupArn }) => shareOf(targetGroupArn, destinations));
  return {
    status: 'SUCCESS',
    physicalResourceId: ruleArn,
    data: {
      RuleArn: ruleArn,
      Priority: String(priority),
      FirstWeight: String(first),
      SecondWeight: String(second),
    },
  };
}

/** What a request is answered with that has failed before. */
export function repeatedFailure(physicalResourceId: string): ResourceAnswer {
  const reason = 'This request has failed already, and is not worked on again: the first run has logged why';
  return { status: 'FAILED', physicalResourceId, reason };
}

/** What a request is answered with that CloudFormation has given up for a later one. */
export function overtaken(physicalResourceId: string): ResourceAnswer {
  const reason =
    'A later request has come for this rule before this one was done: nothing more is done for it';
  return { status: 'FAILED', physicalResourceId, reason };
}

/** The weights at the end of a shift are not those that it was to end with. */
export function somebodyElse(
  resource: string,
  live: readonly RuleDestination[],
  wanted: readonly RuleDestination[],
): ResourceStateError {
  const inWords = (list: readonly RuleDestination[]) =>
    list.map(({ targetGroupArn, weight }) => `${weight} for ${targetGroupArn}`).join(', ');
  return new ResourceStateError('Somebody else has changed the weights', {
    resource,
    expected: inWords(wanted),
    actual: inWords(live),
    remedy: 'Update the stack again when nobody else is at work',
  });
}
