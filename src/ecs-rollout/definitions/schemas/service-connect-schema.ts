import {
  ServiceConnectAccessLoggingFormat,
  ServiceConnectContainerLogLevel,
  ServiceConnectIncludeQueryParameters,
} from '@aws-sdk/client-ecs';
import * as v from 'valibot';
import { logConfiguration } from './common-schema.js';
import { flag, list, members, oneOf, text, whole } from './fields.js';

const serviceConnectTestTrafficHeaderRules = members({
  name: text,
  value: v.optional(members({ exact: text })),
});

const serviceConnectClientAlias = members({
  port: whole,
  dnsName: v.optional(text),
  testTrafficRules: v.optional(members({ header: serviceConnectTestTrafficHeaderRules })),
});

const timeoutConfiguration = members({
  idleTimeoutSeconds: v.optional(whole),
  perRequestTimeoutSeconds: v.optional(whole),
});

const serviceConnectTlsConfiguration = members({
  issuerCertificateAuthority: members({ awsPcaAuthorityArn: v.optional(text) }),
  kmsKey: v.optional(text),
  roleArn: v.optional(text),
});

const serviceConnectService = members({
  portName: text,
  discoveryName: v.optional(text),
  clientAliases: v.optional(list(serviceConnectClientAlias)),
  ingressPortOverride: v.optional(whole),
  timeout: v.optional(timeoutConfiguration),
  tls: v.optional(serviceConnectTlsConfiguration),
});

const serviceConnectAccessLogConfiguration = members({
  format: oneOf(ServiceConnectAccessLoggingFormat),
  includeQueryParameters: v.optional(oneOf(ServiceConnectIncludeQueryParameters)),
});

/** AWS's `ServiceConnectConfiguration`. */
export const serviceConnectConfiguration = members({
  enabled: flag,
  namespace: v.optional(text),
  services: v.optional(list(serviceConnectService)),
  logConfiguration: v.optional(logConfiguration),
  accessLogConfiguration: v.optional(serviceConnectAccessLogConfiguration),
  containerConfigurations: v.optional(list(members({ logLevel: oneOf(ServiceConnectContainerLogLevel) }))),
});
