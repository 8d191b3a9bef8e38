import { auroraPermissions, blueGreenPermissions } from '../../aurora/permissions.js';
import { cloudWatchPermissions } from '../../cloudwatch/permissions.js';
import type { MethodPermissions } from '../../core/permissions.js';
import { dynamoPermissions } from '../../dynamo/permissions.js';
import { ecsPermissions } from '../../ecs/permissions.js';
import { kinesisPermissions } from '../../kinesis/permissions.js';
import { lambdaPermissions } from '../../lambda/permissions.js';
import { schedulerPermissions } from '../../scheduler/permissions.js';
import { snsPermissions } from '../../sns/permissions.js';
import { sqsPermissions } from '../../sqs/permissions.js';

const databasePower = [
  ...auroraPermissions['AuroraTools.startDatabase'],
  ...auroraPermissions['AuroraTools.stopDatabase'],
] as const;
const databaseCreation = [
  ...auroraPermissions['AuroraTools.createDatabase'],
  ...auroraPermissions['AuroraTools.deleteCreatedDatabase'],
] as const;
const alarms = [
  ...cloudWatchPermissions['CloudWatchTools.enableAlarmsActions'],
  ...cloudWatchPermissions['CloudWatchTools.disableAlarmsActions'],
] as const;
const muting = [
  ...cloudWatchPermissions['CloudWatchTools.muteAlarms'],
  ...cloudWatchPermissions['CloudWatchTools.unmuteAlarms'],
  ...cloudWatchPermissions['CloudWatchTools.listMutedAlarms'],
] as const;
const consumers = [
  ...kinesisPermissions['KinesisTools.registerConsumer'],
  ...kinesisPermissions['KinesisTools.deregisterConsumer'],
] as const;
const rules = [
  ...lambdaPermissions['LambdaTools.enableRule'],
  ...lambdaPermissions['LambdaTools.disableRule'],
] as const;
const schedules = [
  ...schedulerPermissions['SchedulerTools.enableSchedules'],
  ...schedulerPermissions['SchedulerTools.disableSchedules'],
] as const;
const services = [
  ...ecsPermissions['EcsTools.enableService'],
  ...ecsPermissions['EcsTools.disableService'],
] as const;

/** IAM permissions of the steps that call a tool of this package: those of the change, its reads and its undo. */
export const stepPermissions = {
  createBlueGreen: [
    ...blueGreenPermissions['RdsBlueGreen.createDeployment'],
    ...blueGreenPermissions['RdsBlueGreen.deleteGreenEnvironment'],
  ],
  createDatabase: databaseCreation,
  deleteDatabase: auroraPermissions['AuroraTools.deleteDatabase'],
  deleteTable: dynamoPermissions['DynamoTools.deleteTable'],
  deregisterConsumer: consumers,
  disableAlarms: alarms,
  disableEventMapping: lambdaPermissions['LambdaTools.disableEventMapping'],
  disableRule: rules,
  disableSchedules: schedules,
  disableService: services,
  disableSubscription: snsPermissions['SnsTools.disableSubscription'],
  enableAlarms: alarms,
  enableEventMapping: lambdaPermissions['LambdaTools.enableEventMapping'],
  enableRule: rules,
  enableSchedules: schedules,
  enableService: services,
  enableSubscription: snsPermissions['SnsTools.enableSubscription'],
  muteAlarms: muting,
  purgeQueues: sqsPermissions['SqsTools.purgeQueues'],
  registerConsumer: consumers,
  scaleInReaders: auroraPermissions['AuroraTools.scaleIn'],
  scaleOutReaders: auroraPermissions['AuroraTools.scaleOut'],
  startDatabase: databasePower,
  startOrCreateDatabase: [...databaseCreation, ...databasePower],
  stopDatabase: databasePower,
  switchOverBlueGreen: [
    ...blueGreenPermissions['RdsBlueGreen.switchOver'],
    ...blueGreenPermissions['RdsBlueGreen.getDeployment'],
  ],
} as const satisfies MethodPermissions;
