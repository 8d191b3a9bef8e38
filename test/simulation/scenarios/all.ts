import type { MethodScenario } from '../../support/method-scenario.js';
import { auroraScenarios } from './aurora.js';
import { cloudwatchScenarios } from './cloudwatch.js';
import { dynamoScenarios } from './dynamo.js';
import { ecsScenarios } from './ecs.js';
import { ecsDeploymentScenarios } from './ecs-deployments.js';
import { hooksScenarios } from './hooks.js';
import { kinesisScenarios } from './kinesis.js';
import { lambdaScenarios } from './lambda.js';
import { schedulerScenarios } from './scheduler.js';
import { snsScenarios } from './sns.js';
import { sqsScenarios } from './sqs.js';

/** Every public method of every tool, and the hook, in all situations. The fault matrix fails when a method is missing. */
export const methodScenarios: readonly MethodScenario[] = [
  ...auroraScenarios,
  ...cloudwatchScenarios,
  ...dynamoScenarios,
  ...ecsScenarios,
  ...ecsDeploymentScenarios,
  ...hooksScenarios,
  ...kinesisScenarios,
  ...lambdaScenarios,
  ...schedulerScenarios,
  ...snsScenarios,
  ...sqsScenarios,
];
