import type { Clock } from '../../core/clock.js';
import type { Logger } from '../../core/logger.js';
import type { RequestLedger } from '../ledger.js';
import type { ListenerRules } from './listener-rules.js';
import type { ListenerRuleProperties } from './properties.js';
import type { RuleTags } from './rule-tags.js';

/** Dependencies of the work on a rule within one request. */
export interface RuleDependencies {
  readonly rules: ListenerRules;
  readonly tags: RuleTags;
  readonly ledger: RequestLedger;
  /** Parses the properties, or throws an InvalidInputError. */
  readonly parse: (properties: unknown) => ListenerRuleProperties;
  /** True when an execution may continue a request. */
  readonly delegates: boolean;
  readonly clock: Clock;
  readonly logger: Logger;
}
