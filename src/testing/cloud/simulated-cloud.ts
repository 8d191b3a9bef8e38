import { StandardRetryStrategy } from '@smithy/core/retry';
import * as v from 'valibot';
import { nonEmptyString, strictObject } from '../../core/schemas.js';
import { parseInput } from '../../core/validate.js';
import { SimulatedApiGateway } from '../services/api-gateway/simulated-api-gateway.js';
import { SimulatedAppMesh } from '../services/app-mesh/simulated-app-mesh.js';
import { SimulatedApplicationAutoScaling } from '../services/application-auto-scaling/simulated-application-auto-scaling.js';
import { SimulatedApplicationSignals } from '../services/application-signals/simulated-application-signals.js';
import { SimulatedCloudFormation } from '../services/cloudformation/simulated-cloudformation.js';
import { SimulatedCloudWatch } from '../services/cloudwatch/simulated-cloudwatch.js';
import { SimulatedCodeDeploy } from '../services/code-deploy/simulated-code-deploy.js';
import { SimulatedDynamoDb } from '../services/dynamo-db/simulated-dynamo-db.js';
import { SimulatedEcs } from '../services/ecs/simulated-ecs.js';
import { SimulatedEcsDeployments } from '../services/ecs/simulated-ecs-deployments.js';
import { SimulatedElasticLoadBalancing } from '../services/elastic-load-balancing/simulated-elastic-load-balancing.js';
import { SimulatedEventBridge } from '../services/event-bridge/simulated-event-bridge.js';
import { SimulatedGlobalAccelerator } from '../services/global-accelerator/simulated-global-accelerator.js';
import { SimulatedKinesis } from '../services/kinesis/simulated-kinesis.js';
import { SimulatedLambda } from '../services/lambda/simulated-lambda.js';
import { SimulatedRds } from '../services/rds/simulated-rds.js';
import { SimulatedRdsData } from '../services/rds-data/simulated-rds-data.js';
import { SimulatedRoute53 } from '../services/route-53/simulated-route-53.js';
import { SimulatedScheduler } from '../services/scheduler/simulated-scheduler.js';
import { SimulatedSns } from '../services/sns/simulated-sns.js';
import { SimulatedSqs } from '../services/sqs/simulated-sqs.js';
import { SimulatedSsm } from '../services/ssm/simulated-ssm.js';
import { SimulatedStepFunctions } from '../services/step-functions/simulated-step-functions.js';
import { SimulatedVpcLattice } from '../services/vpc-lattice/simulated-vpc-lattice.js';
import { type CallRate, CallRates } from './call-rates.js';
import { CallResponder, type MetFault, type RecordedCall } from './call-responder.js';
import { actionOf, type SimulatedEnvironment, type SimulatedService } from './environment.js';
import { type Fault, parseFault } from './faults.js';
import { findAbortSignal, noNetworkHandler, untilAborted } from './no-network.js';
import { RetryDelays } from './retry-delays.js';
import { lazyClients, type SimulatedClients } from './simulated-clients.js';
import {
  iteratorAgeOf,
  replicaLagOf,
  type SimulatedIteratorAgeOptions,
  type SimulatedLag,
  type SimulatedReplicaLagOptions,
} from './simulated-lag.js';
import { type SimulatedTrafficOptions, TrafficModel } from './traffic-model.js';
import { VirtualClock } from './virtual-clock.js';
import { addWebService, type SimulatedWebService, type SimulatedWebServiceOptions } from './web-service.js';

/** Options of {@link SimulatedCloud}. */
export interface SimulatedCloudOptions {
  /**
   * The virtual time at the start.
   * @default 2026-01-01T00:00:00Z
   */
  readonly startAt?: Date;
  /** @default 'aws' */
  readonly partition?: 'aws' | 'aws-cn' | 'aws-us-gov';
  /** @default 'eu-west-1' */
  readonly region?: string;
  /** @default '123456789012' */
  readonly accountId?: string;
  /**
   * Virtual milliseconds that every call takes.
   * @default 0
   */
  readonly latencyMilliseconds?: number;
  /**
   * Limits on the rate of calls; calls above them are throttled. With a rate, the SDK's waits before its retries take
   * virtual time.
   * @default no limit
   */
  readonly callRates?: readonly CallRate[];
}

const optionsSchema = strictObject({
  startAt: v.optional(v.date('a valid Date')),
  partition: v.optional(v.picklist(['aws', 'aws-cn', 'aws-us-gov'])),
  region: v.optional(nonEmptyString),
  accountId: v.optional(nonEmptyString),
  latencyMilliseconds: v.optional(
    v.pipe(
      v.number(),
      v.check((value) => value >= 0 && Number.isFinite(value), '0 or more'),
    ),
  ),
  callRates: v.optional(
    v.array(
      // A rate may have more fields, such as its source. CallRates checks the numbers.
      v.looseObject({ actions: v.array(nonEmptyString), perSecond: v.any(), burst: v.optional(v.any()) }),
    ),
  ),
});

/** The part of an SDK client that the simulation needs. */
export interface SdkClient {
  /** The client's resolved configuration. */
  readonly config: {
    /** The service, such as `RDS`. */
    readonly serviceId: string;
    /** The handler that sends requests. */
    requestHandler?: unknown;
  };
  /** The client's middleware. */
  readonly middlewareStack: {
    /** Adds a middleware. */
    add(middleware: unknown, options: unknown): void;
  };
}

/**
 * AWS in memory, for tests of hooks and scripts. It sits below the retries, waiters and paginators of real SDK clients. Its
 * state changes over virtual time, its errors and limits are AWS's, and faults can be injected.
 *
 * @example
 * ```ts
 * import { SimulatedCloud } from 'aws-blue-green-toolkit/testing';
 * import { SqsTools } from 'aws-blue-green-toolkit/sqs';
 *
 * const cloud = new SimulatedCloud();
 * cloud.sqs.addQueue({ name: 'orders-blue' });
 * cloud.sqs.addQueue({ name: 'orders-green' });
 *
 * const tools = new SqsTools({
 *   blue: { queue: 'orders-blue' },
 *   green: { queue: 'orders-green' },
 *   clients: cloud.clients,
 *   clock: cloud.clock,
 * });
 * await tools.purgeQueues('blue');
 * await tools.waitForPurge('blue'); // a virtual minute, no real time
 * ```
 */
export class SimulatedCloud {
  /** The clock to pass to the tools under test. */
  readonly clock: VirtualClock;
  /** The stages of REST APIs, with their canaries. */
  readonly apiGateway: SimulatedApiGateway;
  /** The routes of the mesh. */
  readonly appMesh: SimulatedAppMesh;
  /** The scalable targets: bounds, suspended scaling, tags. */
  readonly applicationAutoScaling: SimulatedApplicationAutoScaling;
  /** The service level objectives, whose error budgets burn. */
  readonly applicationSignals: SimulatedApplicationSignals;
  /** The stacks with a custom resource. */
  readonly cloudFormation: SimulatedCloudFormation;
  /** The alarms and metrics. */
  readonly cloudWatch: SimulatedCloudWatch;
  /** The deployments, which call hooks and shift the traffic of an ECS service. */
  readonly codeDeploy: SimulatedCodeDeploy;
  /** The tables and backups. */
  readonly dynamoDb: SimulatedDynamoDb;
  /** The clusters, task definitions, services and tasks. */
  readonly ecs: SimulatedEcs;
  /** The blue/green, linear and canary deployments that ECS runs itself, with their Lambda and pause hooks. */
  readonly ecsDeployments: SimulatedEcsDeployments;
  /** The load balancers, their listeners, rules and target groups. */
  readonly elasticLoadBalancing: SimulatedElasticLoadBalancing;
  /** The rules on their buses. */
  readonly eventBridge: SimulatedEventBridge;
  /** The endpoint groups of accelerators. */
  readonly globalAccelerator: SimulatedGlobalAccelerator;
  /** The streams and their consumers. */
  readonly kinesis: SimulatedKinesis;
  /** The functions, aliases and event source mappings. */
  readonly lambda: SimulatedLambda;
  /** The Aurora clusters, their members and snapshots. */
  readonly rds: SimulatedRds;
  /** The databases that the RDS Data API reaches. */
  readonly rdsData: SimulatedRdsData;
  /** The hosted zones, their records and health checks. */
  readonly route53: SimulatedRoute53;
  /** The schedules of EventBridge Scheduler. */
  readonly scheduler: SimulatedScheduler;
  /** The topics and subscriptions. */
  readonly sns: SimulatedSns;
  /** The queues and their messages. */
  readonly sqs: SimulatedSqs;
  /** The change calendars. */
  readonly ssm: SimulatedSsm;
  /** The state machines, their versions and aliases. */
  readonly stepFunctions: SimulatedStepFunctions;
  /** The services, listeners, rules and target groups of VPC Lattice. */
  readonly vpcLattice: SimulatedVpcLattice;
  /** Ready clients of every simulated service, by the names that the tools use. */
  readonly clients: SimulatedClients;

  readonly #services: ReadonlyMap<string, SimulatedService>;
  readonly #responder: CallResponder;
  readonly #retryDelays: RetryDelays | undefined;

  constructor(options: SimulatedCloudOptions = {}) {
    parseInput('SimulatedCloud options', optionsSchema, options);
    const environment = createEnvironment(options);
    this.clock = environment.clock;
    this.sqs = new SimulatedSqs(environment);
    this.apiGateway = new SimulatedApiGateway(environment);
    this.appMesh = new SimulatedAppMesh(environment);
    this.applicationAutoScaling = new SimulatedApplicationAutoScaling(environment);
    this.applicationSignals = new SimulatedApplicationSignals(environment);
    this.cloudFormation = new SimulatedCloudFormation(environment);
    this.cloudWatch = new SimulatedCloudWatch(environment);
    this.dynamoDb = new SimulatedDynamoDb(environment);
    this.ecsDeployments = new SimulatedEcsDeployments(environment, {
      emit: (event) => this.eventBridge.emit(event),
    });
    this.elasticLoadBalancing = new SimulatedElasticLoadBalancing(environment);
    this.ecs = new SimulatedEcs(environment, {
      applicationAutoScaling: this.applicationAutoScaling,
      elasticLoadBalancing: this.elasticLoadBalancing,
      ecsDeployments: this.ecsDeployments,
    });
    this.globalAccelerator = new SimulatedGlobalAccelerator(environment);
    this.kinesis = new SimulatedKinesis(environment);
    this.lambda = new SimulatedLambda(environment, {
      sqs: this.sqs,
      kinesis: this.kinesis,
      dynamoDb: this.dynamoDb,
    });
    this.eventBridge = new SimulatedEventBridge(environment, { lambda: this.lambda });
    this.codeDeploy = new SimulatedCodeDeploy(environment, {
      ecs: this.ecs,
      elasticLoadBalancing: this.elasticLoadBalancing,
      cloudWatch: this.cloudWatch,
      lambda: this.lambda,
      eventBridge: this.eventBridge,
    });
    this.rds = new SimulatedRds(environment, {
      applicationAutoScaling: this.applicationAutoScaling,
      cloudWatch: this.cloudWatch,
    });
    this.rdsData = new SimulatedRdsData(environment, { rds: this.rds });
    this.ssm = new SimulatedSsm(environment);
    this.route53 = new SimulatedRoute53(environment);
    this.scheduler = new SimulatedScheduler(environment);
    this.stepFunctions = new SimulatedStepFunctions(environment);
    this.sns = new SimulatedSns(environment, { sqs: this.sqs });
    this.vpcLattice = new SimulatedVpcLattice(environment);
    const services: SimulatedService[] = [
      this.apiGateway,
      this.appMesh,
      this.applicationAutoScaling,
      this.applicationSignals,
      this.cloudWatch,
      this.codeDeploy,
      this.dynamoDb,
      this.ecs,
      this.elasticLoadBalancing,
      this.eventBridge,
      this.globalAccelerator,
      this.kinesis,
      this.lambda,
      this.rds,
      this.rdsData,
      this.route53,
      this.scheduler,
      this.sns,
      this.sqs,
      this.ssm,
      this.stepFunctions,
      this.vpcLattice,
    ];
    this.#services = new Map(services.map((service) => [service.serviceId, service]));
    const { callRates = [] } = options;
    this.#responder = new CallResponder({
      clock: this.clock,
      latencyMilliseconds: options.latencyMilliseconds ?? 0,
      callRates: new CallRates(callRates, { clock: this.clock, known: this.#actions() }),
    });
    this.#retryDelays = callRates.length > 0 ? new RetryDelays() : undefined;
    this.clients = lazyClients(
      {
        region: environment.region,
        credentials: { accessKeyId: 'simulated', secretAccessKey: 'simulated' },
        retryStrategy: retriesWithoutDelay(),
      },
      (client) => this.connect(client),
    );
  }

  /** Every attempt of every call so far, oldest first. */
  get calls(): readonly RecordedCall[] {
    return this.#responder.calls;
  }

  /** Every call that met an injected fault so far, oldest first. A stale read without an earlier response meets none. */
  get metFaults(): readonly MetFault[] {
    return this.#responder.metFaults;
  }

  /**
   * Connects an SDK client of your own to this cloud. Only its request handler is replaced: the client keeps its settings
   * and its other middleware, so it needs a region and any credentials, and waits in real time before a retry.
   */
  connect<Client extends SdkClient>(client: Client): Client {
    // Not by a spread, because a wrapper of a client can have getters.
    const { config, middlewareStack }: Partial<SdkClient> = (client as Client | undefined) ?? {};
    if (typeof config?.serviceId !== 'string' || typeof middlewareStack?.add !== 'function')
      throw new TypeError('Invalid client of SimulatedCloud.connect: expected an AWS SDK client');
    const { serviceId } = config;
    const service = this.#services.get(serviceId);
    if (service === undefined)
      throw new TypeError(`SimulatedCloud does not simulate the service ${serviceId}`);
    client.middlewareStack.add(
      (next: (args: unknown) => Promise<unknown>) => (args: unknown) => this.clock.busy(() => next(args)),
      { step: 'initialize', priority: 'high', name: 'simulatedCloudKeepsTime', override: true },
    );
    client.middlewareStack.add(
      (next: (args: unknown) => Promise<unknown>, context: { commandName: string }) =>
        async (args: { input: unknown; request?: unknown }) => {
          const signal = await findAbortSignal(() => next(args));
          const operation = operationOf(context.commandName);
          // A copy, because the caller may change its input later.
          const input = withSentToken(operation, structuredClone(args.input), args.request);
          const delay = this.#retryDelays?.before(context) ?? 0;
          try {
            const output = await this.clock.idle(async () => {
              if (delay > 0) await untilAborted(signal, () => this.clock.sleep(delay, signal));
              return untilAborted(signal, () => this.#responder.respond(service, operation, input));
            });
            return { response: {}, output };
          } catch (error) {
            this.#retryDelays?.recordFailure(context, error);
            throw error;
          }
        },
      { step: 'deserialize', priority: 'high', name: 'simulatedCloudResponds', override: true },
    );
    client.config.requestHandler = noNetworkHandler;
    return client;
  }

  /**
   * Starts user traffic that the weights in effect split between two stacks.
   *
   * @throws InvalidInputError for an option that is missing, unknown or malformed.
   */
  addTraffic(options: SimulatedTrafficOptions): TrafficModel {
    return new TrafficModel(options, {
      clock: this.clock,
      cloudWatch: this.cloudWatch,
      elasticLoadBalancing: this.elasticLoadBalancing,
    });
  }

  /** Starts the lag of an Aurora cluster: CloudWatch gets it from each available instance, every minute. */
  addReplicaLag(options: SimulatedReplicaLagOptions): SimulatedLag {
    return replicaLagOf({ clock: this.clock, cloudWatch: this.cloudWatch, rds: this.rds }, options);
  }

  /** Starts the age of the records that a function reads from its streams: CloudWatch gets it every minute. */
  addIteratorAge(options: SimulatedIteratorAgeOptions): SimulatedLag {
    return iteratorAgeOf({ clock: this.clock, cloudWatch: this.cloudWatch }, options);
  }

  /**
   * Creates a web service behind a load balancer, with two target groups and a task definition that is bound to the live stack, for
   * tests of a swap.
   *
   * @throws InvalidInputError for an option that is missing, unknown or malformed.
   */
  addWebService(options: SimulatedWebServiceOptions): SimulatedWebService {
    return addWebService(this, options);
  }

  /**
   * Makes calls fail. Faults add up; the first one that matches a call applies.
   *
   * @throws InvalidInputError for an unknown kind or field, and for an operation that is not simulated.
   */
  injectFault(fault: Fault): void {
    this.#responder.faults.add(parseFault(fault, this.#actions()));
  }

  /** Removes every fault. */
  clearFaults(): void {
    this.#responder.faults.clear();
  }

  /** Starts the crashed process again: its calls succeed from now on. */
  restart(): void {
    this.#responder.restart();
  }

  /** The IAM action of every simulated operation. */
  #actions(): string[] {
    return [...this.#services.values()].flatMap((service) =>
      Object.keys(service.operations).map((operation) => actionOf(service, operation)),
    );
  }
}

function operationOf(commandName: string): string {
  return commandName.replace(/Command$/, '');
}

/** Adds the token that the SDK generates for a transaction without one: its retries send the same one. */
function withSentToken(operation: string, input: unknown, request: unknown): unknown {
  const { body } = (request ?? {}) as { body?: unknown };
  if (operation !== 'TransactWriteItems' || !(body instanceof Uint8Array)) return input;
  const { ClientRequestToken } = JSON.parse(new TextDecoder().decode(body)) as {
    ClientRequestToken?: string;
  };
  return { ...(input as object), ClientRequestToken };
}

function createEnvironment(options: SimulatedCloudOptions): SimulatedEnvironment {
  const { partition = 'aws', region = 'eu-west-1', accountId = '123456789012' } = options;
  let lastId = 0;
  return {
    clock: new VirtualClock(options.startAt),
    partition,
    region,
    accountId,
    arn: (service, resource) => `arn:${partition}:${service}:${region}:${accountId}:${resource}`,
    lambdaDelivery: { plan: () => [0] },
    nextId: () => `00000000-0000-4000-8000-${String(++lastId).padStart(12, '0')}`,
  };
}

/** The SDK's own retries without their delays, which would take real time. */
function retriesWithoutDelay() {
  return new StandardRetryStrategy({
    maxAttempts: 3,
    backoff: { setDelayBase: () => {}, computeNextBackoffDelay: () => 0 },
  });
}
