import { isThrottlingError } from '@smithy/core/retry';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { callAws } from '../../../src/core/aws-call.js';
import {
  AccessDeniedError,
  InvalidInputError,
  MultipleFailuresError,
  ResourceNotFoundError,
  ResourceStateError,
} from '../../../src/core/errors.js';
import {
  classifyFailure,
  type FailureKind,
  isAwsResponse,
  isConflict,
  isRefusedForNow,
  isThrottle,
} from '../../../src/core/failures.js';
import { StepFailedError } from '../../../src/swap/steps/step-failed-error.js';

const awsError = (name: string, httpStatusCode?: number, message = name) =>
  Object.assign(new Error(message), { name, ...(httpStatusCode && { $metadata: { httpStatusCode } }) });

/** Returns an error as a call of the action throws it. */
async function thrownIn(action: string, error: unknown): Promise<unknown> {
  try {
    await callAws({ action, resource: 'orders' }, () => Promise.reject(error));
  } catch (thrown) {
    return thrown;
  }
  throw new Error('callAws has to reject');
}

describe('Function: classifyFailure', () => {
  // aws-2026, table of passing and final errors.
  test.each<[string, string, number, FailureKind, string?]>([
    ['rds:StopDBCluster', 'Throttling', 400, 'passing'],
    ['elasticloadbalancing:ModifyRule', 'ResourceInUseException', 400, 'passing'],
    ['elasticloadbalancing:ModifyRule', 'PriorRequestNotCompleteException', 429, 'passing'],
    ['elasticloadbalancing:SetRulePriorities', 'PriorityInUseException', 400, 'final'],
    ['elasticloadbalancing:ModifyRule', 'TargetGroupAssociationLimitException', 400, 'final'],
    ['elasticloadbalancing:ModifyRule', 'TooManyActionsException', 400, 'final'],
    ['elasticloadbalancing:ModifyRule', 'InvalidConfigurationRequestException', 400, 'final'],
    ['elasticloadbalancing:ModifyRule', 'InvalidLoadBalancerActionException', 400, 'final'],
    ['elasticloadbalancing:ModifyRule', 'OperationNotPermittedException', 400, 'final'],
    ['elasticloadbalancing:DescribeRules', 'RuleNotFoundException', 400, 'final'],
    ['elasticloadbalancing:DescribeTargetHealth', 'HealthUnavailableException', 500, 'passing'],
    ['appmesh:UpdateRoute', 'ConflictException', 409, 'passing'],
    ['appmesh:UpdateRoute', 'LimitExceededException', 400, 'final'],
    ['appmesh:UpdateRoute', 'TooManyRequestsException', 429, 'passing'],
    ['appmesh:UpdateRoute', 'TooManyTagsException', 400, 'final'],
    ['vpc-lattice:UpdateRule', 'ConflictException', 409, 'passing'],
    ['vpc-lattice:UpdateRule', 'ServiceQuotaExceededException', 402, 'final'],
    ['lambda:UpdateAlias', 'ResourceConflictException', 409, 'passing', 'An update is in progress'],
    ['lambda:CreateAlias', 'ResourceConflictException', 409, 'final', 'Alias already exists: live'],
    ['lambda:UpdateEventSourceMapping', 'ResourceInUseException', 400, 'passing'],
    ['lambda:UpdateAlias', 'TooManyRequestsException', 429, 'passing'],
    ['lambda:UpdateAlias', 'PreconditionFailedException', 412, 'stale'],
    ['lambda:UpdateAlias', 'InvalidParameterValueException', 400, 'final', 'Version must be a number'],
    [
      'lambda:UpdateAlias',
      'InvalidParameterValueException',
      400,
      'passing',
      'Alias with weights can not be used with Provisioned Concurrency',
    ],
    ['lambda:PublishVersion', 'CodeStorageExceededException', 400, 'final'],
    ['ecs:UpdateService', 'ServerException', 500, 'passing'],
    ['ecs:UpdateService', 'ThrottlingException', 400, 'passing'],
    ['ecs:CreateService', 'LimitExceededException', 400, 'final'],
    ['ecs:RunTask', 'ConflictException', 400, 'final'],
    ['ecs:StopServiceDeployment', 'ConflictException', 400, 'passing'],
    ['ecs:UpdateService', 'ServiceNotActiveException', 400, 'final'],
    ['ecs:DeleteCluster', 'ClusterContainsTasksException', 400, 'passing'],
    ['ecs:UpdateService', 'UpdateInProgressException', 400, 'passing'],
    ['rds-data:ExecuteStatement', 'DatabaseResumingException', 400, 'passing'],
    ['rds-data:ExecuteStatement', 'InvalidResourceStateException', 400, 'passing'],
    ['rds-data:ExecuteStatement', 'DatabaseUnavailableException', 504, 'passing'],
    ['rds-data:ExecuteStatement', 'DatabaseNotFoundException', 404, 'final'],
    ['rds-data:ExecuteStatement', 'HttpEndpointNotEnabledException', 400, 'final'],
    ['rds-data:ExecuteStatement', 'DatabaseErrorException', 400, 'final'],
    ['scheduler:UpdateSchedule', 'ConflictException', 409, 'passing'],
    ['scheduler:UpdateSchedule', 'ThrottlingException', 429, 'passing'],
    ['scheduler:UpdateSchedule', 'ServiceQuotaExceededException', 402, 'final'],
    ['scheduler:UpdateSchedule', 'ValidationException', 400, 'final'],
    ['ssm:GetCalendarState', 'InternalServerError', 500, 'passing'],
    ['ssm:GetCalendarState', 'InvalidDocument', 400, 'final'],
    ['ssm:GetCalendarState', 'UnsupportedCalendarException', 400, 'final'],
    ['cloudwatch:PutAlarmMuteRule', 'LimitExceededFault', 400, 'final'],
    ['cloudwatch:PutAlarmMuteRule', 'LimitExceededException', 400, 'final'],
    ['cloudwatch:PutAlarmMuteRule', 'ConcurrentModificationException', 429, 'passing'],
    ['cloudwatch:DisableAlarmActions', 'ResourceConflict', 409, 'passing'],
    ['route53:ChangeResourceRecordSets', 'PriorRequestNotComplete', 400, 'passing'],
    ['route53:ChangeResourceRecordSets', 'Throttling', 400, 'passing'],
    [
      'route53:ChangeResourceRecordSets',
      'InvalidChangeBatch',
      400,
      'stale',
      "[Tried to delete resource record set [name='a.', type='A'] but the values provided do not match the current values]",
    ],
    [
      'route53:ChangeResourceRecordSets',
      'InvalidChangeBatch',
      400,
      'stale',
      "[Tried to delete resource record set [name='a.', type='A'] but it was not found]",
    ],
    ['route53:ChangeResourceRecordSets', 'InvalidChangeBatch', 400, 'final', 'A protection exists'],
    ['route53:ChangeResourceRecordSets', 'NoSuchHostedZone', 404, 'final'],
    ['route53:ChangeResourceRecordSets', 'Unknown', 400, 'final', 'UnknownError'],
    ['globalaccelerator:UpdateEndpointGroup', 'TransactionInProgressException', 400, 'passing'],
    ['globalaccelerator:UpdateEndpointGroup', 'LimitExceededException', 400, 'final'],
    ['globalaccelerator:UpdateEndpointGroup', 'InvalidArgumentException', 400, 'final'],
    ['globalaccelerator:UpdateEndpointGroup', 'InternalServiceErrorException', 500, 'passing'],
    ['states:UpdateStateMachineAlias', 'ConflictException', 409, 'passing'],
    ['states:UpdateStateMachineAlias', 'StateMachineDeleting', 400, 'final'],
    ['states:UpdateStateMachineAlias', 'ValidationException', 400, 'final'],
    ['states:DescribeStateMachine', 'KmsThrottlingException', 400, 'passing'],
    ['dynamodb:UpdateItem', 'ReplicatedWriteConflictException', 409, 'passing'],
    ['dynamodb:CreateTable', 'ResourceInUseException', 400, 'final', 'Table already exists: orders'],
    ['dynamodb:DeleteTable', 'ResourceInUseException', 400, 'passing', 'Table is being updated: orders'],
    ['ecs:UpdateService', 'InvalidParameterException', 400, 'final'],
    [
      'ecs:RegisterTaskDefinition',
      'ClientException',
      400,
      'passing',
      'Too many concurrent attempts to create a new revision of the specified family.',
    ],
    ['ecs:RegisterTaskDefinition', 'ClientException', 400, 'final', 'Container list cannot be empty.'],
    [
      'ecs:CreateService',
      'InvalidParameterException',
      400,
      'passing',
      'Unable to Start a service that is still Draining.',
    ],
    [
      'ecs:CreateService',
      'InvalidParameterException',
      400,
      'passing',
      'Unable to assume the service linked role. Please verify that the ECS service linked role exists.',
    ],
    [
      'application-autoscaling:RegisterScalableTarget',
      'ValidationException',
      400,
      'passing',
      "ECS service doesn't exist: service/shop/web",
    ],
    ['application-autoscaling:RegisterScalableTarget', 'ValidationException', 400, 'final', 'MinCapacity'],
    ['rds:StopDBCluster', 'InvalidDBClusterStateFault', 400, 'passing'],
    ['rds:StopDBCluster', 'InvalidDBShardGroupStateFault', 400, 'passing'],
    ['rds:DeleteDBCluster', 'InvalidDBClusterSnapshotStateFault', 400, 'passing'],
    ['rds:DeleteDBCluster', 'InvalidSomethingNewState', 400, 'passing'],
    ['rds:DeleteDBCluster', 'InvalidGlobalClusterStateFault', 400, 'final'],
    [
      'rds:DeleteDBInstance',
      'InvalidDBClusterStateFault',
      400,
      'final',
      'Cannot delete the last instance of the master cluster',
    ],
    ['rds:CreateDBInstance', 'InstanceQuotaExceededFault', 400, 'final'],
    ['rds:CreateDBInstance', 'InsufficientDBInstanceCapacityFault', 400, 'passing'],
    [
      'rds:CreateDBInstance',
      'InvalidDBClusterStateFault',
      400,
      'final',
      'Set the Serverless v2 scaling configuration on the parent DB cluster before creating a Serverless v2 DB instance.',
    ],
    ['rds:StartDBCluster', 'InsufficientDBClusterCapacityFault', 403, 'passing'],
    ['rds:RestoreDBClusterToPointInTime', 'InsufficientStorageClusterCapacityFault', 400, 'passing'],
    ['rds:RestoreDBClusterToPointInTime', 'DBClusterQuotaExceededFault', 403, 'final'],
    ['rds:RestoreDBClusterToPointInTime', 'StorageQuotaExceededFault', 400, 'final'],
    ['rds:RestoreDBClusterFromSnapshot', 'KMSKeyNotAccessibleFault', 400, 'final'],
    ['rds:DeleteDBCluster', 'DBClusterAutomatedBackupQuotaExceededFault', 400, 'final'],
    ['rds:DeleteDBCluster', 'DBClusterSnapshotAlreadyExistsFault', 400, 'final'],
    [
      'kinesis:RegisterStreamConsumer',
      'LimitExceededException',
      400,
      'passing',
      'Rate exceeded for stream orders',
    ],
    [
      'kinesis:RegisterStreamConsumer',
      'LimitExceededException',
      400,
      'final',
      'Stream orders has reached its maximum of 20 consumers',
    ],
    [
      'kinesis:RegisterStreamConsumer',
      'LimitExceededException',
      400,
      'passing',
      'Stream orders has 5 consumers in CREATING status',
    ],
    ['kinesis:RegisterStreamConsumer', 'ResourceInUseException', 400, 'passing'],
    ['sns:SetSubscriptionAttributes', 'FilterPolicyLimitExceededException', 403, 'final'],
    ['sns:TagResource', 'StaleTagException', 400, 'passing'],
    ['sns:SetSubscriptionAttributes', 'ConcurrentAccessException', 400, 'passing'],
    ['sns:SetSubscriptionAttributes', 'InvalidParameterException', 400, 'final'],
    ['events:EnableRule', 'ConcurrentModificationException', 400, 'passing'],
    ['events:DisableRule', 'LimitExceededException', 400, 'final'],
    ['events:DisableRule', 'ManagedRuleException', 400, 'final'],
    ['cloudwatch:DisableAlarmActions', 'ConcurrentModificationException', 429, 'passing'],
    [
      'lambda:CreateEventSourceMapping',
      'InvalidParameterValueException',
      400,
      'passing',
      'The function role cannot be assumed by Lambda.',
    ],
    [
      'lambda:CreateEventSourceMapping',
      'ResourceConflictException',
      409,
      'final',
      'An event source mapping with SQS arn and function already exists',
    ],
    ['sns:Publish', 'KMSThrottlingException', 400, 'passing'],
    ['sqs:PurgeQueue', 'PurgeQueueInProgress', 403, 'passing'],
    ['sqs:PurgeQueue', 'RequestThrottled', 403, 'passing'],
    ['sqs:SendMessage', 'KmsThrottled', 400, 'passing'],
    ['cloudwatch:PutMetricAlarm', 'LimitExceededFault', 400, 'final'],
    ['cloudwatch:PutMetricAlarm', 'LimitExceededException', 400, 'final'],
    ['cloudwatch:PutAlarmMuteRule', 'ConcurrentModificationException', 429, 'passing'],
    ['cloudwatch:PutLogAlarm', 'ResourceConflict', 409, 'passing'],
    [
      'dynamodb:DeleteTable',
      'LimitExceededException',
      400,
      'passing',
      'Too many table operations at the same time',
    ],
    [
      'dynamodb:CreateTable',
      'LimitExceededException',
      400,
      'final',
      'The maximum number of tables is reached',
    ],
    ['dynamodb:DeleteTable', 'ResourceInUseException', 400, 'passing'],
    ['dynamodb:CreateBackup', 'BackupInUseException', 400, 'passing'],
    ['dynamodb:CreateBackup', 'TableInUseException', 400, 'passing'],
    ['dynamodb:PutItem', 'TransactionConflictException', 400, 'passing'],
    ['dynamodb:PutItem', 'ConditionalCheckFailedException', 400, 'final'],
    ['events:EnableRule', 'ConcurrentModificationException', 400, 'passing'],
    ['events:EnableRule', 'LimitExceededException', 400, 'final'],
    ['events:EnableRule', 'ManagedRuleException', 400, 'final'],
    ['application-autoscaling:RegisterScalableTarget', 'ConcurrentUpdateException', 400, 'passing'],
    ['application-autoscaling:RegisterScalableTarget', 'LimitExceededException', 400, 'final'],
    ['application-autoscaling:RegisterScalableTarget', 'ObjectNotFoundException', 400, 'final'],
    ['codedeploy:CreateDeployment', 'DeploymentLimitExceededException', 400, 'passing'],
    ['states:StartExecution', 'ExecutionLimitExceeded', 400, 'passing'],
    ['states:UpdateStateMachineAlias', 'ConflictException', 409, 'passing'],
    ['states:StartExecution', 'StateMachineDoesNotExist', 400, 'final'],
    ['apigateway:UpdateStage', 'LimitExceededException', 429, 'passing'],
  ])('classifies for %s: %s with status %i is %s', async (action, name, status, kind, message = name) => {
    const thrown = await thrownIn(action, awsError(name, status, message));

    expect(classifyFailure(thrown)).toBe(kind);
  });

  test.each<[string, unknown, FailureKind]>([
    ['a 4xx of an unknown service', awsError('SomethingIsWrong', 400), 'final'],
    ['a quota of an unknown service', awsError('LimitExceededException', 400), 'final'],
    ['a 4xx that the SDK retries', awsError('RequestTimeout', 400), 'passing'],
    ['a 5xx', awsError('Whatever', 599), 'passing'],
    ['an error without a status', new Error('connect ECONNREFUSED'), 'passing'],
    [
      'a denied permission',
      new AccessDeniedError({ action: 'a:B', resource: 'c', cause: undefined }),
      'final',
    ],
    ['an invalid input', new InvalidInputError({ subject: 'Options', problems: [] }), 'final'],
    ['a missing resource', new ResourceNotFoundError('Rule not found', { resource: 'r' }), 'final'],
    ['a failed step', new StepFailedError('Check errors failed', { resource: 'check errors' }), 'final'],
    ['a state that may change', new ResourceStateError('Not ready', { resource: 'r' }), 'passing'],
    [
      'a state error caused by a passing refusal',
      new ResourceStateError('Not ready', { resource: 'r', cause: awsError('ResourceInUseException', 400) }),
      'passing',
    ],
    [
      'a state error caused by a final refusal',
      new ResourceStateError('Not possible', { resource: 'r', cause: awsError('QuotaExceededFault', 400) }),
      'final',
    ],
    [
      'several failures with a final one',
      new MultipleFailuresError({ errors: [awsError('Throttling', 400), awsError('Denied', 403)], total: 2 }),
      'final',
    ],
    [
      'several passing failures',
      new MultipleFailuresError({ errors: [awsError('Throttling', 400), new Error('x')], total: 2 }),
      'passing',
    ],
    ['undefined', undefined, 'passing'],
    ['a string', 'Throttling', 'passing'],
    ['an object without a prototype', Object.create(null), 'passing'],
  ])('classifies %s as %s', (_, thrown, kind) => {
    expect(classifyFailure(thrown)).toBe(kind);
  });

  test('returns passing for an error whose name cannot be read', () => {
    const unreadable = Object.defineProperty(new Error('x'), 'name', {
      get() {
        throw new Error('no name');
      },
    });

    expect(classifyFailure(unreadable)).toBe('passing');
    expect(isThrottle(unreadable)).toBe(false);
    expect(isRefusedForNow(unreadable)).toBe(false);
  });

  test('returns a kind for any thrown value', () => {
    fc.assert(
      fc.property(fc.anything(), (thrown) => {
        expect(['final', 'passing', 'stale']).toContain(classifyFailure(thrown));
        expect(typeof isThrottle(thrown)).toBe('boolean');
        expect(typeof isRefusedForNow(thrown)).toBe('boolean');
      }),
    );
  });
});

describe('Function: isThrottle', () => {
  test.each([
    ['ThrottlingException', 400],
    ['Throttling', 400],
    ['TooManyRequestsException', 429],
    ['AnotherName', 429],
  ])('returns true for %s with status %i', (name, status) => {
    expect(isThrottle(awsError(name, status))).toBe(true);
  });

  test.each([
    awsError('AccessDeniedException', 403),
    awsError('InternalFailure', 500),
    awsError('LimitExceededException', 400),
    'Throttling',
    undefined,
  ])('returns false for %s', (error) => {
    expect(isThrottle(error)).toBe(false);
  });
});

describe('Function: isThrottle › names of the SDK', () => {
  // `LimitExceededException` is the exception: a quota in most services.
  test.each([
    'BandwidthLimitExceeded',
    'EC2ThrottledException',
    'PriorRequestNotComplete',
    'ProvisionedThroughputExceededException',
    'RequestLimitExceeded',
    'RequestThrottled',
    'RequestThrottledException',
    'SlowDown',
    'ThrottledException',
    'Throttling',
    'ThrottlingException',
    'TooManyRequestsException',
  ])('returns true for %s', (name) => {
    expect(isThrottlingError(Object.assign(new Error(name), { name, cause: new Error('none') }))).toBe(true);
    expect(isThrottle(awsError(name, 400))).toBe(true);
    expect(classifyFailure(awsError(name, 400))).toBe('passing');
  });
});

describe('Function: isRefusedForNow', () => {
  test.each([awsError('ConcurrentUpdateException', 400), awsError('Throttling', 400), awsError('Any', 429)])(
    'returns true for %s',
    (error) => {
      expect(isRefusedForNow(error)).toBe(true);
    },
  );

  test.each([
    awsError('InternalFailure', 500),
    awsError('TimeoutError'),
    awsError('ValidationException', 400),
  ])('returns false for %s', (error) => {
    expect(isRefusedForNow(error)).toBe(false);
  });
});

describe('Function: isConflict', () => {
  test.each([
    ['ConcurrentModificationException', 400, true],
    ['ResourceInUseException', 400, true],
    ['ThrottlingException', 400, false],
    ['TooManyRequestsException', 429, false],
    ['ValidationException', 400, false],
    ['InternalFailure', 500, false],
  ])('returns for %s (%i): %s', (name, status, expected) => {
    expect(isConflict(awsError(name, status))).toBe(expected);
  });

  test.each([undefined, null, 'text', Object.create(null)])('returns false for a thrown %o', (thrown) => {
    expect(isConflict(thrown)).toBe(false);
  });
});

describe('Function: isAwsResponse', () => {
  test.each<[unknown, boolean]>([
    [awsError('InternalFailure', 500), true],
    [awsError('ThrottlingException', 400), true],
    [awsError('TimeoutError'), false],
    [new ResourceStateError('Split changed', { resource: 'orders', remedy: 'Read it again' }), false],
    [undefined, false],
    [Object.create(null), false],
  ])('returns for %s: %s', (error, expected) => {
    expect(isAwsResponse(error)).toBe(expected);
  });
});
