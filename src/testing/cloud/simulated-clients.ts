import { APIGatewayClient } from '@aws-sdk/client-api-gateway';
import { AppMeshClient } from '@aws-sdk/client-app-mesh';
import { ApplicationAutoScalingClient } from '@aws-sdk/client-application-auto-scaling';
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import * as codeDeploySdk from '@aws-sdk/client-codedeploy';
import { CodeDeployClient } from '@aws-sdk/client-codedeploy';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import * as ecsSdk from '@aws-sdk/client-ecs';
import { ECSClient } from '@aws-sdk/client-ecs';
import * as elasticLoadBalancingSdk from '@aws-sdk/client-elastic-load-balancing-v2';
import { ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { KinesisClient } from '@aws-sdk/client-kinesis';
import * as lambdaSdk from '@aws-sdk/client-lambda';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { RDSClient } from '@aws-sdk/client-rds';
import { SNSClient } from '@aws-sdk/client-sns';
import { SQSClient } from '@aws-sdk/client-sqs';
import { VPCLatticeClient } from '@aws-sdk/client-vpc-lattice';
import type { ClientConfig } from '../../core/clients.js';
import { sdkModules } from '../../core/sdk-modules.js';

const clientClasses = {
  apiGateway: APIGatewayClient,
  appMesh: AppMeshClient,
  applicationAutoScaling: ApplicationAutoScalingClient,
  cloudWatch: CloudWatchClient,
  codeDeploy: CodeDeployClient,
  dynamoDb: DynamoDBClient,
  ecs: ECSClient,
  elasticLoadBalancing: ElasticLoadBalancingV2Client,
  eventBridge: EventBridgeClient,
  kinesis: KinesisClient,
  lambda: LambdaClient,
  rds: RDSClient,
  sns: SNSClient,
  sqs: SQSClient,
  vpcLattice: VPCLatticeClient,
} as const;

/** A client of every simulated service, by the names of the tools' `clients` option. */
export type SimulatedClients = {
  readonly [Name in keyof typeof clientClasses]: InstanceType<(typeof clientClasses)[Name]>;
};

/** Returns clients that are created on first use. */
export function lazyClients(
  config: ClientConfig,
  connect: <Client extends SimulatedClients[keyof SimulatedClients]>(client: Client) => Client,
): SimulatedClients {
  sdkModules.codeDeploy.provide(codeDeploySdk);
  sdkModules.ecs.provide(ecsSdk);
  sdkModules.elasticLoadBalancing.provide(elasticLoadBalancingSdk);
  sdkModules.lambda.provide(lambdaSdk);
  const clients = {};
  for (const [name, ClientClass] of Object.entries(clientClasses)) {
    let client: SimulatedClients[keyof SimulatedClients] | undefined;
    Object.defineProperty(clients, name, {
      enumerable: true,
      get: () => (client ??= connect(new ClientClass(config))),
    });
  }
  return clients as SimulatedClients;
}
