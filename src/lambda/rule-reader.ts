import {
  type EventBridgeClient,
  ListRuleNamesByTargetCommand,
  ListRulesCommand,
  type Rule,
} from '@aws-sdk/client-eventbridge';
import { type AwsCall, type CallOptions, callAws, requireField } from '../core/aws-call.js';
import { UnexpectedResponseError } from '../core/errors.js';
import { mapConcurrently } from '../core/map-concurrently.js';
import { requireFound } from '../core/not-found.js';
import type { EventRule } from './types.js';

/** EventBridge accepts 50 calls per second. */
export const maxConcurrentCalls = 25;

/** Reads the rules of some event buses. */
export class RuleReader {
  readonly #eventBridge: EventBridgeClient;
  readonly #eventBusNames: readonly string[];

  constructor(eventBridge: EventBridgeClient, eventBusNames: readonly string[]) {
    this.#eventBridge = eventBridge;
    this.#eventBusNames = eventBusNames;
  }

  /** The rules of every bus, by key. One page shows the states of 100 rules. */
  async readRules({ signal }: CallOptions): Promise<ReadonlyMap<string, Rule>> {
    const pages = await mapConcurrently(this.#eventBusNames, async (eventBusName) => {
      const call = { action: 'events:ListRules', resource: `event bus ${eventBusName}`, signal };
      const rules = await this.#collect(call, async (NextToken) => {
        const command = new ListRulesCommand({ EventBusName: eventBusName, NextToken });
        const page = await ofExistingBus(eventBusName, () =>
          callAws(call, (http) => this.#eventBridge.send(command, http)),
        );
        return { items: page.Rules, nextToken: page.NextToken };
      });
      return rules.map((rule) => {
        const name = requireField(rule.Name, 'Name', call);
        return [keyOf({ eventBusName, name }), rule] as const;
      });
    });
    return new Map(pages.flat());
  }

  /** Finds the rules of each ARN. The function returned selects those of some of the ARNs, each rule once. */
  async findRules(
    arns: readonly string[],
    options: CallOptions,
  ): Promise<(wanted: readonly string[]) => EventRule[]> {
    const searches = this.#eventBusNames.flatMap((bus) => [...new Set(arns)].map((arn) => ({ bus, arn })));
    const found = await mapConcurrently(
      searches,
      async ({ bus, arn }) => ({ arn, rules: await this.#listByTarget(bus, arn, options) }),
      maxConcurrentCalls,
    );
    return (wanted) => {
      const rules = found.flatMap((it) => (wanted.includes(it.arn) ? it.rules : []));
      return [...new Map(rules.map((rule) => [keyOf(rule), rule])).values()];
    };
  }

  async #listByTarget(
    eventBusName: string,
    targetArn: string,
    { signal }: CallOptions,
  ): Promise<EventRule[]> {
    const call = { action: 'events:ListRuleNamesByTarget', resource: targetArn, signal };
    const names = await this.#collect(call, async (NextToken) => {
      const command = new ListRuleNamesByTargetCommand({
        TargetArn: targetArn,
        EventBusName: eventBusName,
        NextToken,
      });
      const page = await ofExistingBus(eventBusName, () =>
        callAws(call, (http) => this.#eventBridge.send(command, http)),
      );
      return { items: page.RuleNames, nextToken: page.NextToken };
    });
    return names.map((name) => ({ eventBusName, name }));
  }

  /** Reads all pages. The SDK has no paginator for the operations of EventBridge. */
  async #collect<Item>(
    call: AwsCall,
    readPage: (
      token: string | undefined,
    ) => Promise<{ items: readonly Item[] | undefined; nextToken: string | undefined }>,
  ): Promise<Item[]> {
    const collected: Item[] = [];
    const seenTokens = new Set<string>();
    let token: string | undefined;
    for (;;) {
      const { items = [], nextToken } = await readPage(token);
      collected.push(...items);
      if (!nextToken) return collected;
      if (seenTokens.has(nextToken))
        throw new UnexpectedResponseError({ ...call, field: 'NextToken of a new page' });
      seenTokens.add(nextToken);
      token = nextToken;
    }
  }
}

function ofExistingBus<T>(resource: string, read: () => Promise<T>): Promise<T> {
  const remedy = 'Check eventBusNames, the Region and the account';
  const missing = { errorName: 'ResourceNotFoundException', kind: 'Event bus', resource, remedy };
  return requireFound([missing], read);
}

/** Identifies a rule: its name is unique on its bus only. */
export function keyOf({ name, eventBusName }: EventRule): string {
  return JSON.stringify([eventBusName, name]);
}
