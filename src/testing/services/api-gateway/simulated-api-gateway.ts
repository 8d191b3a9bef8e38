import {
  BadRequestException,
  type CanarySettings,
  type GetStageCommandInput,
  type GetStageCommandOutput,
  NotFoundException,
  type PatchOperation,
  type UpdateStageCommandInput,
  type UpdateStageCommandOutput,
} from '@aws-sdk/client-api-gateway';
import {
  clientFault,
  type OperationOutput,
  type SimulatedEnvironment,
  type SimulatedService,
} from '../../cloud/environment.js';
import { requireOptions } from '../../cloud/require-options.js';

/** The name of a stage of the {@link SimulatedApiGateway}. */
export interface SimulatedStageName {
  /** The REST API. */
  readonly restApiId: string;
  /** The stage of the API. */
  readonly stageName: string;
}

/** A stage of a REST API. */
export interface SimulatedStage extends SimulatedStageName {
  /** The deployments of the API that exist. */
  readonly deployments: readonly string[];
  /** The deployment with the production traffic. */
  deploymentId: string;
  /** The stage variables. */
  variables: Record<string, string>;
  /** The canary; undefined when there is none. */
  canarySettings: CanarySettings | undefined;
  /** The description. */
  readonly description: string | undefined;
  /** The virtual time of the last update, in milliseconds since 1970. */
  updatedAt: number;
}

/** API Gateway in memory: stages of REST APIs, with their canaries. An update takes effect at once, and as a whole or not at all. */
export class SimulatedApiGateway implements SimulatedService {
  readonly serviceId = 'API Gateway';
  readonly iamPrefix = 'apigateway';
  readonly throttlingError = 'TooManyRequestsException';
  /** @internal */
  readonly iamActions = { GetStage: 'apigateway:GET', UpdateStage: 'apigateway:PATCH' };
  /** @internal */
  readonly operations = {
    GetStage: (input: GetStageCommandInput): OperationOutput<GetStageCommandOutput> =>
      describe(this.#find(input)),

    UpdateStage: (input: UpdateStageCommandInput): OperationOutput<UpdateStageCommandOutput> => {
      const stage = this.#find(input);
      const draft = structuredClone(stage);
      for (const operation of input.patchOperations ?? []) patch(draft, operation);
      Object.assign(stage, draft, { updatedAt: this.#environment.clock.now() });
      return describe(stage);
    },
  };

  readonly #environment: SimulatedEnvironment;
  readonly #stages: SimulatedStage[] = [];

  /** @internal */
  constructor(environment: SimulatedEnvironment) {
    this.#environment = environment;
  }

  /** Creates a stage, and its API with these deployments. */
  addStage(
    options: SimulatedStageName & {
      readonly deployments: readonly string[];
      readonly deploymentId: string;
      readonly variables?: Readonly<Record<string, string>>;
      readonly canarySettings?: CanarySettings | undefined;
      readonly description?: string;
    },
  ): SimulatedStage {
    requireOptions('SimulatedApiGateway.addStage', options, {
      restApiId: 'text',
      stageName: 'text',
      deployments: 'needed',
      deploymentId: 'text',
      variables: 'optional',
      canarySettings: 'optional',
      description: 'optional',
    });
    const { variables = {}, canarySettings, description, ...named } = options;
    const stage: SimulatedStage = {
      ...named,
      variables: { ...variables },
      canarySettings: structuredClone(canarySettings),
      description,
      updatedAt: this.#environment.clock.now(),
    };
    this.#stages.push(stage);
    return stage;
  }

  /** The stage of this name. */
  stage(name: SimulatedStageName): SimulatedStage {
    return structuredClone(this.#find(name));
  }

  /** Changes a stage outside the code under test. */
  changeStage(
    name: SimulatedStageName,
    changes: Partial<Pick<SimulatedStage, 'deploymentId' | 'variables' | 'canarySettings'>>,
  ): void {
    Object.assign(this.#find(name), structuredClone(changes));
  }

  #find({ restApiId, stageName }: GetStageCommandInput): SimulatedStage {
    const stage = this.#stages.find((it) => it.restApiId === restApiId && it.stageName === stageName);
    if (stage === undefined)
      throw new NotFoundException(clientFault('Invalid stage identifier specified', 404));
    return stage;
  }
}

function describe(stage: SimulatedStage) {
  const { deploymentId, stageName, variables, canarySettings, description, updatedAt } = stage;
  return {
    deploymentId,
    stageName,
    lastUpdatedDate: new Date(updatedAt),
    ...(Object.keys(variables).length > 0 && { variables: { ...variables } }),
    ...(canarySettings && { canarySettings: structuredClone(canarySettings) }),
    ...(description !== undefined && { description }),
  };
}

const canaryPath = '/canarySettings';

function patch(stage: SimulatedStage, { op, path = '', from, value }: PatchOperation): void {
  if (op === 'copy') {
    copy(stage, from, path);
    return;
  }
  if (op === 'remove' && path === canaryPath) {
    stage.canarySettings = undefined;
    return;
  }
  if (op !== 'replace' || value === undefined) throw refused(`Invalid ${op} operation with path: ${path}`);
  if (path === '/deploymentId') {
    requireDeployment(stage, value);
    if (stage.canarySettings !== undefined)
      throw refused('The stage has a canary: promote or remove it first');
    stage.deploymentId = value;
    return;
  }
  const [, root, field = '', name] = path.split('/');
  if (root === 'variables' && name === undefined) {
    stage.variables = { ...stage.variables, [field]: value };
    return;
  }
  if (root !== 'canarySettings') throw refused(`Invalid method setting path: ${path}`);
  replaceInCanary(stage, field, name, value);
}

/** The first change of a canary's field creates the canary, without traffic and with the stage's own deployment. */
function replaceInCanary(
  stage: SimulatedStage,
  field: string,
  name: string | undefined,
  value: string,
): void {
  const canary = stage.canarySettings ?? {
    deploymentId: stage.deploymentId,
    percentTraffic: 0,
    useStageCache: false,
  };
  stage.canarySettings = { ...canary, ...canaryChange(stage, canary, { field, name, value }) };
}

function canaryChange(
  stage: SimulatedStage,
  { stageVariableOverrides }: CanarySettings,
  {
    field,
    name,
    value,
  }: { readonly field: string; readonly name: string | undefined; readonly value: string },
): CanarySettings {
  if (field === 'stageVariableOverrides' && name !== undefined) {
    return { stageVariableOverrides: { ...stageVariableOverrides, [name]: value } };
  }
  if (field === 'deploymentId') {
    requireDeployment(stage, value);
    return { deploymentId: value };
  }
  if (field === 'useStageCache') return { useStageCache: value === 'true' };
  const percentTraffic = Number(value);
  if (field === 'percentTraffic' && percentTraffic >= 0 && percentTraffic <= 100) return { percentTraffic };
  throw refused(`Invalid method setting path: ${canaryPath}/${field}`);
}

/** Only a canary can be copied, to promote it. Which variables stay is not documented: those that it does not override are lost here. */
function copy(stage: SimulatedStage, from: string | undefined, path: string): void {
  const { canarySettings } = stage;
  if (canarySettings === undefined) throw refused('Invalid copy operation: the stage has no canary');
  if (from === `${canaryPath}/deploymentId` && path === '/deploymentId') {
    stage.deploymentId = canarySettings.deploymentId ?? stage.deploymentId;
  } else if (from === `${canaryPath}/stageVariableOverrides` && path === '/variables') {
    stage.variables = { ...canarySettings.stageVariableOverrides };
  } else {
    throw refused(`Invalid copy operation with path: ${path} and from: ${from}`);
  }
}

function requireDeployment({ deployments }: SimulatedStage, id: string): void {
  if (!deployments.includes(id)) throw refused(`Deployment id does not exist: ${id}`);
}

function refused(message: string): BadRequestException {
  return new BadRequestException(clientFault(message));
}
