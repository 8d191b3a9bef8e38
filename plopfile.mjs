import { registerActions } from './scripts/new/actions.mjs';
import { checkGenerator } from './scripts/new/check.mjs';
import { methodGenerator } from './scripts/new/method.mjs';
import { operationGenerator } from './scripts/new/operation.mjs';
import { strategyGenerator } from './scripts/new/strategy.mjs';
import { targetGenerator } from './scripts/new/target.mjs';

/**
 * Skeletons of the things that are added most often: `npm run new`. CONTRIBUTING.md lists the commands.
 *
 * @param {import('plop').NodePlopAPI} plop
 */
export default function plopfile(plop) {
  const root = plop.getPlopfilePath();
  registerActions(plop, root);
  plop.setGenerator('target', targetGenerator(root));
  plop.setGenerator('check', checkGenerator(root));
  plop.setGenerator('strategy', strategyGenerator(root));
  plop.setGenerator('method', methodGenerator(root));
  plop.setGenerator('operation', operationGenerator(root));
}
