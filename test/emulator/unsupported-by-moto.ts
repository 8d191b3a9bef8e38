/**
 * The public methods of the tools that fail on moto, with the reason. The emulator run fails when a method neither succeeds nor
 * is named here, and when a method named here succeeds.
 */
export const methodsUnsupportedByMoto: Readonly<Record<string, string>> = {
  'CloudWatchTools.listMutedAlarms': 'moto has no alarm mute rules',
  'CloudWatchTools.muteAlarms': 'moto has no alarm mute rules',
  'CloudWatchTools.unmuteAlarms': 'moto has no alarm mute rules',
};

/** Behaviour that is tested on `SimulatedCloud` only, because moto 5.2.5 differs. */
export const behaviourUnsupportedByMoto: readonly string[] = [
  'API Gateway: a stage has no canarySettings, and UpdateStage takes their deployment for that of the stage',
  'App Mesh: a missing route is RouteNotFound, where AWS says NotFoundException',
  'CodeDeploy: PutLifecycleEventHookExecutionStatus is not implemented (500 with an HTML page), so no codeDeployHook',
  'Everything: changes take effect at once, so no starting, stopping, deleting, Enabling, Updating or DELETING is seen',
  'Everything: no throttles, no server errors, no lost responses, no refused permissions',
  'RDS: Performance Insights is accepted and never shown',
  'RDS: DescribeAccountAttributes is not implemented (500), so the quota of cluster snapshots is not checked before a deletion',
  'RDS: the last member of a replica, of its source or of a global database is deleted, and a cluster of either is stopped',
  'RDS: a clone is available at once, has no clone group, and takes the settings of its source over; quotas and engines are not compared',
  'RDS Data API: no SQL is executed, secrets and the HTTP endpoint are not checked, and no cluster resumes; a test queues the results',
  'RDS: a blue/green deployment is available, switched over and deleted at once; its green instances are protected when the cluster is; no switchover is refused or cancelled',
  'DynamoDB: a backup is available at once, so a deletion is never refused because of a backup that is being created',
  'Kinesis: a consumer is ACTIVE at once, so there is no limit on consumers that are being created',
  'CloudWatch: composite alarms cannot be created, DescribeAlarms returns everything on one page, alarms are not evaluated',
  'CloudWatch: EnableAlarmActions and DisableAlarmActions accept any number of names, not 100',
  'ECS: a new task definition starts no deployment, so no rollout and no rollback is seen; for `up` and `rollOut` the seed shows the deployment that was asked for as completed',
  'ECS: a service has no tasks, and its tasks do not fail: no stopped reasons, exit codes, container health or circuit breaker',
  'ECS: RunTask ignores clientToken; ListTasks shows stopped tasks by default, and every task as one of any service',
  'ELB: a deregistered target is gone at once, without draining, and one that is not registered cannot be deregistered',
  'ELB: a target of a group that no action names is healthy; a target group may belong to several load balancers; target stickiness needs no group stickiness',
  'EventBridge: rules cannot be managed by a service',
  'Global Accelerator is not implemented',
  'Lambda: CreateEventSourceMapping accepts any visibility timeout, a large batch without a window, a stream without StartingPosition (TRIM_HORIZON is assumed), a queue with one, and a second mapping of the same two',
  'Lambda: CreateEventSourceMapping refuses a missing function or source with ResourceNotFoundException, and knows no Kafka, MQ or DocumentDB; a batch above the limit is a 500 with an HTML page',
  'Lambda: ListVersionsByFunction of a missing function lists no versions; changing or deleting a missing mapping succeeds',
  'Lambda: mappings deliver nothing, so no ReportBatchItemFailures; none falls back, and there is no LastProcessingResult',
  'Lambda: GetProvisionedConcurrencyConfig is not implemented (404 with an HTML page), so no allocation is waited for',
  'CloudWatch: there are no log alarms and no alarm mute rules',
  'Route 53: a change is INSYNC at once; a deletion with other values is InvalidInput, and of a weighted record compares only some of them; a batch that fails is partly made; records cannot be protected',
  'SNS: a filter policy takes effect at once; equals-ignore-case and anything-but with another operator than prefix match nothing; cidr and wildcard are refused',
  'Step Functions: an alias may name versions that do not exist, and its weights take effect at once',
  'Step Functions: functions return queued results and never fail, and no state machine can start an execution',
];
