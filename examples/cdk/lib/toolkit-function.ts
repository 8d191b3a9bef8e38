import { fileURLToPath } from 'node:url';
import type { IamPolicyDocument } from 'aws-blue-green-toolkit/iam';
import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Architecture, Runtime } from 'aws-cdk-lib/aws-lambda';
import { LogLevel, NodejsFunction } from 'aws-cdk-lib/aws-lambda-nodejs';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import { allow } from './permissions.js';

/** Properties of {@link ToolkitFunction}. */
export interface ToolkitFunctionProps {
  /** The file in `lambda/` that exports the `handler`. */
  readonly file: string;
  readonly functionName?: string;
  readonly description: string;
  readonly timeout: Duration;
  readonly environment: Readonly<Record<string, string>>;
  /** Permissions of the function, apart from writing its log. */
  readonly permissions: readonly IamPolicyDocument[];
}

const inThisPackage = (path: string) => fileURLToPath(new URL(`../${path}`, import.meta.url));

/** A Lambda function whose handler uses the toolkit. */
export class ToolkitFunction extends NodejsFunction {
  /** Lambda's maximum. */
  static readonly maxTimeout = Duration.minutes(15);

  constructor(scope: Construct, id: string, props: ToolkitFunctionProps) {
    const { file, permissions, environment, ...rest } = props;
    const logGroup = new LogGroup(scope, `${id}Log`, {
      retention: RetentionDays.THREE_MONTHS,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    // The CDK's default role allows AWS's policy for all logs of the account.
    const role = new Role(scope, `${id}Role`, { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
    logGroup.grantWrite(role);
    allow(role, permissions);
    super(scope, id, {
      ...rest,
      entry: inThisPackage(`lambda/${file}`),
      environment: { ...environment },
      role,
      logGroup,
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      memorySize: 256,
      projectRoot: inThisPackage('.'),
      depsLockFilePath: inThisPackage('package-lock.json'),
      bundling: {
        // Bundles the SDK version that the toolkit was tested with, and only the used clients.
        bundleAwsSDK: true,
        mainFields: ['module', 'main'],
        logLevel: LogLevel.WARNING,
      },
    });
  }
}
