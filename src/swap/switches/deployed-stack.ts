import * as v from 'valibot';
import type { ClientOptions } from '../../core/clients.js';
import { type InvalidInputError, invalidInput } from '../../core/errors.js';
import { callOptionsEntries, nonEmptyString, strictObject } from '../../core/schemas.js';
import type { StackReference } from '../../core/stack-reference.js';
import { clientOptionsEntries, clientOptionsOf } from '../../core/tool-options.js';
import { parseInput } from '../../core/validate.js';
import { readRules } from './listener-weights.js';
import { switchPermissions } from './permissions.js';
import { nameOf, readTasks, type ServiceName } from './service-revisions.js';
import { type CodeDeploySwitchClients, type ProbeClients, SwitchClients } from './switch-clients.js';
import { type BindingOptions, KnownStacks } from './task-definition-stacks.js';
import { liveTasks, percentsOf, productionRules } from './traffic-percents.js';
import type { ProbeOptions, TrafficPercents, TrafficProbe } from './types.js';

/** A service, and the listener of its production traffic. */
export interface ProbedServiceOptions {
  /** Name or ARN of the cluster. */
  readonly cluster: string;
  /** Name or ARN of the service. */
  readonly service: string;
  /** ARN of the production listener: never that of the test listener. */
  readonly listenerArn: string;
}

/** Options of {@link deployedStack}. */
export type DeployedStackOptions = ClientOptions<ProbeClients> &
  ProbedServiceOptions & {
    /**
     * Environment variable of the task definition that names its stack.
     * @default `boundBy` of the swap
     */
    readonly boundBy?: string | undefined;
  };

/** Schema entries of the options that the probe and both switches have. */
export const probedServiceEntries = {
  cluster: nonEmptyString,
  service: nonEmptyString,
  listenerArn: v.pipe(
    nonEmptyString,
    v.check(
      (arn) => !/^arn:.*:(listener-rule|loadbalancer|targetgroup)\//.test(arn),
      'the ARN of a listener',
    ),
  ),
  clients: clientOptionsEntries.clients,
  clientConfig: clientOptionsEntries.clientConfig,
};

const optionsSchema = strictObject({ ...probedServiceEntries, boundBy: v.optional(nonEmptyString) });
const probeOptionsSchema = strictObject({ ...callOptionsEntries, boundBy: v.optional(nonEmptyString) });

/**
 * Creates a probe that reads which stack is deployed behind a listener: from the weights of its rules to the target groups, to the
 * task sets of CodeDeploy or the service revisions of ECS, to their task definitions, and to the stack that these name. CodeDeploy
 * changes the target group with every deployment, so a target group alone does not show the stack.
 *
 * Rules that differ count equally: a stack has 0 or 100 percent only when every rule says so. Clients with the cookie of a sticky
 * rule keep their target group until the cookie expires, whatever the weights are.
 *
 * @remarks IAM: ecs:DescribeServices, ecs:DescribeServiceRevisions (for services that ECS itself deploys),
 * ecs:DescribeTaskDefinition, elasticloadbalancing:DescribeRules
 * @throws InvalidInputError when an option is missing, malformed or unknown. The probe throws ResourceStateError when the stack
 * cannot be known: a target group with traffic and without tasks, or a task definition that does not name one stack;
 * ResourceNotFoundError, AccessDeniedError, OperationAbortedError
 * @example
 * ```ts
 * import { deployedStack } from 'aws-blue-green-toolkit/swap';
 *
 * const probe = deployedStack({
 *   cluster: 'orders',
 *   service: 'web',
 *   listenerArn: process.env['LISTENER_ARN'] ?? '',
 *   boundBy: 'STACK',
 * });
 *
 * const { blue, green } = await probe.percentByStack();
 * ```
 */
export function deployedStack(options: DeployedStackOptions): TrafficProbe {
  const parsed = parseInput('deployedStack options', optionsSchema, options);
  const clients = new SwitchClients(clientOptionsOf<CodeDeploySwitchClients>(parsed), [
    'ecs',
    'elasticLoadBalancing',
  ]);
  const probed = { clients, service: parsed, knownStacks: new KnownStacks() };
  return {
    description: `Deployed stack of service ${nameOf(parsed)}`,
    permissions: switchPermissions.deployedStack,
    percentByStack: (given = {}) => readPercents(probed, given),
  };
}

/** Dependencies of {@link readPercents}. */
export interface ProbeDependencies {
  readonly clients: SwitchClients;
  readonly service: ProbedServiceOptions & { readonly boundBy?: string | undefined };
  readonly knownStacks: KnownStacks;
}

/** Reads the share of each stack. */
export async function readPercents(
  { clients, service, knownStacks }: ProbeDependencies,
  options: ProbeOptions,
): Promise<TrafficPercents> {
  const { signal, boundBy = service.boundBy } = parseInput(
    'percentByStack options',
    probeOptionsSchema,
    options,
  );
  if (boundBy === undefined) throw boundByMissing();
  const [ecs, elasticLoadBalancing] = await Promise.all([clients.ecs(), clients.elasticLoadBalancing()]);
  const probed = { service: nameOf(service), listenerArn: service.listenerArn, boundBy };
  const tasks = await readTasks(ecs, service, { signal });
  const allRules = await readRules(elasticLoadBalancing, service.listenerArn, { signal });
  const rules = productionRules(allRules, tasks, probed);
  const live = liveTasks(rules, tasks, probed);
  const stacks = new Map<string, readonly StackReference[]>();
  const binding: BindingOptions = { boundBy, signal };
  for (const definition of new Set(live.map(({ taskDefinition }) => taskDefinition)))
    stacks.set(definition, await knownStacks.read(ecs, definition, binding));
  return percentsOf(rules, live, stacks, probed);
}

/** Returns a text that is the same for the same service and listener, whether they are given by name or by ARN. */
export function fingerprintOf(options: ProbedServiceOptions & ServiceName): string {
  return `${nameOf(options)} ${options.listenerArn}`;
}

function boundByMissing(): InvalidInputError {
  const problem = { field: 'boundBy', expected: 'the name of an environment variable', actual: 'nothing' };
  return invalidInput('percentByStack options', problem);
}
