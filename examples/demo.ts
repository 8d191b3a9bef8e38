import './quiet-sdk.js';
import { parseArgs } from 'node:util';
import { demonstrateCanary } from './canary/demo.js';
import { canaryScenarios } from './canary/run.js';
import { demonstrateRollout } from './ecs-rollout/demo.js';
import { rolloutScenarios } from './ecs-rollout/run.js';
import { demonstrateRehearsal } from './rehearsal/demo.js';
import { rehearsalScenario } from './rehearsal/run.js';
import { demonstrateStateMachine, stateMachineScenario } from './step-functions/demo.js';
import { demonstrateSwap } from './whole-stack-swap/demo.js';
import { scenarios as swapScenarios } from './whole-stack-swap/scenarios.js';

const allScenarios = [
  ...swapScenarios,
  ...canaryScenarios,
  rehearsalScenario,
  stateMachineScenario,
  ...rolloutScenarios,
];
const usage = `npm run demo -- [--scenario ${allScenarios.join(' | ')}] [--json] [--report FILE]`;

async function main(): Promise<void> {
  const { scenario, json = false, report } = readArguments();
  const swap = swapScenarios.find((name) => name === scenario);
  const canary = canaryScenarios.find((name) => name === scenario);
  const rollout = rolloutScenarios.find((name) => name === scenario);
  if (canary !== undefined) await demonstrateCanary({ scenario: canary, json, report });
  else if (scenario === rehearsalScenario) await demonstrateRehearsal({ json, report });
  else if (swap === undefined && rollout === undefined && scenario !== stateMachineScenario)
    fail(`Unknown scenario ${scenario}`);
  else if (report !== undefined && scenario === 'preview')
    fail('--report does not support preview: nothing happens in it');
  else if (rollout !== undefined) await demonstrateRollout({ scenario: rollout, json, report });
  else if (swap !== undefined) await demonstrateSwap({ scenario: swap, json, report });
  else await demonstrateStateMachine({ json, report });
}

function readArguments() {
  try {
    return parseArgs({
      options: {
        scenario: { type: 'string', default: 'swap' },
        json: { type: 'boolean' },
        report: { type: 'string' },
      },
    }).values;
  } catch (error) {
    return fail(error instanceof Error ? error.message : String(error));
  }
}

function fail(message: string): never {
  console.error(`${message}\nUsage: ${usage}`);
  process.exit(2);
}

await main();
