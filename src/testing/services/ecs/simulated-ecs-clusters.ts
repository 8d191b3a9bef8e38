import { ClusterNotFoundException } from '@aws-sdk/client-ecs';
import { clientFault, type SimulatedEnvironment } from '../../cloud/environment.js';

/** The clusters of the simulated ECS. */
export class SimulatedEcsClusters {
  readonly #environment: SimulatedEnvironment;
  readonly #arns = new Set<string>();

  constructor(environment: SimulatedEnvironment) {
    this.#environment = environment;
  }

  /** Creates the cluster unless it exists. */
  add(name: string): string {
    const arn = this.#arn(name);
    this.#arns.add(arn);
    return arn;
  }

  /** Returns the ARN of an existing cluster. Without a name AWS uses `default`. */
  arnOf(nameOrArn = 'default'): string {
    const arn = this.#arn(nameOrArn);
    if (this.#arns.has(arn)) return arn;
    throw new ClusterNotFoundException(clientFault('Cluster not found.'));
  }

  #arn(nameOrArn: string): string {
    return nameOrArn.startsWith('arn:') ? nameOrArn : this.#environment.arn('ecs', `cluster/${nameOrArn}`);
  }
}

/** Returns the ARN of a resource in a cluster: `task/shop/0123…`. */
export function arnInCluster(clusterArn: string, kind: string, name: string): string {
  return name.startsWith('arn:') ? name : `${clusterArn.replace(':cluster/', `:${kind}/`)}/${name}`;
}
