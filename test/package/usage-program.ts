import { packageName, specifiers } from './manifest.js';

const imports = specifiers.map((specifier, index) => `import * as module${index} from '${specifier}';`);

/** A program that imports every subpath and fails to compile when one of them has no real types. */
export const usageProgram = `${imports.join('\n')}
import { type StackReference, SqsTools } from '${packageName}';
import { SqsTools as SameSqsTools } from '${packageName}/sqs';
import { SimulatedCloud } from '${packageName}/testing';

export const modules: object[] = [${specifiers.map((_, index) => `module${index}`).join(', ')}];
const cloud = new SimulatedCloud();
const tools: SameSqsTools = new SqsTools({
  blue: { queue: 'blue' },
  green: { queue: 'green' },
  clients: cloud.clients,
  clock: cloud.clock,
});
const live: StackReference = 'blue';
export const purged: Promise<void> = tools.purgeQueues(live);
// @ts-expect-error: unknown stack
void tools.purgeQueues('red');
// @ts-expect-error: every subpath has real types, not any
export const wrong: number = new SqsTools({ blue: { queue: 1 }, green: { queue: 'green' } });
`;
