import type { CodeDeployClient } from '@aws-sdk/client-codedeploy';
import type { ECSClient } from '@aws-sdk/client-ecs';
import type { ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import { type ClientOptions, resolveClients } from '../../core/clients.js';
import { type Loaded, lazyClient } from '../../core/lazy-client.js';
import { sdkModules } from '../../core/sdk-modules.js';

/** Clients of `deployedStack` and `ecsSwitch`. */
export interface ProbeClients {
  /** Client for Amazon ECS. */
  readonly ecs: ECSClient;
  /** Client for Elastic Load Balancing. */
  readonly elasticLoadBalancing: ElasticLoadBalancingV2Client;
}

/** Clients of `codeDeploySwitch`. */
export interface CodeDeploySwitchClients extends ProbeClients {
  /** Client for CodeDeploy. */
  readonly codeDeploy: CodeDeployClient;
}

type EcsModule = typeof import('@aws-sdk/client-ecs');
type ElasticLoadBalancingModule = typeof import('@aws-sdk/client-elastic-load-balancing-v2');
type CodeDeployModule = typeof import('@aws-sdk/client-codedeploy');

/**
 * The AWS clients of a switch. Each module of the SDK is imported at the first call, because a Lambda that loads its plan does not
 * call every service.
 */
export class SwitchClients {
  readonly #ecs: () => Promise<Loaded<EcsModule, ECSClient>>;
  readonly #elasticLoadBalancing: () => Promise<
    Loaded<ElasticLoadBalancingModule, ElasticLoadBalancingV2Client>
  >;
  readonly #codeDeploy: () => Promise<Loaded<CodeDeployModule, CodeDeployClient>>;

  /** @throws InvalidInputError for a ready client that is none, and for a configuration when every client is ready. */
  constructor(
    options: ClientOptions<CodeDeploySwitchClients>,
    names: readonly (keyof CodeDeploySwitchClients)[],
  ) {
    resolveClients<CodeDeploySwitchClients, keyof CodeDeploySwitchClients>(options, {}, names);
    const { clients = {}, clientConfig: config = {} } = options;
    const { ecs, elasticLoadBalancing: balancing, codeDeploy } = clients;
    this.#ecs = lazyClient(sdkModules.ecs, { ready: ecs, config }, (sdk) => sdk.ECSClient);
    this.#elasticLoadBalancing = lazyClient(
      sdkModules.elasticLoadBalancing,
      { ready: balancing, config },
      (sdk) => sdk.ElasticLoadBalancingV2Client,
    );
    this.#codeDeploy = lazyClient(
      sdkModules.codeDeploy,
      { ready: codeDeploy, config },
      (sdk) => sdk.CodeDeployClient,
    );
  }

  async ecs(): Promise<Loaded<EcsModule, ECSClient>> {
    return this.#ecs();
  }

  async elasticLoadBalancing(): Promise<Loaded<ElasticLoadBalancingModule, ElasticLoadBalancingV2Client>> {
    return this.#elasticLoadBalancing();
  }

  async codeDeploy(): Promise<Loaded<CodeDeployModule, CodeDeployClient>> {
    return this.#codeDeploy();
  }
}
