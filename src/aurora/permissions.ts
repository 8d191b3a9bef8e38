import { type MethodPermissions, validatedByAutoScaling } from '../core/permissions.js';

const describeCluster = { action: 'rds:DescribeDBClusters', resources: ['dbCluster'] } as const;
const describeInstance = { action: 'rds:DescribeDBInstances', resources: ['dbInstance'] } as const;
const listInstances = {
  action: 'rds:DescribeDBInstances',
  resources: '*',
  because: {
    why: 'the members of a cluster are found by a filter, which RDS allows only with access to every instance (`db:*`)',
    source: 'https://github.com/awslabs/pireporter/issues/8',
  },
} as const;
const describeScaling = {
  action: 'application-autoscaling:DescribeScalableTargets',
  resources: '*',
} as const;
const registerScaling = {
  action: 'application-autoscaling:RegisterScalableTarget',
  resources: ['scalableTarget'],
  // The ARN of a target does not show what it scales.
  only: {
    operator: 'StringEquals',
    key: 'application-autoscaling:scalable-dimension',
    values: ['rds:cluster:ReadReplicaCount'],
  },
} as const;
const triedOut = [
  { action: 'rds:AddTagsToResource', ...validatedByAutoScaling },
  { action: 'rds:CreateDBInstance', ...validatedByAutoScaling },
  { action: 'rds:DeleteDBInstance', ...validatedByAutoScaling },
  { action: 'cloudwatch:DeleteAlarms', ...validatedByAutoScaling },
  { action: 'cloudwatch:DescribeAlarms', ...validatedByAutoScaling },
  { action: 'cloudwatch:PutMetricAlarm', ...validatedByAutoScaling },
] as const;
const setBounds = [
  describeScaling,
  registerScaling,
  // For a role that may not read these otherwise.
  { ...describeCluster, only: validatedByAutoScaling.only, notCalled: validatedByAutoScaling.notCalled },
  { action: 'rds:DescribeDBInstances', ...validatedByAutoScaling, because: listInstances.because },
  ...triedOut,
] as const;
const deletion = 'https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DeleteDBCluster.html';

const reference = 'https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonrds.html';
const created = ['dbCluster', 'dbClusterParameterGroup', 'dbOptionGroup', 'dbSubnetGroup'] as const;
const modifyCluster = {
  action: 'rds:ModifyDBCluster',
  resources: ['dbCluster'],
  when: 'databaseSettings',
} as const;
const countClones = {
  action: 'rds:DescribeDBClusters',
  resources: '*',
  when: 'databaseClone',
  because: {
    why: 'the clones of a cluster are counted by a filter, which RDS allows only with access to every cluster; a missing permission costs only the warning of a full copy',
    source: reference,
  },
} as const;
const withinCreation = (why: string) => ({ why, source: reference });
const creation = [
  describeCluster,
  countClones,
  listInstances,
  { action: 'rds:RestoreDBClusterToPointInTime', resources: created, when: 'databaseClone' },
  { action: 'rds:DescribeDBClusterSnapshots', resources: ['dbSourceSnapshot'], when: 'databaseSnapshot' },
  {
    action: 'rds:RestoreDBClusterFromSnapshot',
    resources: [...created, 'dbSourceSnapshot'],
    when: 'databaseSnapshot',
  },
  { action: 'rds:CreateDBCluster', resources: created, when: 'databaseEmpty' },
  modifyCluster,
  { action: 'rds:EnableHttpEndpoint', resources: ['dbCluster'], when: 'databaseSettings' },
  {
    action: 'rds:CreateDBInstance',
    resources: ['dbCluster', 'dbInstance', 'dbOptionGroup', 'dbParameterGroup', 'dbSubnetGroup'],
  },
  {
    action: 'rds:AddTagsToResource',
    resources: ['dbCluster', 'dbInstance'],
    notCalled: withinCreation('RDS asks for it when a resource is created with tags'),
  },
  {
    action: 'iam:PassRole',
    resources: ['dbRole'],
    when: 'databaseRoles',
    notCalled: withinCreation('RDS asks for it when a cluster or an instance gets a role'),
  },
  ...['kms:CreateGrant', 'kms:DescribeKey'].map(
    (action) =>
      ({
        action,
        resources: ['dbKey'],
        when: 'databaseKey',
        notCalled: withinCreation('RDS asks for it when a cluster is encrypted'),
      }) as const,
  ),
  ...['secretsmanager:CreateSecret', 'secretsmanager:TagResource'].map(
    (action) =>
      ({
        action,
        resources: ['dbSecret'],
        when: 'databaseSecret',
        notCalled: withinCreation('RDS asks for it when it manages the master password'),
      }) as const,
  ),
] as const;

const authorizing =
  'https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/blue-green-deployments-authorizing-access.html';
/** RDS names the green resources itself, so that no pattern of names matches them. */
const ofGreen = {
  resources: '*',
  because: {
    why: 'RDS names the resources of the green environment itself, and supports no pattern of their names',
    source: authorizing,
  },
} as const;
const onBehalf = (action: string, why: string, when?: 'blueGreenCluster' | 'blueGreenInstance') => ({
  action,
  ...ofGreen,
  ...(when !== undefined && { when }),
  notCalled: { why, source: authorizing },
});
const findDeployment = {
  action: 'rds:DescribeBlueGreenDeployments',
  resources: '*',
  because: {
    why: 'the deployment is found by its name, with a filter that needs access to every deployment',
    source: reference,
  },
} as const;
const findDatabases = [
  { action: 'rds:DescribeDBClusters', ...ofGreen, when: 'blueGreenCluster' },
  { action: 'rds:DescribeDBInstances', ...ofGreen },
] as const;
const findSource = [
  { ...describeCluster, when: 'blueGreenCluster' },
  { ...describeInstance, when: 'blueGreenInstance' },
] as const;
const createDeployment = [
  {
    action: 'rds:CreateBlueGreenDeployment',
    resources: [
      'blueGreenDeployment',
      'dbCluster',
      'dbClusterParameterGroup',
      'dbInstance',
      'dbParameterGroup',
    ],
  },
  ...['rds:AddTagsToResource', 'rds:CreateDBInstance'].map((action) =>
    onBehalf(action, 'RDS asks for it when it creates the green environment'),
  ),
  ...['rds:CreateDBCluster', 'rds:CreateDBClusterEndpoint'].map((action) =>
    onBehalf(action, 'RDS asks for it when it creates a green cluster', 'blueGreenCluster'),
  ),
  onBehalf(
    'rds:CreateDBInstanceReadReplica',
    'RDS asks for it when it creates a green instance',
    'blueGreenInstance',
  ),
] as const;
const readLag = { action: 'cloudwatch:GetMetricData', resources: '*', when: 'blueGreenLag' } as const;
const switchOver = [
  { action: 'rds:SwitchoverBlueGreenDeployment', resources: ['blueGreenDeployment'] },
  ...['rds:ModifyDBCluster', 'rds:PromoteReadReplicaDBCluster'].map((action) =>
    onBehalf(action, 'RDS asks for it when it switches a cluster over', 'blueGreenCluster'),
  ),
  ...['rds:ModifyDBInstance', 'rds:PromoteReadReplica'].map((action) =>
    onBehalf(action, 'RDS asks for it when it switches an instance over', 'blueGreenInstance'),
  ),
] as const;
const removeDeployment = [
  { action: 'rds:DeleteBlueGreenDeployment', resources: ['blueGreenDeployment'] },
  onBehalf('rds:DeleteDBInstance', 'RDS asks for it when it deletes the green environment'),
  ...['rds:DeleteDBCluster', 'rds:DeleteDBClusterEndpoint'].map((action) =>
    onBehalf(action, 'RDS asks for it when it deletes a green cluster', 'blueGreenCluster'),
  ),
] as const;
const unprotect = [
  { action: 'rds:ModifyDBCluster', ...ofGreen, when: 'blueGreenProtected' },
  { action: 'rds:ModifyDBInstance', ...ofGreen, when: 'blueGreenProtected' },
] as const;
const removal = [findDeployment, ...findDatabases, ...unprotect, ...removeDeployment] as const;
const wholeRun = [readLag, ...createDeployment, ...switchOver, ...removal] as const;

/** IAM permissions of `RdsBlueGreen`. */
export const blueGreenPermissions = {
  'RdsBlueGreen.advance': wholeRun,
  'RdsBlueGreen.begin': findSource,
  'RdsBlueGreen.createDeployment': [findDeployment, ...findSource, ...createDeployment],
  'RdsBlueGreen.deleteCompletedDeployment': [findDeployment, ...findSource, ...removeDeployment],
  'RdsBlueGreen.deleteGreenEnvironment': removal,
  'RdsBlueGreen.getDeployment': [findDeployment, ...findSource],
  'RdsBlueGreen.readGuardrails': [findDeployment, ...findDatabases, readLag],
  'RdsBlueGreen.rollBack': removal,
  'RdsBlueGreen.switchOver': [findDeployment, ...findDatabases, readLag, ...switchOver],
} as const satisfies MethodPermissions;

/** IAM permissions of `AuroraTools`. */
export const auroraPermissions = {
  'AuroraTools.applyTags': [
    describeInstance,
    describeCluster,
    { action: 'rds:ListTagsForResource', resources: ['dbCluster', 'dbInstance'] },
    { action: 'rds:AddTagsToResource', resources: ['dbInstance'] },
  ],
  'AuroraTools.createDatabase': creation,
  'AuroraTools.deleteCreatedDatabase': [
    describeCluster,
    listInstances,
    modifyCluster,
    { action: 'rds:DeleteDBInstance', resources: ['dbInstance'] },
    { action: 'rds:DeleteDBCluster', resources: ['dbCluster'] },
  ],
  'AuroraTools.deleteDatabase': [
    describeCluster,
    listInstances,
    { action: 'rds:DescribeAccountAttributes', resources: '*', when: 'finalSnapshot' },
    { action: 'rds:DeleteDBInstance', resources: ['dbInstance'] },
    { action: 'rds:DeleteDBCluster', resources: ['dbCluster'] },
    {
      action: 'rds:DeleteDBCluster',
      resources: ['dbClusterSnapshot'],
      when: 'finalSnapshot',
    },
    {
      action: 'rds:CreateDBClusterSnapshot',
      resources: ['dbCluster', 'dbClusterSnapshot'],
      when: 'finalSnapshot',
      notCalled: { why: 'RDS makes the final snapshot within `DeleteDBCluster`', source: deletion },
    },
    {
      action: 'rds:AddTagsToResource',
      resources: ['dbClusterSnapshot'],
      when: 'finalSnapshot',
      notCalled: {
        why: 'RDS asks for it when the final snapshot takes the tags of the cluster over (`CopyTagsToSnapshot`)',
        source: 'https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonrds.html',
      },
    },
  ],
  'AuroraTools.enablePerformanceInsights': [
    describeInstance,
    { action: 'rds:ListTagsForResource', resources: ['dbInstance'] },
    { action: 'rds:ModifyDBInstance', resources: ['dbInstance'] },
    { ...describeCluster, when: 'databaseInsights' },
    { ...listInstances, when: 'databaseInsights' },
    { ...modifyCluster, when: 'databaseInsights' },
  ],
  'AuroraTools.getClusterState': [describeCluster],
  'AuroraTools.getDatabaseCreation': [describeCluster, listInstances],
  'AuroraTools.getReaderBounds': [describeScaling],
  'AuroraTools.getReaderCount': [describeCluster, listInstances],
  'AuroraTools.scaleIn': setBounds,
  'AuroraTools.scaleOut': [describeCluster, listInstances, describeScaling, registerScaling, ...triedOut],
  'AuroraTools.setReaderBounds': setBounds,
  'AuroraTools.startDatabase': [describeCluster, { action: 'rds:StartDBCluster', resources: ['dbCluster'] }],
  'AuroraTools.stopDatabase': [describeCluster, { action: 'rds:StopDBCluster', resources: ['dbCluster'] }],
  'AuroraTools.waitForClusterState': [describeCluster, listInstances],
} as const satisfies MethodPermissions;
