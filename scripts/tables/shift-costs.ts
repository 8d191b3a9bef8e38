import { type DurableChangeContext, runDurably } from 'aws-blue-green-toolkit/durable';
import { stepFunctionsDefinition, stepFunctionsHandler } from 'aws-blue-green-toolkit/step-functions';
import {
  AlbListenerRuleTarget,
  albErrorRateRegression,
  canary,
  type ShiftRequest,
  TrafficShifter,
} from 'aws-blue-green-toolkit/traffic';
import { makeWorld, type World } from '../../examples/canary/world.js';
import { execute, lambdaInvoke } from '../../examples/step-functions/state-machine.js';
import { DurableJournal } from '../../test/support/durable-journal.js';
import { CostMeter, type Costs } from './cost-meter.js';

const functionArn = 'arn:aws:lambda:eu-west-1:123456789012:function:traffic-shift';
/** Minutes of traffic before a shift, for CloudWatch. */
const steadyMilliseconds = 140_000;

/** Hold of the canary at 10 %. */
export interface Hold {
  readonly holdSeconds: number;
}

function requestOf({ holdSeconds }: Hold): ShiftRequest {
  return { incoming: 'green', strategy: { type: 'canary', percent: 10, holdSeconds } };
}

/** Creates the shifter of the README. */
function makeShifter({ cloud: { clients, clock }, settings }: World): TrafficShifter {
  const { ruleArns, loadBalancerArn, targetGroupArns } = settings;
  return new TrafficShifter({
    target: new AlbListenerRuleTarget({
      ruleArns,
      blue: { targetGroupArn: targetGroupArns.blue },
      green: { targetGroupArn: targetGroupArns.green },
      clients,
      clock,
    }),
    checks: [albErrorRateRegression({ loadBalancerArn, targetGroupArn: targetGroupArns, clients })],
    clock,
  });
}

async function beginShift(greenIsBad = false): Promise<{ readonly world: World; readonly meter: CostMeter }> {
  const world = makeWorld({ greenIsBad });
  await world.cloud.clock.sleep(steadyMilliseconds);
  return { world, meter: new CostMeter(world.cloud) };
}

/** Measures a canary in a process of the user's own, such as a step of a pipeline. */
export async function shiftInProcess({
  holdSeconds,
  greenIsBad = false,
}: Hold & { readonly greenIsBad?: boolean }): Promise<Costs> {
  const { world, meter } = await beginShift(greenIsBad);
  const { outcome } = await makeShifter(world).shiftTo('green', canary({ percent: 10, holdSeconds }));
  requireOutcome(outcome, greenIsBad ? 'rolledBack' : 'succeeded');
  return meter.read();
}

/** Measures a canary in a state machine. */
export async function shiftInStateMachine(hold: Hold): Promise<Costs> {
  const { world, meter } = await beginShift();
  const { clock } = world.cloud;
  const handler = meter.metered(stepFunctionsHandler(() => makeShifter(world), { clock }));
  const { status } = await execute(
    stepFunctionsDefinition({ functionArn }),
    { request: requestOf(hold) },
    {
      clock,
      integrations: lambdaInvoke({
        [functionArn]: (event) => {
          const endsAt = clock.now() + 60_000;
          return handler(event, { getRemainingTimeInMillis: () => endsAt - clock.now() });
        },
      }),
      onState: meter.countTransition,
    },
  );
  requireOutcome(status, 'SUCCEEDED');
  return meter.read();
}

/** Measures a canary in a durable function. An invocation lasts for its steps. */
export async function shiftInDurableFunction(hold: Hold): Promise<Costs> {
  const { world, meter } = await beginShift();
  const { clock } = world.cloud;
  const journal = new DurableJournal({ clock, timeoutMilliseconds: 900_000 });
  let stepMilliseconds = 0;
  const timed = (context: DurableChangeContext): DurableChangeContext => ({
    ...context,
    step: (name, run, options) => {
      const timedRun: typeof run = async (step) => {
        const startedAt = clock.now();
        const result = await run(step);
        stepMilliseconds += clock.now() - startedAt;
        return result;
      };
      return context.step(name, timedRun, options);
    },
  });
  const { outcome } = await journal.run((context) =>
    runDurably(timed(context), makeShifter(world), requestOf(hold), { clock }),
  );
  requireOutcome(outcome, 'succeeded');
  return meter.read({
    invocations: journal.invocations,
    lambdaSeconds: stepMilliseconds / 1000,
    durableOperations: journal.entries.length,
  });
}

function requireOutcome(actual: string, expected: string): void {
  if (actual !== expected) throw new Error(`The measured shift ended as ${actual}: expected ${expected}`);
}
