import { LogDriver } from '@aws-sdk/client-ecs';
import * as v from 'valibot';
import { list, members, oneOf, text, textMap } from './fields.js';

/** AWS's `Tag`. */
export const tag = members({
  key: v.optional(text),
  value: v.optional(text),
});

/** AWS's `Secret`. */
export const secret = members({
  name: text,
  valueFrom: text,
});

/** AWS's `LogConfiguration`. */
export const logConfiguration = members({
  logDriver: oneOf(LogDriver),
  options: v.optional(textMap),
  secretOptions: v.optional(list(secret)),
});
