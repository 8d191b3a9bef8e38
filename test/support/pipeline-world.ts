import type { RouteSpec } from '@aws-sdk/client-app-mesh';
import * as deploy from '../../examples/app-mesh-pipeline/lambdas/deploy.js';
import * as healthCheck from '../../examples/app-mesh-pipeline/lambdas/health-check.js';
import * as plan from '../../examples/app-mesh-pipeline/lambdas/plan.js';
import * as remove from '../../examples/app-mesh-pipeline/lambdas/remove.js';
import * as shift from '../../examples/app-mesh-pipeline/lambdas/shift.js';
import type { Microservice } from '../../examples/app-mesh-pipeline/microservice.js';
import { pipelineDefinition } from '../../examples/app-mesh-pipeline/state-machine.js';
import { type Execution, execute, lambdaInvoke } from '../../examples/step-functions/state-machine.js';
import { silentLogger } from '../../src/core/logger.js';
import { SimulatedCloud } from '../../src/testing/index.js';
import { makeContext } from './ecs-hook.js';

const arnOf = (name: string) => `arn:aws:lambda:eu-west-1:123456789012:function:${name}`;

/** Name of the state machine. */
export const pipeline = pipelineDefinition({
  planArn: arnOf('plan'),
  deployArn: arnOf('deploy'),
  shiftArn: arnOf('shift'),
  removeArn: arnOf('remove'),
});

/** Options of a microservice. */
export interface MicroserviceOptions {
  readonly name?: string;
  /** Recorded version; undefined for one that was never deployed. */
  readonly recorded?: string;
  readonly spec?: RouteSpec;
  /** 5xx responses per minute of a version's traffic; undefined for no data at all. */
  readonly errors?: (stack: 'blue' | 'green') => number | undefined;
}

/** A mesh of microservices with live blue versions, and the pipeline for all of them. */
export function makePipelineWorld() {
  const cloud = new SimulatedCloud();
  const { clients, clock } = cloud;
  const environment = { HEALTH_CHECK_FUNCTION: 'health-check' };
  const dependencies = { clients, clock, logger: silentLogger, environment };
  const versions = new Map<string, string>();
  cloud.lambda.addFunction({
    name: 'health-check',
    handler: (event) => healthCheck.makeHandler(dependencies)(event as never),
  });
  const handleShift = shift.makeHandler(dependencies);
  const functions = {
    [arnOf('plan')]: plan.makeHandler(dependencies),
    [arnOf('deploy')]: deploy.makeHandler(dependencies),
    [arnOf('shift')]: (event: unknown) => handleShift(event, makeContext(clock)),
    [arnOf('remove')]: remove.makeHandler(dependencies),
  };

  return {
    cloud,
    versions,
    /** Adds a microservice. Returns the input of an execution that deploys its version 2. */
    addMicroservice({
      name = 'orders',
      recorded,
      spec = httpSpec(name),
      errors = () => 0,
    }: MicroserviceOptions = {}): Microservice {
      cloud.appMesh.addRoute({ meshName: 'shop', virtualRouterName: name, routeName: 'all', spec });
      for (const stack of ['blue', 'green'] as const) {
        const desiredCount = stack === 'blue' && recorded !== undefined ? 2 : 0;
        cloud.ecs.addService({ cluster: 'shop', name: `${name}-${stack}`, desiredCount });
        cloud.ecs.addTaskDefinition(`${name}-${stack}:2`);
        clock.every(60, () => {
          const value = errors(stack);
          if (value === undefined) return;
          cloud.cloudWatch.addDataPoint({
            namespace: 'ECS/ContainerInsights/Prometheus',
            metricName: 'envoy_http_downstream_rq_xx',
            dimensions: {
              ClusterName: 'shop',
              TaskDefinitionFamily: `${name}-${stack}`,
              envoy_http_conn_manager_prefix: 'ingress',
              envoy_response_code_class: '5',
            },
            at: new Date(clock.now() - 30_000),
            value,
          });
        });
      }
      if (recorded !== undefined) versions.set(`/deployments/${name}/version`, recorded);
      const stackOf = (stack: string) => ({
        service: `${name}-${stack}`,
        virtualNode: `${name}-${stack}`,
        taskDefinition: `${name}-${stack}:2`,
      });
      return {
        microservice: name,
        version: '2',
        cluster: 'shop',
        desiredCount: 3,
        mesh: 'shop',
        virtualRouter: name,
        route: 'all',
        blue: stackOf('blue'),
        green: stackOf('green'),
        percentStep: 25,
        waitSeconds: 180,
      };
    },
    /** Runs an execution to its end. Returns its states too. */
    async deploy(input: object): Promise<Execution & { readonly states: readonly string[] }> {
      const states: string[] = [];
      const execution = await execute(pipeline, input, {
        clock,
        integrations: {
          ...lambdaInvoke(functions as never),
          'aws-sdk:ssm:getParameter': ({ Name }) => {
            const Value = versions.get(String(Name));
            if (Value !== undefined) return { Parameter: { Name, Value } };
            throw Object.assign(new Error(String(Name)), { name: 'Ssm.ParameterNotFoundException' });
          },
          'aws-sdk:ssm:putParameter': ({ Name, Value }) => void versions.set(String(Name), String(Value)),
        },
        onState: (name) => states.push(name),
      });
      return { ...execution, states };
    },
    /** Shares of green, one for each write. */
    greenPercents(name = 'orders'): number[] {
      return cloud.calls
        .filter(({ action, outcome }) => action === 'appmesh:UpdateRoute' && outcome === 'ok')
        .map(({ input }) => input as { virtualRouterName: string; spec: RouteSpec })
        .filter(({ virtualRouterName }) => virtualRouterName === name)
        .map(({ spec }) => {
          const targets = (spec.httpRoute ?? spec.tcpRoute)?.action?.weightedTargets ?? [];
          return targets.find(({ virtualNode }) => virtualNode === `${name}-green`)?.weight ?? 0;
        });
    },
    split: (name = 'orders') =>
      cloud.appMesh.liveSplit({ meshName: 'shop', virtualRouterName: name, routeName: 'all' }),
    desiredCounts: (name = 'orders') => ({
      blue: cloud.ecs.service('shop', `${name}-blue`).desiredCount,
      green: cloud.ecs.service('shop', `${name}-green`).desiredCount,
    }),
  };
}

/** A route with all fields that the sample drops. */
export function httpSpec(name: string): RouteSpec {
  return {
    priority: 7,
    httpRoute: {
      match: { prefix: '/', headers: [{ name: 'tenant', match: { exact: 'a' } }] },
      retryPolicy: {
        maxRetries: 3,
        perRetryTimeout: { unit: 's', value: 2 },
        httpRetryEvents: ['server-error'],
      },
      timeout: { idle: { unit: 's', value: 30 } },
      action: { weightedTargets: [{ virtualNode: `${name}-blue`, weight: 100 }] },
    },
  };
}

/** A tcp route with all its traffic on blue. */
export function tcpSpec(name: string): RouteSpec {
  return {
    tcpRoute: {
      timeout: { idle: { unit: 's', value: 90 } },
      action: { weightedTargets: [{ virtualNode: `${name}-blue`, weight: 100 }] },
    },
  };
}
