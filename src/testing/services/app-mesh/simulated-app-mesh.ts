import {
  BadRequestException,
  ConflictException,
  type DescribeRouteCommandInput,
  type DescribeRouteCommandOutput,
  NotFoundException,
  type RouteData,
  type RouteSpec,
  type UpdateRouteCommandInput,
  type UpdateRouteCommandOutput,
  type WeightedTarget,
} from '@aws-sdk/client-app-mesh';
import {
  clientFault,
  type OperationOutput,
  type SimulatedEnvironment,
  type SimulatedService,
} from '../../cloud/environment.js';
import { requireOptions } from '../../cloud/require-options.js';

/** The name of a route of the {@link SimulatedAppMesh}. */
export interface SimulatedRouteName {
  /** The mesh. */
  readonly meshName: string;
  /** The virtual router of the mesh. */
  readonly virtualRouterName: string;
  /** The route of the virtual router. */
  readonly routeName: string;
}

/** A route of the {@link SimulatedAppMesh}. */
export interface SimulatedRoute extends SimulatedRouteName {
  /** The account that owns the mesh. */
  readonly meshOwner: string;
  /** The complete spec of the route: its kind, match, targets, and further settings. */
  spec: RouteSpec;
  /** Counts the updates, from 1. */
  version: number;
  /** The virtual time of the last update, in milliseconds since 1970. */
  updatedAt: number;
}

interface StoredRoute extends SimulatedRoute {
  readonly uid: string;
  readonly createdAt: number;
  /** The spec that each client token came with. */
  readonly tokens: Map<string, string>;
}

const maxTargets = 10;
const maxTokenCharacters = 36;

/** App Mesh in memory: routes, with their weighted targets. An update takes effect at once. */
export class SimulatedAppMesh implements SimulatedService {
  readonly serviceId = 'App Mesh';
  readonly iamPrefix = 'appmesh';
  readonly throttlingError = 'TooManyRequestsException';
  /** @internal */
  readonly operations = {
    DescribeRoute: (input: DescribeRouteCommandInput): OperationOutput<DescribeRouteCommandOutput> => ({
      route: this.#describe(this.#find(input, input.meshOwner)),
    }),

    UpdateRoute: (input: UpdateRouteCommandInput): OperationOutput<UpdateRouteCommandOutput> => {
      const route = this.#find(input, input.meshOwner);
      const spec = requireMember(input.spec, 'spec');
      checkSpec(spec);
      if (isNewRequest(route, input.clientToken, spec)) {
        route.spec = structuredClone(spec);
        route.version += 1;
        route.updatedAt = this.#environment.clock.now();
      }
      return { route: this.#describe(route) };
    },
  };

  readonly #environment: SimulatedEnvironment;
  readonly #routes: StoredRoute[] = [];

  /** @internal */
  constructor(environment: SimulatedEnvironment) {
    this.#environment = environment;
  }

  /** Creates a route. Its mesh, virtual router and virtual nodes need not exist. */
  addRoute(
    options: SimulatedRouteName & {
      readonly spec: RouteSpec;
      /** @default the account of this cloud */
      readonly meshOwner?: string;
    },
  ): SimulatedRoute {
    requireOptions('SimulatedAppMesh.addRoute', options, {
      meshName: 'text',
      virtualRouterName: 'text',
      routeName: 'text',
      spec: 'needed',
      meshOwner: 'optional',
    });
    checkSpec(options.spec);
    const now = this.#environment.clock.now();
    const route: StoredRoute = {
      meshName: options.meshName,
      virtualRouterName: options.virtualRouterName,
      routeName: options.routeName,
      meshOwner: options.meshOwner ?? this.#environment.accountId,
      spec: structuredClone(options.spec),
      version: 1,
      uid: this.#environment.nextId(),
      createdAt: now,
      updatedAt: now,
      tokens: new Map(),
    };
    this.#routes.push(route);
    return route;
  }

  /** The route of this name. */
  route(name: SimulatedRouteName): SimulatedRoute {
    return this.#find(name);
  }

  /** The share of each virtual node in the route's traffic, in percent. */
  liveSplit(name: SimulatedRouteName): Readonly<Record<string, number>> {
    const targets = targetsOf(this.#find(name).spec);
    const total = targets.reduce((sum, { weight = 0 }) => sum + weight, 0);
    const split: Record<string, number> = {};
    for (const { virtualNode = '', weight = 0 } of targets) {
      split[virtualNode] = (split[virtualNode] ?? 0) + (total === 0 ? 0 : (weight / total) * 100);
    }
    return split;
  }

  #find(
    wanted: { [Name in keyof SimulatedRouteName]: string | undefined },
    meshOwner = this.#environment.accountId,
  ): StoredRoute {
    const meshName = requireMember(wanted.meshName, 'meshName');
    const virtualRouterName = requireMember(wanted.virtualRouterName, 'virtualRouterName');
    const routeName = requireMember(wanted.routeName, 'routeName');
    const route = this.#routes.find(
      (it) =>
        it.meshName === meshName &&
        it.virtualRouterName === virtualRouterName &&
        it.routeName === routeName &&
        it.meshOwner === meshOwner,
    );
    if (route === undefined) {
      const message = `There is no route ${routeName} of ${virtualRouterName} in the mesh ${meshName} of ${meshOwner}`;
      throw new NotFoundException(clientFault(message, 404));
    }
    return route;
  }

  #describe(route: StoredRoute): RouteData {
    const { meshName, virtualRouterName, routeName, meshOwner } = route;
    const path = `mesh/${meshName}/virtualRouter/${virtualRouterName}/route/${routeName}`;
    return {
      meshName,
      virtualRouterName,
      routeName,
      spec: route.spec,
      status: { status: 'ACTIVE' },
      metadata: {
        arn: this.#environment.arn('appmesh', path),
        version: route.version,
        uid: route.uid,
        createdAt: new Date(route.createdAt),
        lastUpdatedAt: new Date(route.updatedAt),
        meshOwner,
        resourceOwner: this.#environment.accountId,
      },
    };
  }
}

/** Returns false for a repeated client token: the request has taken effect already. */
function isNewRequest(route: StoredRoute, token: string | undefined, spec: RouteSpec): boolean {
  if (token === undefined) return true;
  if (!/^[\w-]+$/.test(token) || token.length > maxTokenCharacters)
    throw badRequest(
      `A clientToken has up to ${maxTokenCharacters} letters, digits, hyphens and underscores`,
    );
  const earlier = route.tokens.get(token);
  const now = JSON.stringify(spec);
  if (earlier === undefined) {
    route.tokens.set(token, now);
    return true;
  }
  if (earlier === now) return false;
  throw new ConflictException(clientFault('The client token was used with different specifications', 409));
}

function checkSpec(spec: RouteSpec): void {
  const kinds = [spec.httpRoute, spec.http2Route, spec.grpcRoute, spec.tcpRoute].filter(Boolean);
  if (kinds.length !== 1) throw badRequest('A route is one of httpRoute, http2Route, grpcRoute and tcpRoute');
  const targets = targetsOf(spec);
  if (targets.length < 1 || targets.length > maxTargets)
    throw badRequest(`A route has 1 to ${maxTargets} weighted targets`);
  const weights = targets.map(({ virtualNode, weight, port }) => {
    requireMember(virtualNode, 'virtualNode');
    if (port !== undefined && !(Number.isInteger(port) && port >= 1 && port <= 65_535))
      throw badRequest('A port is 1 to 65535');
    const number = requireMember(weight, 'weight');
    if (!Number.isInteger(number) || number < 0 || number > 100)
      throw badRequest('A weight is a whole number from 0 to 100');
    return number;
  });
  if (weights.reduce((sum, weight) => sum + weight, 0) > 100)
    throw badRequest('The weights of a route are at most 100 together');
}

function targetsOf({ httpRoute, http2Route, grpcRoute, tcpRoute }: RouteSpec): readonly WeightedTarget[] {
  return (httpRoute ?? http2Route ?? grpcRoute ?? tcpRoute)?.action?.weightedTargets ?? [];
}

/** Returns a required member. @throws BadRequestException, App Mesh's error for a malformed request. */
function requireMember<T>(value: T | undefined, member: string): T {
  if (value === undefined || value === '') throw badRequest(`Missing required member: ${member}`);
  return value;
}

function badRequest(message: string): BadRequestException {
  return new BadRequestException(clientFault(message));
}
