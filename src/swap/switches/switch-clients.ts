import type { CodeDeployClient } from '@aws-sdk/client-codedeploy';
import type { ECSClient } from '@aws-sdk/client-ecs';
import type { ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import { type ClientConfig, type ClientOptions, resolveClients } from '../../core/clients.js';

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

/** A module of the SDK, and its client. */
export interface Loaded<Module, Client> {
  readonly sdk: Module;
  readonly client: Client;
}

type EcsModule = typeof import('@aws-sdk/client-ecs');
type ElasticLoadBalancingModule = typeof import('@aws-sdk/client-elastic-load-balancing-v2');
type CodeDeployModule = typeof import('@aws-sdk/client-codedeploy');

/** Modules of the SDK, each of which is imported once: a repeated `import()` is not free. */
const modules = {
  ecs: once(() => import('@aws-sdk/client-ecs')),
  elasticLoadBalancing: once(() => import('@aws-sdk/client-elastic-load-balancing-v2')),
  codeDeploy: once(() => import('@aws-sdk/client-codedeploy')),
};

/** Returns a function that keeps the first result. A failure is not kept. */
function once<Result>(load: () => Promise<Result>): () => Promise<Result> {
  let loaded: Promise<Result> | undefined;
  return () => {
    loaded ??= load().catch((error: unknown) => {
      loaded = undefined;
      throw error;
    });
    return loaded;
  };
}

/**
 * The AWS clients of a switch. Each module of the SDK is imported at the first call, because a Lambda that loads its plan does not
 * call every service.
 */
export class SwitchClients {
  readonly #config: ClientConfig;
  #ready: Partial<CodeDeploySwitchClients>;

  /** @throws InvalidInputError for a ready client that is none, and for a configuration when every client is ready. */
  constructor(
    options: ClientOptions<CodeDeploySwitchClients>,
    names: readonly (keyof CodeDeploySwitchClients)[],
  ) {
    resolveClients<CodeDeploySwitchClients, keyof CodeDeploySwitchClients>(options, {}, names);
    this.#config = options.clientConfig ?? {};
    this.#ready = { ...options.clients };
  }

  async ecs(): Promise<Loaded<EcsModule, ECSClient>> {
    const sdk = await modules.ecs();
    const client = this.#ready.ecs ?? new sdk.ECSClient(this.#config);
    this.#ready = { ...this.#ready, ecs: client };
    return { sdk, client };
  }

  async elasticLoadBalancing(): Promise<Loaded<ElasticLoadBalancingModule, ElasticLoadBalancingV2Client>> {
    const sdk = await modules.elasticLoadBalancing();
    const client = this.#ready.elasticLoadBalancing ?? new sdk.ElasticLoadBalancingV2Client(this.#config);
    this.#ready = { ...this.#ready, elasticLoadBalancing: client };
    return { sdk, client };
  }

  async codeDeploy(): Promise<Loaded<CodeDeployModule, CodeDeployClient>> {
    const sdk = await modules.codeDeploy();
    const client = this.#ready.codeDeploy ?? new sdk.CodeDeployClient(this.#config);
    this.#ready = { ...this.#ready, codeDeploy: client };
    return { sdk, client };
  }
}
