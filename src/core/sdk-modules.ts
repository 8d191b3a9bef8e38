/** A module that is imported at its first use. */
class LazyModule<Module> {
  readonly #load: () => Promise<Module>;
  #module: Module | undefined;

  constructor(load: () => Promise<Module>) {
    this.#load = load;
  }

  /** Returns the module, without another import when it is already loaded. */
  async get(): Promise<Module> {
    this.#module ??= await this.#load();
    return this.#module;
  }

  /** Sets the module, for a program that has loaded it anyway. */
  provide(module: Module): void {
    this.#module = module;
  }
}

/**
 * Modules of the AWS SDK that a swap needs for some of its calls only. A Lambda that loads its plan imports each one at the first call.
 * `SimulatedCloud` provides them, because virtual time must not pass while a loader reads files.
 */
export const sdkModules = {
  codeDeploy: new LazyModule(() => import('@aws-sdk/client-codedeploy')),
  ecs: new LazyModule(() => import('@aws-sdk/client-ecs')),
  elasticLoadBalancing: new LazyModule(() => import('@aws-sdk/client-elastic-load-balancing-v2')),
  lambda: new LazyModule(() => import('@aws-sdk/client-lambda')),
} as const;
