import { cdkSpecifier, packageName, specifiers } from './manifest.js';

/** A program that imports every subpath and fails to compile when one of them has no real types. */
export const usageProgram = programWith(specifiers);

/** The same without the subpath of the CDK, whose own declarations do not compile with every strict option. */
export const usageProgramWithoutCdk = programWith(specifiers.filter((it) => it !== cdkSpecifier));

/** A program that uses the constructs. */
export const cdkProgram = `import { Stack } from 'aws-cdk-lib';
import { Code } from 'aws-cdk-lib/aws-lambda';
import { StackSwapRecord, TrafficShiftStateMachine } from '${cdkSpecifier}';

const stack: Stack = new Stack();
export const record: StackSwapRecord = new StackSwapRecord(stack, 'Record', { tableName: 'stack-swaps' });
new TrafficShiftStateMachine(stack, 'Shift', { code: Code.fromAsset('dist') });
// @ts-expect-error: an unknown prop
new StackSwapRecord(stack, 'Other', { table: 'stack-swaps' });
`;

function programWith(imported: readonly string[]): string {
  const imports = imported.map((specifier, index) => `import * as module${index} from '${specifier}';`);
  return `${imports.join('\n')}
import { type StackReference, SqsTools } from '${packageName}';
import { SqsTools as SameSqsTools } from '${packageName}/sqs';
import { SimulatedCloud } from '${packageName}/testing';

export const modules: object[] = [${imported.map((_, index) => `module${index}`).join(', ')}];
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
}
