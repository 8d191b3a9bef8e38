import { createHash } from 'node:crypto';
import { InvalidRevisionException, type RevisionLocation } from '@aws-sdk/client-codedeploy';
import { clientFault } from '../../cloud/environment.js';
import type { CodeDeployHookName, SimulatedDeploymentOptions } from './simulated-code-deploy-types.js';

/** The events that can have a hook, in their order. */
export const hookNames: readonly CodeDeployHookName[] = [
  'BeforeInstall',
  'AfterInstall',
  'AfterAllowTestTraffic',
  'BeforeAllowTraffic',
  'AfterAllowTraffic',
];

/** The parts of an AppSpec file that a deployment uses. */
export interface AppSpec {
  /** The task definition of the replacement. */
  readonly taskDefinition: string | undefined;
  /** The names of the functions, by the event at which they run. */
  readonly hooks: Partial<Readonly<Record<CodeDeployHookName, string>>>;
}

/**
 * Writes an AppSpec file of an ECS deployment.
 *
 * @see https://docs.aws.amazon.com/codedeploy/latest/userguide/reference-appspec-file-structure-resources.html
 */
export function writeAppSpec({ taskDefinition, hooks }: AppSpec): string {
  const named = hookNames.flatMap((name) => (hooks[name] === undefined ? [] : [{ [name]: hooks[name] }]));
  return JSON.stringify({
    version: 1,
    Resources: [
      {
        TargetService: {
          Type: 'AWS::ECS::Service',
          Properties: {
            TaskDefinition: taskDefinition,
            LoadBalancerInfo: { ContainerName: 'web', ContainerPort: 80 },
          },
        },
      },
    ],
    Hooks: named,
  });
}

/**
 * Reads an AppSpec file in JSON.
 *
 * @throws TypeError for YAML, which the simulation does not read.
 */
export function readAppSpec(content: string): AppSpec {
  if (!content.trimStart().startsWith('{'))
    throw new TypeError('SimulatedCloud reads AppSpec files in JSON only');
  const parsed = parse(content);
  const [resource] = parsed.Resources ?? parsed.resources ?? [];
  const taskDefinition = resource?.TargetService?.Properties?.TaskDefinition;
  if (taskDefinition === undefined)
    throw new InvalidRevisionException(clientFault('The AppSpec file has no TargetService'));
  const hooks: Record<string, string> = Object.assign({}, ...(parsed.Hooks ?? parsed.hooks ?? []));
  const unknown = Object.keys(hooks).find((name) => !hookNames.some((it) => it === name));
  if (unknown !== undefined)
    throw new InvalidRevisionException(clientFault(`The AppSpec file has the unknown hook ${unknown}`));
  return { taskDefinition, hooks };
}

interface AppSpecFile {
  readonly Resources?: readonly AppSpecResource[];
  readonly resources?: readonly AppSpecResource[];
  readonly Hooks?: readonly Record<string, string>[];
  readonly hooks?: readonly Record<string, string>[];
}

interface AppSpecResource {
  readonly TargetService?: { readonly Properties?: { readonly TaskDefinition?: string } };
}

function parse(content: string): AppSpecFile {
  try {
    return JSON.parse(content) as AppSpecFile;
  } catch {
    throw new InvalidRevisionException(clientFault('The AppSpec file is no valid JSON'));
  }
}

/** The place of a revision. */
export interface RevisionPlace {
  readonly application: string;
  readonly revisionType: 'AppSpecContent' | 'S3';
}

/** The location of an AppSpec file without its content, as GetDeployment returns it. */
export function locationOf(content: string, { application, revisionType }: RevisionPlace): RevisionLocation {
  const sha256 = createHash('sha256').update(content).digest('hex');
  if (revisionType === 'S3') {
    const s3Location = {
      bucket: `${application}-revisions`,
      key: `${sha256}.json`,
      bundleType: 'JSON' as const,
    };
    return { revisionType, s3Location };
  }
  return { revisionType: 'AppSpecContent', appSpecContent: { sha256 } };
}

/** Returns the names of the functions in the AppSpec file. A handler of a test has a made-up name. */
export function namesOf(hooks: SimulatedDeploymentOptions['hooks'] = {}): Record<string, string> {
  return Object.fromEntries(
    hookNames.flatMap((name) => {
      const hook = hooks[name];
      return hook === undefined ? [] : [[name, typeof hook === 'string' ? hook : `hook-${name}`]];
    }),
  );
}
