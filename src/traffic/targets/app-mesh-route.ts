import { randomUUID } from 'node:crypto';
import {
  AppMeshClient,
  DescribeRouteCommand,
  type RouteSpec,
  UpdateRouteCommand,
  type WeightedTarget,
} from '@aws-sdk/client-app-mesh';
import * as v from 'valibot';
import { type CallOptions, callAws, requireField } from '../../core/aws-call.js';
import { resolveClients } from '../../core/clients.js';
import { invalidInput, ResourceStateError } from '../../core/errors.js';
import { type PossiblyMissing, requireFound } from '../../core/not-found.js';
import { nonEmptyString, stackPair, strictObject, wholeFrom } from '../../core/schemas.js';
import type { StackPair, StackReference } from '../../core/stack-reference.js';
import {
  clientOptionsOf,
  dependenciesOf,
  type ToolOptions,
  toolOptionsEntries,
} from '../../core/tool-options.js';
import { parseInput } from '../../core/validate.js';
import type { TrafficTarget, TrafficWeights } from '../types.js';
import { fromScale } from '../weights.js';
import { LastReading } from './last-reading.js';
import { permissionsOfTarget } from './permissions.js';
import { parseReadOptions, parseWeights, parseWriteOptions } from './target-options.js';

/** Virtual node of a stack. */
export interface AppMeshStackOptions {
  /** Name of the virtual node. */
  readonly virtualNode: string;
  /**
   * Port of the weighted target, 1–65535. Required for a node with several listeners.
   * @default any: only the name identifies the node, and it is added without a port
   */
  readonly port?: number | undefined;
}

/** Clients of {@link AppMeshRouteTarget}. */
export interface AppMeshRouteTargetClients {
  /** AWS App Mesh. */
  readonly appMesh: AppMeshClient;
}

/** Options of {@link AppMeshRouteTarget}. */
export type AppMeshRouteTargetOptions = ToolOptions<AppMeshStackOptions, AppMeshRouteTargetClients> & {
  /** Name of the mesh. */
  readonly meshName: string;
  /**
   * Account that owns a shared mesh.
   * @default the account of the credentials
   */
  readonly meshOwner?: string | undefined;
  /** Name of the virtual router of the route. */
  readonly virtualRouterName: string;
  /** Name of the route. */
  readonly routeName: string;
};

/** Maximum sum of the weights of a route, which are whole numbers. */
const maxTotal = 100;

const routeKinds = ['httpRoute', 'http2Route', 'grpcRoute', 'tcpRoute'] as const;

const subject = 'AppMeshRouteTarget options';

const optionsSchema = strictObject({
  ...toolOptionsEntries,
  ...stackPair(
    strictObject({
      virtualNode: nonEmptyString,
      port: v.optional(wholeFrom(1, 65_535, 'a port, 1 to 65535')),
    }),
  ),
  meshName: nonEmptyString,
  meshOwner: v.optional(nonEmptyString),
  virtualRouterName: nonEmptyString,
  routeName: nonEmptyString,
});

/**
 * Target for an App Mesh route: two virtual nodes behind an http, http2, grpc or tcp route.
 *
 * `UpdateRoute` replaces the whole specification, so the target writes back all of the specification that it read, with new
 * weights. AWS has announced the end of App Mesh for 2026-09-30: this target is for meshes that are still being migrated.
 *
 * @remarks IAM: appmesh:DescribeRoute, appmesh:UpdateRoute
 * @example
 * ```ts
 * import { AppMeshRouteTarget, canary, TrafficShifter } from 'aws-blue-green-toolkit/traffic';
 *
 * const shifter = new TrafficShifter({
 *   target: new AppMeshRouteTarget({
 *     meshName: 'shop',
 *     virtualRouterName: 'orders',
 *     routeName: 'all',
 *     blue: { virtualNode: 'orders-blue' },
 *     green: { virtualNode: 'orders-green' },
 *   }),
 * });
 *
 * const { outcome } = await shifter.shiftTo('green', canary({ percent: 10, holdSeconds: 300 }));
 * ```
 *
 * @see https://docs.aws.amazon.com/app-mesh/latest/APIReference/API_UpdateRoute.html
 */
export class AppMeshRouteTarget implements TrafficTarget {
  /** `App Mesh route shop/orders/all` */
  readonly description: string;
  /** Permissions of its methods. */
  readonly permissions = permissionsOfTarget('AppMeshRouteTarget');
  readonly #stacks: StackPair<AppMeshStackOptions>;
  readonly #route: {
    readonly meshName: string;
    readonly virtualRouterName: string;
    readonly routeName: string;
    readonly meshOwner?: string;
  };
  readonly #appMesh: AppMeshClient;
  /** Last reading, which the next write changes. */
  readonly #lastRead: LastReading<RouteSpec>;

  /** @throws InvalidInputError when an option is missing, unknown or malformed, or when both stacks are the same node. */
  constructor(options: AppMeshRouteTargetOptions) {
    const parsed = parseInput(subject, optionsSchema, options);
    const { blue, green, meshName, meshOwner, virtualRouterName, routeName } = parsed;
    requireDistinctNodes(blue, green);
    this.#stacks = { blue, green };
    this.#route = {
      meshName,
      virtualRouterName,
      routeName,
      ...(meshOwner !== undefined && { meshOwner }),
    };
    this.description = `App Mesh route ${meshName}/${virtualRouterName}/${routeName}`;
    this.#appMesh = resolveClients<AppMeshRouteTargetClients>(clientOptionsOf(parsed), {
      appMesh: AppMeshClient,
    }).appMesh;
    this.#lastRead = new LastReading({
      ...dependenciesOf(parsed),
      resource: this.description,
      read: (call) => this.#read(call),
    });
  }

  /**
   * Reads the weights of the two virtual nodes. A node that is not in the route has 0 %.
   *
   * @remarks IAM: appmesh:DescribeRoute
   * @throws ResourceStateError when the route has other targets, or when nothing gets any traffic; ResourceNotFoundError when
   * the mesh, the virtual router or the route does not exist; AccessDeniedError
   */
  async readWeights(options: CallOptions = {}): Promise<TrafficWeights> {
    const { signal } = parseReadOptions(options);
    return this.#lastRead.judge(this.#read({ signal }), (spec) => this.#weightsOf(spec));
  }

  /**
   * Changes the two weights. A node that is not in the route is added, and one without traffic stays in it. The Envoy proxies
   * follow some seconds later.
   *
   * @remarks IAM: appmesh:UpdateRoute, and appmesh:DescribeRoute when nothing was read before
   * @throws ResourceStateError when the route has other targets; ResourceNotFoundError, AccessDeniedError
   */
  async writeWeights(weights: TrafficWeights, options: CallOptions = {}): Promise<void> {
    const wanted = parseWeights(weights);
    const { signal } = parseWriteOptions(options);
    await this.#lastRead.change(this.nearestWeights(wanted), { signal }, async (spec) => {
      const from = this.#weightsOf(spec);
      const to = toRouteWeights(wanted);
      const command = new UpdateRouteCommand({
        ...this.#route,
        // Weights that seem live already are written too, because the reading may be stale.
        spec: isRatioOf(from, to) ? spec : this.#withWeights(spec, to),
        // AWS recognises a retry by its token, so a retry cannot undo a write that follows the first attempt.
        clientToken: randomUUID(),
      });
      const call = { action: 'appmesh:UpdateRoute', resource: this.description, signal };
      await requireFound([this.#missing], () => callAws(call, (http) => this.#appMesh.send(command, http)));
      return [from];
    });
  }

  /**
   * Returns the nearest ratio of two whole weights that are at most 100 together. A share above zero is at least 1 %.
   *
   * @throws InvalidInputError for weights that are not 100 % together.
   */
  nearestWeights(weights: TrafficWeights): TrafficWeights {
    const wanted = parseWeights(weights);
    return fromScale(toRouteWeights(wanted)) ?? wanted;
  }

  async #read({ signal }: CallOptions): Promise<RouteSpec> {
    const call = { action: 'appmesh:DescribeRoute', resource: this.description, signal };
    const command = new DescribeRouteCommand(this.#route);
    const { route } = await requireFound([this.#missing], () =>
      callAws(call, (http) => this.#appMesh.send(command, http)),
    );
    return requireField(route?.spec, 'route.spec', call);
  }

  #weightsOf(spec: RouteSpec): TrafficWeights {
    const targets = this.#targetsOf(spec);
    const references = targets.map((target) => this.#stackOf(target));
    const isPair = references.every(
      (stack, index) => stack !== undefined && references.indexOf(stack) === index,
    );
    if (!isPair) {
      const { blue, green } = this.#stacks;
      throw new ResourceStateError('There are other destinations than the two stacks', {
        resource: this.description,
        expected: `${nameOf(blue)} and ${nameOf(green)} alone`,
        actual: targets.map(nameOf).join(', '),
        remedy: 'Remove them from the route, or correct virtualNode and port of the stacks',
      });
    }
    const weightOf = (stack: StackReference): number => {
      const target = targets[references.indexOf(stack)];
      return target === undefined ? 0 : requireField(target.weight, 'weight', this.#reading());
    };
    const weights = fromScale({ blue: weightOf('blue'), green: weightOf('green') });
    if (weights !== undefined) return weights;
    throw new ResourceStateError('Neither stack gets any traffic', {
      resource: this.description,
      expected: 'a weight above 0',
      actual: targets.map((target) => `${nameOf(target)} with ${target.weight}`).join(', ') || 'no target',
      remedy: 'Route traffic to one of the stacks first',
    });
  }

  #targetsOf(spec: RouteSpec): readonly WeightedTarget[] {
    const targets = spec[this.#kindOf(spec)]?.action?.weightedTargets;
    return requireField(targets, 'action.weightedTargets', this.#reading());
  }

  #kindOf(spec: RouteSpec): (typeof routeKinds)[number] {
    const kind = routeKinds.find((it) => spec[it] !== undefined);
    return requireField(kind, `one of ${routeKinds.join(', ')}`, this.#reading());
  }

  #stackOf({ virtualNode, port }: WeightedTarget): StackReference | undefined {
    return (['blue', 'green'] as const).find((name) => {
      const stack = this.#stacks[name];
      return stack.virtualNode === virtualNode && (stack.port === undefined || stack.port === port);
    });
  }

  /** Returns the specification with other weights. */
  #withWeights(spec: RouteSpec, weights: TrafficWeights): RouteSpec {
    const present = this.#targetsOf(spec).map((target) => ({ target, stack: this.#stackOf(target) }));
    const changed = present.map(({ target, stack }) =>
      stack === undefined ? target : { ...target, weight: weights[stack] },
    );
    const missing = (['blue', 'green'] as const).filter((it) => present.every(({ stack }) => stack !== it));
    const added = missing.map((stack) => {
      const { virtualNode, port } = this.#stacks[stack];
      return { virtualNode, weight: weights[stack], ...(port !== undefined && { port }) };
    });
    const weightedTargets = [...changed, ...added];
    const { httpRoute, http2Route, grpcRoute, tcpRoute } = spec;
    return {
      ...spec,
      ...(httpRoute && { httpRoute: { ...httpRoute, action: { ...httpRoute.action, weightedTargets } } }),
      ...(http2Route && { http2Route: { ...http2Route, action: { ...http2Route.action, weightedTargets } } }),
      ...(grpcRoute && { grpcRoute: { ...grpcRoute, action: { ...grpcRoute.action, weightedTargets } } }),
      ...(tcpRoute && { tcpRoute: { ...tcpRoute, action: { ...tcpRoute.action, weightedTargets } } }),
    };
  }

  #reading() {
    return { action: 'appmesh:DescribeRoute', resource: this.description };
  }

  get #missing(): PossiblyMissing {
    return {
      errorName: 'NotFoundException',
      kind: 'App Mesh route',
      resource: `${this.#route.meshName}/${this.#route.virtualRouterName}/${this.#route.routeName}`,
      remedy:
        'Check meshName, virtualRouterName and routeName, meshOwner of a shared mesh, and the virtual nodes of both stacks',
    };
  }
}

/**
 * Converts a pair of shares to two whole weights: whole percents unchanged, others in the nearest ratio, so that a ratio that was
 * read stays the same. A share above zero never becomes zero.
 */
function toRouteWeights(weights: TrafficWeights): TrafficWeights {
  const smaller = weights.blue <= weights.green ? 'blue' : 'green';
  const share = weights[smaller] / (weights.blue + weights.green);
  let best = { few: share === 0 ? 0 : Math.max(1, Math.round(share * maxTotal)), total: maxTotal };
  for (let total = 2; share > 0 && total < maxTotal; total += 1) {
    const few = Math.max(1, Math.round(share * total));
    const isNearer = Math.abs(few / total - share) < Math.abs(best.few / best.total - share) - 1e-12;
    if (isNearer) best = { few, total };
  }
  const { few, total } = best;
  return smaller === 'blue' ? { blue: few, green: total - few } : { blue: total - few, green: few };
}

function isRatioOf(percent: TrafficWeights, ratio: TrafficWeights): boolean {
  return Math.abs(percent.blue - (ratio.blue / (ratio.blue + ratio.green)) * 100) < 1e-9;
}

function nameOf({
  virtualNode,
  port,
}: {
  virtualNode: string | undefined;
  port?: number | undefined;
}): string {
  return port === undefined ? `${virtualNode}` : `${virtualNode}:${port}`;
}

/** @throws InvalidInputError for the same node in both stacks, unless their ports differ. */
function requireDistinctNodes(blue: AppMeshStackOptions, green: AppMeshStackOptions): void {
  const areDistinct =
    blue.virtualNode !== green.virtualNode ||
    (blue.port !== undefined && green.port !== undefined && blue.port !== green.port);
  if (areDistinct) return;
  throw invalidInput(subject, {
    field: 'green.virtualNode',
    expected: 'a different resource from blue',
    actual: JSON.stringify(nameOf(green)),
  });
}
