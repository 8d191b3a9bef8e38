import type { MatchOptions } from '../../core/match-options.js';
import { propagationTimes } from '../../core/propagation-times.js';
import type { StackReference } from '../../core/stack-reference.js';
import { parseInput } from '../../core/validate.js';
import type { SwapStep } from '../plan/step.js';
import {
  changeOptions,
  type MatchStepOptions,
  matchStepSchema,
  readOptions,
  requireMethods,
} from './step-options.js';
import { stepPermissions } from './step-permissions.js';
import { switchResources } from './switch-resources.js';

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
  const isEnabling = kind === 'enableRule';
  const {
    name = isEnabling ? 'enable rule' : 'disable rule',
    allowNone,
    ...settings
  } = parseInput(`${kind} options`, matchStepSchema, options);
  return {
    name,
    ...settings,
    propagationSeconds: propagationTimes.eventRule,
    switchesOff: !isEnabling,
    permissions: stepPermissions[kind],
    ...switchResources(name, isEnabling ? 'on' : 'off', {
      allowNone,
      async list(context, match) {
        const found = await rules.listRules(context.stack, { ...readOptions(context), ...match });
        return found.map((rule) => ({
          id: `${rule.eventBusName}${separator}${rule.name}`,
          state: rule.skipped !== undefined ? 'fixed' : rule.isEnabled ? 'on' : 'off',
        }));
      },
      change: (context, to, only) =>
        rules[to === 'on' ? 'enableRule' : 'disableRule'](context.stack, {
          ...changeOptions(context),
          allowNone: allowNone || only !== undefined,
          only: only?.map(ruleOf),
        }),
    }),
  };
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
