/** A share of the traffic, and the time until the next one. */
export interface TrafficStep {
  /** Percent of the production traffic that the replacement has. */
  readonly percent: number;
  /** Seconds before the next step. */
  readonly waitSeconds: number;
}

/** The way in which a deployment shifts the production traffic. */
export type SimulatedDeploymentConfiguration =
  | PredefinedConfiguration
  | {
      /** Shifts a first share, and the rest after an interval. */
      readonly type: 'canary';
      /** Percent of the first share, 1 to 99. */
      readonly percent: number;
      /** Minutes between both shares. */
      readonly minutes: number;
    }
  | {
      /** Shifts equal shares. */
      readonly type: 'linear';
      /** Percent of one share, 1 to 99. */
      readonly percent: number;
      /** Minutes between two shares. */
      readonly minutes: number;
    };

/**
 * CodeDeploy's own configurations for ECS.
 *
 * @see https://docs.aws.amazon.com/codedeploy/latest/userguide/deployment-configurations.html
 */
const predefined = {
  'CodeDeployDefault.ECSAllAtOnce': undefined,
  'CodeDeployDefault.ECSCanary10Percent5Minutes': { type: 'canary', percent: 10, minutes: 5 },
  'CodeDeployDefault.ECSCanary10Percent15Minutes': { type: 'canary', percent: 10, minutes: 15 },
  'CodeDeployDefault.ECSLinear10PercentEvery1Minutes': { type: 'linear', percent: 10, minutes: 1 },
  'CodeDeployDefault.ECSLinear10PercentEvery3Minutes': { type: 'linear', percent: 10, minutes: 3 },
} as const;

/** The name of a configuration that CodeDeploy has. */
export type PredefinedConfiguration = keyof typeof predefined;

/** Returns true for the name of a configuration that CodeDeploy has. */
export function isPredefined(name: string): name is PredefinedConfiguration {
  return Object.hasOwn(predefined, name);
}

/** Returns the shares of a configuration in order. */
export function trafficSteps(configuration: SimulatedDeploymentConfiguration): readonly TrafficStep[] {
  const shares = typeof configuration === 'string' ? predefined[configuration] : configuration;
  if (shares === undefined) return [{ percent: 100, waitSeconds: 0 }];
  const { type, percent, minutes } = shares;
  if (!(percent >= 1 && percent <= 99 && minutes >= 0))
    throw new TypeError(
      `Invalid deployment configuration: expected 1 to 99 percent, got ${percent} every ${minutes} minutes`,
    );
  const waitSeconds = minutes * 60;
  const count = type === 'canary' ? 1 : Math.ceil(100 / percent) - 1;
  const partial = Array.from({ length: count }, (_, index) => ({
    percent: percent * (index + 1),
    waitSeconds,
  }));
  return [...partial, { percent: 100, waitSeconds: 0 }];
}

/** Returns the name that GetDeployment shows. */
export function nameOfConfiguration(configuration: SimulatedDeploymentConfiguration): string {
  if (typeof configuration === 'string') return configuration;
  const { type, percent, minutes } = configuration;
  return `Custom.${type}-${percent}-percent-${minutes}-minutes`;
}
