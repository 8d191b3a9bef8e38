import * as v from 'valibot';
import {
  callOptionsEntries,
  nonEmptyString,
  seconds,
  stackPair,
  strictObject,
  waitOptionsEntries,
  wholeNumber,
} from '../core/schemas.js';
import { toolOptionsEntries } from '../core/tool-options.js';
import { advancedRetentionDays, insightsMode, insightsRetentionDays } from './database-settings.js';
import { clusterIdentifier, tagsSchema } from './identifiers.js';

const readerCount = v.pipe(
  wholeNumber,
  v.check((count) => count <= 15, 'at most 15, the most readers of an Aurora cluster'),
);

export const boundsSchema = v.pipe(
  strictObject({ minimum: readerCount, maximum: readerCount }),
  v.check(({ minimum, maximum }) => minimum <= maximum, 'a minimum that is not above the maximum'),
);

export const optionsSchema = strictObject({
  ...stackPair(strictObject({ clusterIdentifier })),
  minimumReaderCount: v.optional(readerCount, 1),
  onMaxCapacityTooLow: v.optional(v.picklist(['raise', 'refuse']), 'raise'),
  onTransition: v.optional(v.picklist(['wait', 'fail']), 'wait'),
  finalSnapshot: v.optional(v.picklist(['create', 'skip']), 'create'),
  namespace: v.optional(nonEmptyString, '*'),
  readerTags: v.optional(tagsSchema, {}),
  ...toolOptionsEntries,
});

export const deleteSchema = strictObject({
  ...waitOptionsEntries,
  deleteAutomatedBackups: v.optional(v.boolean()),
});

export const insightsSchema = v.pipe(
  strictObject({
    ...callOptionsEntries,
    reEnableIfDisabled: v.optional(v.boolean(), true),
    kmsKeyId: v.optional(nonEmptyString),
    retentionDays: v.optional(insightsRetentionDays),
    databaseInsightsMode: v.optional(insightsMode),
    retryDelaySeconds: v.optional(seconds, 60),
    retryAttempts: v.optional(wholeNumber, 5),
  }),
  v.forward(
    v.check(
      ({ databaseInsightsMode, retentionDays = advancedRetentionDays }) =>
        databaseInsightsMode !== 'advanced' || retentionDays >= advancedRetentionDays,
      `${advancedRetentionDays} days or more in the advanced mode`,
    ),
    ['retentionDays'],
  ),
);
