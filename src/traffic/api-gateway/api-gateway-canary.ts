import {
  APIGatewayClient,
  GetStageCommand,
  type PatchOperation,
  type Stage,
  UpdateStageCommand,
} from '@aws-sdk/client-api-gateway';
import * as v from 'valibot';
import { type CallOptions, callAws } from '../../core/aws-call.js';
import { resolveClients } from '../../core/clients.js';
import { invalidInput } from '../../core/errors.js';
import { type PossiblyMissing, requireFound } from '../../core/not-found.js';
import type { Permission } from '../../core/permissions.js';
import { nonEmptyString, stackPair, strictObject } from '../../core/schemas.js';
import { parseStackReference, type StackPair, type StackReference } from '../../core/stack-reference.js';
import {
  clientOptionsOf,
  dependenciesOf,
  type ToolOptions,
  toolOptionsEntries,
} from '../../core/tool-options.js';
import { parseInput, requireDistinct } from '../../core/validate.js';
import { LastReading } from '../targets/last-reading.js';
import {
  parseReadOptions,
  parseSetupOptions,
  parseWeights,
  parseWriteOptions,
} from '../targets/target-options.js';
import type { TrafficTarget, TrafficWeights } from '../types.js';
import { apiGatewayPermissions } from './permissions.js';
import {
  nearestStageWeights,
  patchesFor,
  requireStackVariables,
  type StackDeployment,
  weightsOfStage,
} from './stage-weights.js';

/** Deployment of a stack. */
export interface ApiGatewayStackOptions {
  /** ID of the stack's deployment of the REST API. */
  readonly deploymentId: string;
  /**
   * Stage variables of the stack. Both stacks have the same names, so that a rollback can restore each value.
   * @default none: both stacks share the variables of the stage
   */
  readonly variables?: Readonly<Record<string, string>> | undefined;
}

/** Clients of {@link ApiGatewayCanaryTarget}. */
export interface ApiGatewayTargetClients {
  /** Amazon API Gateway: REST APIs. */
  readonly apiGateway: APIGatewayClient;
}

/** Options of {@link ApiGatewayCanaryTarget}. */
export type ApiGatewayCanaryTargetOptions = ToolOptions<ApiGatewayStackOptions, ApiGatewayTargetClients> & {
  /** ID of the REST API. */
  readonly restApiId: string;
  /** Name of the stage. */
  readonly stageName: string;
};

const subject = 'ApiGatewayCanaryTarget options';

const optionsSchema = strictObject({
  ...toolOptionsEntries,
  ...stackPair(
    strictObject({
      deploymentId: nonEmptyString,
      variables: v.optional(v.record(v.pipe(v.string(), v.regex(/^\w+$/)), v.string()), {}),
    }),
  ),
  restApiId: nonEmptyString,
  stageName: nonEmptyString,
});

/**
 * Target for the canary of a REST API's stage, which splits the requests between two deployments. The stack that has the stage's
 * own deployment has the rest. At 100 % the canary is promoted: the stage gets its deployment and its variables, and the canary
 * settings are removed. At 0 % they are removed as well. HTTP and WebSocket APIs have no canary.
 *
 * @remarks IAM: apigateway:GET, apigateway:PATCH
 * @example
 * ```ts
 * import { canary, TrafficShifter } from 'aws-blue-green-toolkit/traffic';
 * import { ApiGatewayCanaryTarget } from 'aws-blue-green-toolkit/traffic/api-gateway';
 *
 * const target = new ApiGatewayCanaryTarget({
 *   restApiId: 'a1b2c3d4e5',
 *   stageName: 'prod',
 *   blue: { deploymentId: 'bl4ck7' },
 *   green: { deploymentId: 'gr33n8' },
 * });
 *
 * await new TrafficShifter({ target }).shiftTo('green', canary({ percent: 10, holdSeconds: 300 }));
 * ```
 */
export class ApiGatewayCanaryTarget implements TrafficTarget {
  /** `Stage prod of REST API a1b2c3d4e5` */
  readonly description: string;
  /** Permissions of its methods. */
  readonly permissions: readonly Permission[] = Object.values(apiGatewayPermissions).flat();
  readonly #name: { readonly restApiId: string; readonly stageName: string };
  readonly #stacks: StackPair<StackDeployment>;
  readonly #client: APIGatewayClient;
  readonly #lastRead: LastReading<Stage>;

  /**
   * @throws InvalidInputError when an option is missing, unknown or malformed, when both stacks share a deployment, or when
   * their variables have different names.
   */
  constructor(options: ApiGatewayCanaryTargetOptions) {
    const parsed = parseInput(subject, optionsSchema, options);
    const { restApiId, stageName, blue, green } = parsed;
    requireDistinct(subject, 'deploymentId', [blue.deploymentId], [green.deploymentId]);
    requireSameNames(blue, green);
    this.#name = { restApiId, stageName };
    this.#stacks = { blue, green };
    this.#client = resolveClients<ApiGatewayTargetClients>(clientOptionsOf(parsed), {
      apiGateway: APIGatewayClient,
    }).apiGateway;
    this.description = `Stage ${stageName} of REST API ${restApiId}`;
    const { clock, logger } = dependenciesOf(parsed);
    const read = (call: CallOptions) => this.#read(call);
    this.#lastRead = new LastReading({ resource: this.description, clock, logger, read });
  }

  /**
   * Reads the weights of the stage and its canary.
   *
   * @remarks IAM: apigateway:GET
   * @throws ResourceStateError when the stage or its canary has another deployment, or when the canary overrides other
   * variables; ResourceNotFoundError when the stage does not exist; AccessDeniedError, OperationAbortedError
   */
  async readWeights(options: CallOptions = {}): Promise<TrafficWeights> {
    const { signal } = parseReadOptions(options);
    return this.#lastRead.judge(this.#read({ signal }), (stage) => this.#weightsOf(stage));
  }

  /**
   * Changes the share of the canary. A stack without a deployment in the stage becomes its canary. At 100 % the canary is promoted
   * and removed, in three calls; at 0 % it is removed, in two. Each call can be the last one before a crash: writing the same weights
   * again completes the change. Returns when API Gateway has accepted it.
   *
   * @remarks IAM: apigateway:PATCH, apigateway:GET
   * @throws ResourceStateError as {@link readWeights}; ResourceNotFoundError, AccessDeniedError, OperationAbortedError
   */
  async writeWeights(weights: TrafficWeights, options: CallOptions = {}): Promise<void> {
    const to = nearestStageWeights(parseWeights(weights));
    const { signal } = parseWriteOptions(options);
    await this.#lastRead.change(to, { signal }, async (stage) => {
      const from = this.#weightsOf(stage);
      for (const patch of patchesFor(to, stage, this.#stacks, this.description))
        await this.#patch(patch, { signal });
      return [from];
    });
  }

  /**
   * Returns the nearest weights with two places.
   *
   * @throws InvalidInputError for weights that are not 100 % together.
   */
  nearestWeights(weights: TrafficWeights): TrafficWeights {
    return nearestStageWeights(parseWeights(weights));
  }

  /**
   * Checks before a shift that the stage has the variables of its stack. Returns undefined: a shift changes only the weights.
   *
   * @remarks IAM: apigateway:GET
   * @throws ResourceStateError when a variable has another value; the errors of {@link readWeights}
   */
  async readSetup(incoming: StackReference, options: CallOptions = {}): Promise<undefined> {
    parseStackReference(incoming);
    const { signal } = parseSetupOptions('readSetup options', options);
    const stage = this.#lastRead.peek() ?? (await this.#read({ signal }));
    requireStackVariables(stage, this.#stacks, this.description);
  }

  #weightsOf(stage: Stage): TrafficWeights {
    return weightsOfStage(stage, this.#stacks, this.description);
  }

  async #read({ signal }: CallOptions): Promise<Stage> {
    const call = { action: 'apigateway:GET', resource: this.description, signal };
    return requireFound([this.#missing], () =>
      callAws(call, (http) => this.#client.send(new GetStageCommand(this.#name), http)),
    );
  }

  async #patch(patchOperations: PatchOperation[], { signal }: CallOptions): Promise<void> {
    const call = { action: 'apigateway:PATCH', resource: this.description, signal };
    const command = new UpdateStageCommand({ ...this.#name, patchOperations });
    await requireFound([this.#missing], () => callAws(call, (http) => this.#client.send(command, http)));
  }

  get #missing(): PossiblyMissing {
    return {
      errorName: 'NotFoundException',
      kind: 'Stage',
      resource: this.description,
      remedy: 'Check restApiId and stageName, and the Region and account of the client',
    };
  }
}

function requireSameNames(blue: StackDeployment, green: StackDeployment): void {
  const [ofBlue, ofGreen] = [blue, green].map(({ variables }) => Object.keys(variables).sort().join(', '));
  if (ofBlue === ofGreen) return;
  throw invalidInput(subject, {
    field: 'green.variables',
    expected: `the names of blue.variables (${ofBlue || 'none'})`,
    actual: ofGreen || 'none',
  });
}
