import type { MethodPermissions } from '../core/permissions.js';

/** A mapping is identified by its function; its own identifier is known only once it exists. */
const ofFunction = { operator: 'ArnLike', key: 'lambda:FunctionArn', resources: 'function' } as const;
const list = { action: 'lambda:ListEventSourceMappings', resources: '*' } as const;
const getMapping = {
  action: 'lambda:GetEventSourceMapping',
  resources: ['eventSourceMapping'],
  only: ofFunction,
} as const;
const updateMapping = {
  action: 'lambda:UpdateEventSourceMapping',
  resources: ['eventSourceMapping'],
  only: ofFunction,
} as const;
const getAlias = { action: 'lambda:GetAlias', resources: ['function'], when: 'alias' } as const;
const getFunction = {
  action: 'lambda:GetFunctionConfiguration',
  resources: ['function'],
  when: 'noAlias',
} as const;
const findRules = [
  getAlias,
  getFunction,
  { action: 'lambda:ListVersionsByFunction', resources: ['function'], when: 'noAlias' },
  { action: 'lambda:ListAliases', resources: ['function'], when: 'noAlias' },
  { action: 'events:ListRules', resources: '*' },
  { action: 'events:ListRuleNamesByTarget', resources: '*' },
] as const;

/** The permissions of the methods of `LambdaTools`. */
export const lambdaPermissions = {
  'LambdaTools.createEventSourceMapping': [
    list,
    { action: 'lambda:CreateEventSourceMapping', resources: '*', only: ofFunction },
  ],
  'LambdaTools.deleteEventMapping': [
    getMapping,
    { action: 'lambda:DeleteEventSourceMapping', resources: ['eventSourceMapping'], only: ofFunction },
  ],
  'LambdaTools.disableEventMapping': [list, getMapping, updateMapping],
  'LambdaTools.disableRule': [...findRules, { action: 'events:DisableRule', resources: ['rule'] }],
  'LambdaTools.enableEventMapping': [list, getMapping, updateMapping],
  'LambdaTools.enableRule': [...findRules, { action: 'events:EnableRule', resources: ['rule'] }],
  'LambdaTools.getAlias': [{ action: 'lambda:GetAlias', resources: ['function'] }],
  'LambdaTools.getLatestMetrics': [{ action: 'cloudwatch:GetMetricData', resources: '*' }],
  'LambdaTools.getVersion': [getAlias, getFunction],
  'LambdaTools.listEventSourceMappings': [list],
  'LambdaTools.listRules': findRules,
  'LambdaTools.waitForEventMappingState': [list, getMapping, getAlias, getFunction],
} as const satisfies MethodPermissions;
