import type { MatchOptions } from '../../core/match-options.js';
import { propagationTimes } from '../../core/propagation-times.js';
import type { StackReference } from '../../core/stack-reference.js';
import type { SwapStep } from '../plan/step.js';
import { type MatchStepOptions, requireMethods } from './step-options.js';
import { switchStep } from './switch-resources.js';

/** Part of `LambdaTools` that `enableRule` and `disableRule` call. */
export interface SwapEventRules {
  /** Lists the rules that target the stack's function. */
  listRules(stack: StackReference, options: MatchOptions): Promise<readonly SwapEventRule[]>;
  /** Enables the stack's rules, or some of them. */
  enableRule(stack: StackReference, options: RuleSwitchOptions): Promise<unknown>;
  /** Disables the stack's rules, or some of them. */
  disableRule(stack: StackReference, options: RuleSwitchOptions): Promise<unknown>;
}

/** Rule that targets a stack's function. */
export interface SwapEventRule {
  /** Name of the event bus. */
  readonly eventBusName: string;
  /** Name of the rule. */
  readonly name: string;
  /** True while the rule is enabled. */
  readonly isEnabled: boolean;
  /** Reason for which the rule is never switched. */
  readonly skipped?: string | undefined;
}

/** Options of a switch of rules. */
export interface RuleSwitchOptions extends MatchOptions {
  /** Maximum wait while AWS refuses the change for now, in seconds. */
  readonly maxWaitSeconds?: number | undefined;
  /** Rules to switch. */
  readonly only?:
    | readonly {
        /** Name of the event bus. */
        readonly eventBusName: string;
        /** Name of the rule. */
        readonly name: string;
      }[]
    | undefined;
}

/** Neither the name of a rule nor that of a bus has this character. */
const separator = '|';

/** Creates a step that switches the EventBridge rules of a stack. */
export function eventRuleStep(
  kind: 'enableRule' | 'disableRule',
  rules: SwapEventRules,
  options: MatchStepOptions,
): SwapStep {
  requireMethods(kind, rules, ['listRules', 'enableRule', 'disableRule']);
  return switchStep(
    {
      kind,
      noun: 'rule',
      propagationSeconds: propagationTimes.eventRule,
      async list({ stack }, match) {
        const found = await rules.listRules(stack, match);
        return found.map(({ eventBusName, name, isEnabled, skipped }) => ({
          id: `${eventBusName}${separator}${name}`,
          state: skipped !== undefined ? 'fixed' : isEnabled ? 'on' : 'off',
        }));
      },
      change: ({ stack }, to, { only, ...changes }) =>
        rules[to === 'on' ? 'enableRule' : 'disableRule'](stack, { ...changes, only: only?.map(ruleOf) }),
    },
    options,
  );
}

function ruleOf(id: string): {
  /** Name of the event bus. */
  readonly eventBusName: string;
  /** Name of the rule. */
  readonly name: string;
} {
  const [eventBusName = '', name = ''] = id.split(separator);
  return { eventBusName, name };
}
