import type * as v from 'valibot';
import { serviceOutput, taskDefinitionOutput } from './output-members.js';
import { serviceSchema } from './schemas/service-schema.js';
import { taskDefinitionSchema } from './schemas/task-definition-schema.js';

/** One of the two files: its schema, and the AWS CLI commands that take and return its content. */
export interface DefinitionKind<Schema extends v.GenericSchema> {
  readonly schema: Schema;
  /** The command whose input the file is. */
  readonly input: string;
  /** The command whose output looks like it. */
  readonly output: string;
  /** The member of that output which holds the content, and its name in a path. */
  readonly wrapper: { readonly member: string; readonly content: string };
  /** Members that only the output has. */
  readonly outputMembers: readonly string[];
}

export const serviceKind: DefinitionKind<typeof serviceSchema> = {
  schema: serviceSchema,
  input: 'create-service',
  output: 'describe-services',
  wrapper: { member: 'services', content: 'services[0]' },
  outputMembers: serviceOutput,
};

export const taskDefinitionKind: DefinitionKind<typeof taskDefinitionSchema> = {
  schema: taskDefinitionSchema,
  input: 'register-task-definition',
  output: 'describe-task-definition',
  wrapper: { member: 'taskDefinition', content: 'taskDefinition' },
  outputMembers: taskDefinitionOutput,
};
