import * as v from 'valibot';
import { nonEmptyString, positiveCount, secondsFrom, strictObject, wholeFrom } from '../../core/schemas.js';
import { tagsSchema, tagValue } from '../identifiers.js';

// Functions, because a bundler keeps a schema that is a constant, also in a bundle without blue/green deployments.

/** Entries of the name of a deployment. */
export function nameEntries() {
  return {
    name: v.pipe(
      v.string(),
      v.check(
        (name) => name.length <= 60 && /^[a-zA-Z](?:-?[a-zA-Z0-9]+)*$/.test(name),
        'at most 60 letters, digits and single hyphens, beginning with a letter',
      ),
    ),
    creationId: v.optional(v.pipe(nonEmptyString, tagValue)),
  };
}

/** Entries of the limits of a switchover. */
export function limitEntries() {
  return {
    // RDS takes whole seconds.
    switchoverTimeoutSeconds: v.optional(wholeFrom(30, 3600), 300),
    maxReplicaLagSeconds: v.optional(secondsFrom(0, 3600), 10),
  };
}

/** Changes of the green environment, for every kind of database. */
export function greenSchema() {
  return strictObject({
    engineVersion: v.optional(nonEmptyString),
    clusterParameterGroupName: v.optional(nonEmptyString),
    parameterGroupName: v.optional(nonEmptyString),
    instanceClass: v.optional(nonEmptyString),
    storageType: v.optional(nonEmptyString),
    allocatedStorage: v.optional(positiveCount),
    iops: v.optional(positiveCount),
    storageThroughput: v.optional(positiveCount),
    upgradeStorageConfig: v.optional(v.boolean()),
    kmsKeys: v.optional(v.record(v.string(), nonEmptyString)),
  });
}

/** Entries of a new deployment. */
export function createdEntries() {
  return {
    green: v.optional(greenSchema(), {}),
    tags: v.optional(tagsSchema, {}),
  };
}
