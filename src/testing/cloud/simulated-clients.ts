import { APIGatewayClient } from '@aws-sdk/client-api-gateway';
import { AppMeshClient } from '@aws-sdk/client-app-mesh';
import { ApplicationAutoScalingClient } from '@aws-sdk/client-application-auto-scaling';
import { ApplicationSignalsClient } from '@aws-sdk/client-application-signals';
import * as cloudWatchSdk from '@aws-sdk/client-cloudwatch';
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import * as codeDeploySdk from '@aws-sdk/client-codedeploy';
import { CodeDeployClient } from '@aws-sdk/client-codedeploy';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import * as ecsSdk from '@aws-sdk/client-ecs';
import { ECSClient } from '@aws-sdk/client-ecs';
import * as elasticLoadBalancingSdk from '@aws-sdk/client-elastic-load-balancing-v2';
import { ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { GlobalAcceleratorClient } from '@aws-sdk/client-global-accelerator';
import { KinesisClient } from '@aws-sdk/client-kinesis';
import * as lambdaSdk from '@aws-sdk/client-lambda';
import { LambdaClient } from '@aws-sdk/client-lambda';
import * as rdsSdk from '@aws-sdk/client-rds';
import { RDSClient } from '@aws-sdk/client-rds';
import * as rdsDataSdk from '@aws-sdk/client-rds-data';
import { RDSDataClient } from '@aws-sdk/client-rds-data';
import { Route53Client } from '@aws-sdk/client-route-53';
import { SchedulerClient } from '@aws-sdk/client-scheduler';
import { SFNClient } from '@aws-sdk/client-sfn';
import { SNSClient } from '@aws-sdk/client-sns';
import * as sqsSdk from '@aws-sdk/client-sqs';
import { SQSClient } from '@aws-sdk/client-sqs';
import * as ssmSdk from '@aws-sdk/client-ssm';
import { SSMClient } from '@aws-sdk/client-ssm';
import { VPCLatticeClient } from '@aws-sdk/client-vpc-lattice';
import type { ClientConfig } from '../../core/clients.js';
import { sdkModules } from '../../core/sdk-modules.js';
import {
  cloudWatchModule,
  lambdaModule,
  rdsDataModule,
  rdsModule,
  sqsModule,
  ssmModule,
} from '../../core/sdk-modules-of-gates.js';

const clientClasses = {
  apiGateway: APIGatewayClient,
  appMesh: AppMeshClient,
  applicationAutoScaling: ApplicationAutoScalingClient,
  applicationSignals: ApplicationSignalsClient,
  cloudWatch: CloudWatchClient,
  codeDeploy: CodeDeployClient,
  dynamoDb: DynamoDBClient,
  ecs: ECSClient,
  elasticLoadBalancing: ElasticLoadBalancingV2Client,
  eventBridge: EventBridgeClient,
  globalAccelerator: GlobalAcceleratorClient,
  kinesis: KinesisClient,
  lambda: LambdaClient,
  rds: RDSClient,
  rdsData: RDSDataClient,
  route53: Route53Client,
  scheduler: SchedulerClient,
  sns: SNSClient,
  sqs: SQSClient,
  ssm: SSMClient,
  stepFunctions: SFNClient,
  vpcLattice: VPCLatticeClient,
} as const;

/** A client of every simulated service, by the names of the tools' `clients` option. */
export type SimulatedClients = {
  readonly [Name in keyof typeof clientClasses]: InstanceType<(typeof clientClasses)[Name]>;
};

/** Global Accelerator has its API in one Region. */
function configOf(name: string, config: ClientConfig): ClientConfig {
  return name === 'globalAccelerator' ? { ...config, region: 'us-west-2' } : config;
}

/** Returns clients that are created on first use. */
export function lazyClients(
  config: ClientConfig,
  connect: <Client extends SimulatedClients[keyof SimulatedClients]>(client: Client) => Client,
): SimulatedClients {
  provideModules();
  const clients = {};
  for (const [name, ClientClass] of Object.entries(clientClasses)) {
    let client: SimulatedClients[keyof SimulatedClients] | undefined;
    Object.defineProperty(clients, name, {
      enumerable: true,
      get: () => (client ??= connect(new ClientClass(configOf(name, config)))),
    });
  }
  return clients as SimulatedClients;
}

/** Provides the modules that switches and gates import at their first call. */
function provideModules(): void {
  sdkModules.codeDeploy.provide(codeDeploySdk);
  sdkModules.ecs.provide(ecsSdk);
  sdkModules.elasticLoadBalancing.provide(elasticLoadBalancingSdk);
  sdkModules.lambda.provide(lambdaSdk);
  cloudWatchModule.provide(cloudWatchSdk);
  lambdaModule.provide(lambdaSdk);
  rdsModule.provide(rdsSdk);
  rdsDataModule.provide(rdsDataSdk);
  sqsModule.provide(sqsSdk);
  ssmModule.provide(ssmSdk);
}
