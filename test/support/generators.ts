import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { root } from './guide-programs.js';

/** The part of node-plop, the library of plop, that the tests use. */
interface NodePlop {
  getGenerator(name: string): {
    runPrompts(answers: readonly string[]): Promise<unknown>;
    runActions(
      answers: unknown,
      hooks: { onComment(text: string): void },
    ): Promise<{ readonly failures: readonly { readonly error?: string; readonly message?: string }[] }>;
  };
}

/** The generators of `npm run new`. */
export interface Generators {
  /** Runs a generator. Rejects when an answer is invalid. */
  run(
    generator: string,
    answers: readonly string[],
  ): Promise<{ readonly failures: readonly string[]; readonly comments: readonly string[] }>;
}

/** Loads the generators of the repository in a folder. */
export async function generatorsIn(folder: string): Promise<Generators> {
  const requireOfPlop = createRequire(createRequire(join(root, 'package.json')).resolve('plop'));
  const library: { default(plopfile: string): Promise<NodePlop> } = await import(
    pathToFileURL(requireOfPlop.resolve('node-plop')).href
  );
  const plop = await library.default(join(folder, 'plopfile.mjs'));
  return {
    async run(name, answers) {
      const generator = plop.getGenerator(name);
      const comments: string[] = [];
      const given = await generator.runPrompts(answers);
      const { failures } = await generator.runActions(given, { onComment: (text) => comments.push(text) });
      return { failures: failures.map(({ error, message }) => error ?? message ?? 'failed'), comments };
    },
  };
}
