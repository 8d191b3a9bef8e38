/** A module that is imported at its first use. */
export class LazyModule<Module> {
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
