import type { ErrorCode } from '@aws-sdk/client-codedeploy';

/** The reason for which a deployment ended early, as `errorInformation` shows it. */
export interface DeploymentProblem {
  readonly code: ErrorCode;
  readonly message: string;
  /** True when a request or an alarm stopped the deployment: its status is `Stopped`, not `Failed`. */
  readonly isStop?: boolean;
  /** True or false when the request decides about the rollback; undefined when the deployment group does. */
  readonly rollBack?: boolean | undefined;
}

/** A request to stop the running step. */
export class DeploymentStop {
  #controller = new AbortController();
  #problem: DeploymentProblem | undefined;
  #isClosed = false;

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  request(problem: DeploymentProblem): void {
    if (this.#isClosed) return;
    this.#problem ??= problem;
    this.#controller.abort();
  }

  /** Ignores later requests. */
  close(): void {
    this.#isClosed = true;
  }

  /** Lets the steps of a rollback run. */
  clear(): void {
    this.#controller = new AbortController();
    this.#problem = undefined;
  }

  /** Runs a step. Returns its problem, or the stop that ended it. */
  async problemOf(
    work: () => Promise<DeploymentProblem | undefined>,
  ): Promise<DeploymentProblem | undefined> {
    if (this.#problem !== undefined) return this.#problem;
    try {
      const problem = await work();
      return this.#problem ?? problem;
    } catch (error) {
      if (this.#problem !== undefined) return this.#problem;
      throw error;
    }
  }
}
