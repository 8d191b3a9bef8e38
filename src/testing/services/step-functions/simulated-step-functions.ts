import {
  ConflictException,
  type DescribeStateMachineAliasCommandInput,
  type DescribeStateMachineAliasCommandOutput,
  type DescribeStateMachineCommandInput,
  type DescribeStateMachineCommandOutput,
  ResourceNotFound,
  type RoutingConfigurationListItem,
  StateMachineDeleting,
  StateMachineDoesNotExist,
  type StateMachineStatus,
  type UpdateStateMachineAliasCommandInput,
  type UpdateStateMachineAliasCommandOutput,
  ValidationException,
} from '@aws-sdk/client-sfn';
import {
  clientFault,
  type OperationOutput,
  type SimulatedEnvironment,
  type SimulatedService,
} from '../../cloud/environment.js';
import { requireOptions } from '../../cloud/require-options.js';

/** A state machine of the {@link SimulatedStepFunctions}. */
export interface SimulatedStateMachine {
  /** The ARN. */
  readonly arn: string;
  /** The published versions, such as `'3'`. */
  readonly versions: string[];
  /** The status. */
  status: StateMachineStatus;
}

/** An alias of the {@link SimulatedStepFunctions}. */
export interface SimulatedStateMachineAlias {
  /** The ARN. */
  readonly arn: string;
  /** The description. */
  description: string | undefined;
  /** The versions and their weights, 100 together. */
  routingConfiguration: RoutingConfigurationListItem[];
  /** The virtual time of the last update, in milliseconds since 1970. */
  updatedAt: number;
}

interface StoredAlias extends SimulatedStateMachineAlias {
  readonly machine: SimulatedStateMachine;
  /** The routing before the last update, which executions may use for some seconds. */
  previous: RoutingConfigurationListItem[];
}

/** Step Functions in memory: state machines with their versions and aliases. It runs no executions. */
export class SimulatedStepFunctions implements SimulatedService {
  readonly serviceId = 'SFN';
  readonly iamPrefix = 'states';
  readonly throttlingError = 'ThrottlingException';
  /** Seconds from an update of an alias until executions are started with it. */
  propagationSeconds = 3;
  /** @internal */
  readonly operations = {
    DescribeStateMachine: (
      input: DescribeStateMachineCommandInput,
    ): OperationOutput<DescribeStateMachineCommandOutput> => {
      const arn = input.stateMachineArn ?? '';
      const machine = this.#machines.find((it) => it.arn === arn || hasVersion(it, arn));
      if (machine === undefined)
        throw new StateMachineDoesNotExist(clientFault(`State Machine Does Not Exist: '${arn}'`));
      return {
        stateMachineArn: arn,
        name: machine.arn.replace(/^.*:/, ''),
        status: machine.status,
        definition: '{}',
        roleArn: 'arn:aws:iam::123456789012:role/state-machine',
        type: 'STANDARD',
        creationDate: new Date(0),
      };
    },

    DescribeStateMachineAlias: (
      input: DescribeStateMachineAliasCommandInput,
    ): OperationOutput<DescribeStateMachineAliasCommandOutput> => {
      const alias = this.#find(input.stateMachineAliasArn);
      return {
        stateMachineAliasArn: alias.arn,
        name: alias.arn.replace(/^.*:/, ''),
        ...(alias.description !== undefined && { description: alias.description }),
        routingConfiguration: alias.routingConfiguration,
        updateDate: new Date(alias.updatedAt),
      };
    },

    UpdateStateMachineAlias: (
      input: UpdateStateMachineAliasCommandInput,
    ): OperationOutput<UpdateStateMachineAliasCommandOutput> => {
      const alias = this.#find(input.stateMachineAliasArn);
      const { description, routingConfiguration } = input;
      if (alias.machine.status === 'DELETING')
        throw new StateMachineDeleting(clientFault(`${alias.machine.arn} is being deleted`));
      if (description === undefined && routingConfiguration === undefined)
        throw new ValidationException(clientFault('A description or a routingConfiguration is required'));
      if (this.#isChanging) throw new ConflictException(clientFault('Another update is in progress', 409));
      if (routingConfiguration !== undefined) {
        checkRouting(routingConfiguration, alias.machine);
        alias.previous = this.#inEffect(alias);
        alias.routingConfiguration = structuredClone(routingConfiguration);
      }
      if (description !== undefined) alias.description = description;
      alias.updatedAt = this.#environment.clock.now();
      return { updateDate: new Date(alias.updatedAt) };
    },
  };

  readonly #environment: SimulatedEnvironment;
  readonly #machines: SimulatedStateMachine[] = [];
  readonly #aliases: StoredAlias[] = [];
  #isChanging = false;

  /** @internal */
  constructor(environment: SimulatedEnvironment) {
    this.#environment = environment;
  }

  /** Creates a state machine with published versions. */
  addStateMachine(options: {
    readonly name: string;
    readonly versions: readonly string[];
  }): SimulatedStateMachine {
    requireOptions('SimulatedStepFunctions.addStateMachine', options, { name: 'text', versions: 'needed' });
    const machine: SimulatedStateMachine = {
      arn: this.#environment.arn('states', `stateMachine:${options.name}`),
      versions: [...options.versions],
      status: 'ACTIVE',
    };
    this.#machines.push(machine);
    return machine;
  }

  /** Creates an alias. The weights are by version, and 100 together. */
  addAlias(options: {
    readonly stateMachine: SimulatedStateMachine;
    readonly name: string;
    readonly weights: Readonly<Record<string, number>>;
    readonly description?: string;
  }): SimulatedStateMachineAlias {
    requireOptions('SimulatedStepFunctions.addAlias', options, {
      stateMachine: 'needed',
      name: 'text',
      weights: 'needed',
      description: 'optional',
    });
    const { stateMachine, name, weights, description } = options;
    const routes = Object.entries(weights).map(([version, weight]) => ({
      stateMachineVersionArn: `${stateMachine.arn}:${version}`,
      weight,
    }));
    checkRouting(routes, stateMachine);
    const alias: StoredAlias = {
      arn: `${stateMachine.arn}:${name}`,
      machine: stateMachine,
      description,
      routingConfiguration: routes,
      previous: routes,
      updatedAt: Number.NEGATIVE_INFINITY,
    };
    this.#aliases.push(alias);
    return alias;
  }

  /** Refuses updates with ConflictException while this is true, as during an update of another program. */
  set isChanging(isChanging: boolean) {
    this.#isChanging = isChanging;
  }

  /** The share of each version in the executions that are started now, in percent, by the ARN of the version. */
  liveSplit(aliasArn: string): Readonly<Record<string, number>> {
    return Object.fromEntries(
      this.#inEffect(this.#find(aliasArn)).map(({ stateMachineVersionArn = '', weight = 0 }) => [
        stateMachineVersionArn,
        weight,
      ]),
    );
  }

  #inEffect({ routingConfiguration, previous, updatedAt }: StoredAlias): RoutingConfigurationListItem[] {
    const isOver = this.#environment.clock.now() >= updatedAt + this.propagationSeconds * 1000;
    return isOver ? routingConfiguration : previous;
  }

  #find(arn: string | undefined): StoredAlias {
    const alias = this.#aliases.find((it) => it.arn === arn);
    if (alias === undefined) throw new ResourceNotFound(clientFault(`There is no alias ${arn}`));
    return alias;
  }
}

function checkRouting(routes: readonly RoutingConfigurationListItem[], machine: SimulatedStateMachine): void {
  if (routes.length < 1 || routes.length > 2) throw invalid('An alias has one or two versions');
  const missing = routes.find((it) => !hasVersion(machine, it.stateMachineVersionArn ?? ''));
  if (missing !== undefined)
    throw new ResourceNotFound(clientFault(`There is no version ${missing.stateMachineVersionArn}`));
  const weights = routes.map(({ weight = Number.NaN }) => weight);
  if (weights.some((it) => !Number.isInteger(it) || it < 0 || it > 100))
    throw invalid('A weight is a whole number from 0 to 100');
  if (weights.reduce((sum, it) => sum + it, 0) !== 100) throw invalid('The weights are 100 together');
}

function hasVersion({ arn, versions }: SimulatedStateMachine, versionArn: string): boolean {
  return versions.some((version) => `${arn}:${version}` === versionArn);
}

function invalid(message: string): ValidationException {
  return new ValidationException(clientFault(message));
}
