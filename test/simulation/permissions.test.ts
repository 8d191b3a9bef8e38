import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import type { Permission } from '../../src/core/permissions.js';
import {
  changeCalendarOpen,
  functionReady,
  httpHealthy,
  queueDrained,
  replicaLag,
  rowParity,
  streamCaughtUp,
} from '../../src/gates/index.js';
import { methodPermissions } from '../../src/iam/method-permissions.js';
import * as root from '../../src/index.js';
import { SchedulerTools } from '../../src/scheduler/index.js';
import { DynamoSwapRecord } from '../../src/swap/dynamo/index.js';
import { codeDeploySwitch } from '../../src/swap/switches/code-deploy-switch.js';
import { deployedStack } from '../../src/swap/switches/deployed-stack.js';
import { ecsSwitch } from '../../src/swap/switches/ecs-switch.js';
import { SimulatedCloud } from '../../src/testing/index.js';
import { ApiGatewayCanaryTarget } from '../../src/traffic/api-gateway/index.js';
import { sloBudget } from '../../src/traffic/application-signals/index.js';
import { GlobalAcceleratorTarget } from '../../src/traffic/global-accelerator/index.js';
import { prometheusQuery } from '../../src/traffic/prometheus/index.js';
import { Route53WeightedRecordTarget } from '../../src/traffic/route-53/index.js';
import { StepFunctionsAliasTarget } from '../../src/traffic/step-functions/index.js';
import { blueGreenPermissionScenarios } from '../support/blue-green-scenarios.js';
import { ecsDeploymentPermissionScenarios } from '../support/ecs-deployment-scenarios.js';
import { gatePermissionScenarios } from '../support/gate-scenarios.js';
import type { MethodScenario } from '../support/method-scenario.js';
import {
  furtherMethodScenarios,
  type PermissionScenario,
  permissionScenarios,
} from '../support/permission-scenarios.js';
import { actionsWithin, recordedActions } from '../support/recorded-actions.js';
import { swapPermissionScenarios } from '../support/swap-permission-scenarios.js';
import { methodScenarios } from './scenarios/all.js';

/** Everything that calls AWS: the root, and the classes with a subpath of their own. */
const toolkit = {
  ...root,
  ApiGatewayCanaryTarget,
  DynamoSwapRecord,
  GlobalAcceleratorTarget,
  Route53WeightedRecordTarget,
  SchedulerTools,
  StepFunctionsAliasTarget,
  changeCalendarOpen,
  codeDeploySwitch,
  deployedStack,
  ecsSwitch,
  functionReady,
  httpHealthy,
  prometheusQuery,
  queueDrained,
  replicaLag,
  rowParity,
  sloBudget,
  streamCaughtUp,
};

const source = fileURLToPath(new URL('../../src', import.meta.url));
const permissions: Readonly<Record<string, readonly Permission[]>> = methodPermissions;

const scenarios: readonly PermissionScenario[] = [
  ...[...methodScenarios, ...furtherMethodScenarios].map(ofMethod),
  ...permissionScenarios,
  ...swapPermissionScenarios,
  ...blueGreenPermissionScenarios,
  ...ecsDeploymentPermissionScenarios,
  ...gatePermissionScenarios,
];

/** A scenario of the fault matrix, with only the calls within its own method. */
function ofMethod({ name, arrange }: MethodScenario): PermissionScenario {
  const [method = ''] = name.split(' (');
  const [owner = '', methodName] = method.split('.');
  return {
    method,
    situation: name,
    run: async () => {
      const cloud = new SimulatedCloud();
      const { act, verify } = arrange(cloud);
      if (methodName === undefined) {
        verify(await act());
        return recordedActions(cloud);
      }
      const { prototype } = Object(Reflect.get(toolkit, owner));
      const { result, actions } = await actionsWithin(cloud, prototype, methodName, act);
      verify(result);
      return actions;
    },
  };
}

/**
 * Methods without an AWS client, by their files, which are searched for clients below. Their permissions, if any, are for calls
 * of other principals.
 */
const withoutClients: Record<string, string> = {
  runToEnd: 'resumable/run-to-end.ts',
  'TrafficShifter.advance': 'traffic/traffic-shifter.ts',
  'TrafficShifter.begin': 'traffic/traffic-shifter.ts',
  'TrafficShifter.getWeights': 'traffic/traffic-shifter.ts',
  'TrafficShifter.rollBack': 'traffic/traffic-shifter.ts',
  'TrafficShifter.shiftTo': 'traffic/traffic-shifter.ts',
  'CompositeTarget.changeSetup': 'traffic/targets/composite.ts',
  'CompositeTarget.readSetup': 'traffic/targets/composite.ts',
  'CompositeTarget.readWeights': 'traffic/targets/composite.ts',
  'CompositeTarget.writeWeights': 'traffic/targets/composite.ts',
  customCheck: 'traffic/checks/custom-check.ts',
  databaseStarted: 'hooks/ecs-ready-steps.ts',
  datadogMetric: 'traffic/checks/datadog-metric.ts',
  ecsLifecycleHook: 'hooks/ecs-lifecycle-hook.ts',
  ecsSwapHook: 'hooks/ecs-swap-hook.ts',
  httpCheck: 'traffic/checks/http-check.ts',
  httpHealthy: 'gates/http-healthy.ts',
  runDurably: 'durable/run-durably.ts',
  stepFunctionsHandler: 'step-functions/step-functions-handler.ts',
  subscriptionDisabled: 'hooks/ecs-ready-steps.ts',
  subscriptionEnabled: 'hooks/ecs-ready-steps.ts',
};

/** Methods of a swap that read or change something. */
for (const method of [
  'adopt',
  'advance',
  'begin',
  'next',
  'preview',
  'requestRollBack',
  'resume',
  'rollBack',
  'run',
  'status',
]) {
  withoutClients[`StackSwap.${method}`] = 'swap/stack-swap.ts';
}

/** Functions that create a part of a swap. Its permissions are those of the tool, the check or the target that it uses. */
const partsOfSwap = [
  'check',
  'createBlueGreen',
  'createDatabase',
  'deleteDatabase',
  'deleteTable',
  'deregisterConsumer',
  'disableAlarms',
  'disableEventMapping',
  'disableRule',
  'disableSchedules',
  'disableService',
  'disableSubscription',
  'enableAlarms',
  'enableEventMapping',
  'enableRule',
  'enableSchedules',
  'enableService',
  'enableSubscription',
  'parallel',
  'muteAlarms',
  'purgeQueues',
  'registerConsumer',
  'scaleInReaders',
  'scaleOutReaders',
  'shiftTraffic',
  'startDatabase',
  'startOrCreateDatabase',
  'stopDatabase',
  'switchOverBlueGreen',
];

/** Pure functions. */
const pure = [
  'allAtOnce',
  'canary',
  'codeDeployConfig',
  'countsFrom',
  'estimateRehearsal',
  'exponential',
  'iamPolicyFor',
  'judgeRegression',
  'linear',
  'loadDefinitions',
  'parseStackReference',
  'partnerOf',
  'steps',
  ...partsOfSwap,
];

const pureMethods = [
  'halt',
  'hasWorkAt',
  'nearestWeights',
  'propagationSeconds',
  'parseRequest',
  'parseState',
  'permissions',
  'plannedApprovals',
  'plannedCalls',
  'startEvents',
  'summarize',
];

/** Every public function, and every public method of a class that calls AWS. */
function publicMethods(): string[] {
  return Object.entries(toolkit).flatMap(([name, value]) => {
    if (typeof value !== 'function' || pure.includes(name)) return [];
    if (/^[a-z]/.test(name)) return [name];
    if (
      !/(Tools|Rollout|EcsPause|BlueGreen|Target|Shifter|StackSwap|DynamoSwapRecord)$/.test(name) ||
      name.startsWith('Simulated')
    )
      return [];
    return Object.getOwnPropertyNames(value.prototype)
      .filter((it) => typeof Object.getOwnPropertyDescriptor(value.prototype, it)?.value === 'function')
      .filter((it) => it !== 'constructor' && !pureMethods.includes(it))
      .map((it) => `${name}.${it}`);
  });
}

const actionsOf = (list: readonly Permission[]) => [...new Set(list.map(({ action }) => action))].sort();

/** Returns the packages that a file imports, directly or indirectly. */
function packagesOf(file: string, seen = new Set<string>()): Set<string> {
  if (seen.has(file)) return new Set();
  seen.add(file);
  const imports = readFileSync(join(source, file), 'utf8').matchAll(
    /^(?:import|export) (?!type )[^;]*?from '([^']+)'|import\('([^']+)'\)/gm,
  );
  const found = [...imports].map((match) => match[1] ?? match[2] ?? '');
  return new Set(
    found.flatMap((name) =>
      name.startsWith('.')
        ? [...packagesOf(join(dirname(file), name.replace(/\.js$/, '.ts')), seen)]
        : [name],
    ),
  );
}

describe('methodPermissions', () => {
  test('has every public method', () => {
    expect(Object.keys(permissions).sort()).toEqual(publicMethods().sort());
  });

  test('has a scenario for every method with a client', () => {
    const shown = [...scenarios.map(({ method }) => method), ...Object.keys(withoutClients)];

    expect([...new Set(shown)].sort()).toEqual(Object.keys(permissions).sort());
  });
});

const byMethod = [...new Set(scenarios.map(({ method }) => method))].map(
  (method) => [method, scenarios.filter((it) => it.method === method)] as const,
);

describe.each(byMethod)('%s', (method, situations) => {
  test('makes exactly the calls in its permissions', { timeout: 240_000 }, async () => {
    const named = permissions[method] ?? [];
    const seen = new Set<string>();
    for (const { run } of situations) for (const action of await run()) seen.add(action);

    const isStateMachine = method === 'stepFunctionsDefinition';
    const called = isStateMachine ? named : named.filter(({ notCalled }) => notCalled === undefined);
    expect([...seen].sort()).toEqual(actionsOf(called));
  });
});

describe.each(Object.entries(withoutClients))('%s', (method, file) => {
  test('imports no AWS client and declares no IAM action', () => {
    const named = permissions[method] ?? [];

    expect([...packagesOf(file)].filter((name) => name.startsWith('@aws-sdk/'))).toEqual([]);
    expect(named.filter(({ notCalled }) => notCalled === undefined)).toEqual([]);
  });
});

/** The folders that call AWS. */
const rooms = readdirSync(source, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('permissions.ts') && !/^(core|iam)\//.test(file))
  .map((file) => file.split('/')[0] ?? '');

describe.each([...new Set(rooms)])('The calls in src/%s', (room) => {
  const files = readdirSync(join(source, room), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => ({ file, text: readFileSync(join(source, room, file), 'utf8') }));
  const isData = (file: string) => /(^|\/)permissions\.ts$/.test(file);
  const named = files.filter(({ file }) => isData(file)).flatMap(({ text }) => literals(text));

  test('use only actions in the permissions of their folder', () => {
    const used = files.filter(({ file }) => !isData(file)).flatMap(({ text }) => literals(text));

    expect(used.filter((action) => !named.includes(action))).toEqual([]);
  });
});

/** The helpers that build an action from its operation. */
const helpers: Readonly<Record<string, string>> = {
  callOf: 'application-autoscaling',
  ecsCall: 'ecs',
  elbCall: 'elasticloadbalancing',
};

function literals(text: string): string[] {
  const whole = [...text.matchAll(/action: '([a-z\d-]+:[A-Z]\w+)'/g)].map(([, action = '']) => action);
  const parts = [...text.matchAll(/\b(callOf|ecsCall|elbCall)\(\s*'([A-Z]\w+)'/g)].map(
    ([, helper = '', operation = '']) => `${helpers[helper]}:${operation}`,
  );
  return [...new Set([...whole, ...parts])].sort();
}
