import { DeviceCgroupPermission, UlimitName } from '@aws-sdk/client-ecs';
import * as v from 'valibot';
import { flag, list, members, oneOf, text, whole } from './fields.js';

const device = members({
  hostPath: text,
  containerPath: v.optional(text),
  permissions: v.optional(list(oneOf(DeviceCgroupPermission))),
});

const tmpfs = members({
  containerPath: text,
  size: whole,
  mountOptions: v.optional(list(text)),
});

/** AWS's `LinuxParameters`. */
export const linuxParameters = members({
  capabilities: v.optional(members({ add: v.optional(list(text)), drop: v.optional(list(text)) })),
  devices: v.optional(list(device)),
  initProcessEnabled: v.optional(flag),
  sharedMemorySize: v.optional(whole),
  tmpfs: v.optional(list(tmpfs)),
  maxSwap: v.optional(whole),
  swappiness: v.optional(whole),
});

/** AWS's `Ulimit`. */
export const ulimit = members({
  name: oneOf(UlimitName),
  softLimit: whole,
  hardLimit: whole,
});

/** AWS's `SystemControl`. */
export const systemControl = members({
  namespace: v.optional(text),
  value: v.optional(text),
});
