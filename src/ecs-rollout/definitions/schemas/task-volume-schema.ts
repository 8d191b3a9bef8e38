import { EFSAuthorizationConfigIAM, EFSTransitEncryption, Scope } from '@aws-sdk/client-ecs';
import * as v from 'valibot';
import { flag, members, oneOf, text, textMap, whole } from './fields.js';

const dockerVolumeConfiguration = members({
  scope: v.optional(oneOf(Scope)),
  autoprovision: v.optional(flag),
  driver: v.optional(text),
  driverOpts: v.optional(textMap),
  labels: v.optional(textMap),
});

const efsAuthorizationConfig = members({
  accessPointId: v.optional(text),
  iam: v.optional(oneOf(EFSAuthorizationConfigIAM)),
});

const efsVolumeConfiguration = members({
  fileSystemId: text,
  rootDirectory: v.optional(text),
  transitEncryption: v.optional(oneOf(EFSTransitEncryption)),
  transitEncryptionPort: v.optional(whole),
  authorizationConfig: v.optional(efsAuthorizationConfig),
});

const s3FilesVolumeConfiguration = members({
  fileSystemArn: text,
  rootDirectory: v.optional(text),
  transitEncryptionPort: v.optional(whole),
  accessPointArn: v.optional(text),
});

const fsxWindowsFileServerVolumeConfiguration = members({
  fileSystemId: text,
  rootDirectory: text,
  authorizationConfig: members({ credentialsParameter: text, domain: text }),
});

/** AWS's `Volume`. */
export const volume = members({
  name: v.optional(text),
  host: v.optional(members({ sourcePath: v.optional(text) })),
  dockerVolumeConfiguration: v.optional(dockerVolumeConfiguration),
  efsVolumeConfiguration: v.optional(efsVolumeConfiguration),
  s3filesVolumeConfiguration: v.optional(s3FilesVolumeConfiguration),
  fsxWindowsFileServerVolumeConfiguration: v.optional(fsxWindowsFileServerVolumeConfiguration),
  configuredAtLaunch: v.optional(flag),
});
