import * as v from 'valibot';
import { parseInput } from '../../core/validate.js';
import type { ShiftStrategy } from '../types.js';
import { allAtOnce, type BakeOptions, bakeSchema } from './all-at-once.js';
import { canary } from './canary.js';
import { linear } from './linear.js';

const tenPercentCanary = (minutes: number) => (bake: BakeOptions) =>
  canary({ percent: 10, holdSeconds: minutes * 60, ...bake });

const tenPercentLinear = (minutes: number) => (bake: BakeOptions) =>
  linear({ stepPercent: 10, intervalSeconds: minutes * 60, ...bake });

/** https://docs.aws.amazon.com/codedeploy/latest/userguide/deployment-configurations.html */
const configurations = {
  'CodeDeployDefault.ECSAllAtOnce': allAtOnce,
  'CodeDeployDefault.ECSCanary10Percent5Minutes': tenPercentCanary(5),
  'CodeDeployDefault.ECSCanary10Percent15Minutes': tenPercentCanary(15),
  'CodeDeployDefault.ECSLinear10PercentEvery1Minutes': tenPercentLinear(1),
  'CodeDeployDefault.ECSLinear10PercentEvery3Minutes': tenPercentLinear(3),
  'CodeDeployDefault.LambdaAllAtOnce': allAtOnce,
  'CodeDeployDefault.LambdaCanary10Percent5Minutes': tenPercentCanary(5),
  'CodeDeployDefault.LambdaCanary10Percent10Minutes': tenPercentCanary(10),
  'CodeDeployDefault.LambdaCanary10Percent15Minutes': tenPercentCanary(15),
  'CodeDeployDefault.LambdaCanary10Percent30Minutes': tenPercentCanary(30),
  'CodeDeployDefault.LambdaLinear10PercentEvery1Minute': tenPercentLinear(1),
  'CodeDeployDefault.LambdaLinear10PercentEvery2Minutes': tenPercentLinear(2),
  'CodeDeployDefault.LambdaLinear10PercentEvery3Minutes': tenPercentLinear(3),
  'CodeDeployDefault.LambdaLinear10PercentEvery10Minutes': tenPercentLinear(10),
} as const satisfies Readonly<Record<string, (bake: BakeOptions) => ShiftStrategy>>;

/** A deployment configuration that CodeDeploy predefines for ECS or Lambda. */
export type CodeDeployConfigName = keyof typeof configurations;

/** Every {@link CodeDeployConfigName}. */
export const codeDeployConfigNames = Object.keys(configurations) as CodeDeployConfigName[];

const nameSchema = v.picklist(codeDeployConfigNames);

/**
 * Moves the traffic like one of CodeDeploy's predefined configurations.
 *
 * @throws InvalidInputError for a name that CodeDeploy does not predefine, and for an unknown option or an impossible time.
 */
export function codeDeployConfig(name: CodeDeployConfigName, options: BakeOptions = {}): ShiftStrategy {
  const known = parseInput('CodeDeploy configuration', nameSchema, name);
  const bake = parseInput('codeDeployConfig options', bakeSchema, options);
  return { ...configurations[known](bake), name: known };
}
