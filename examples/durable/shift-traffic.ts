import { withDurableExecution } from '@aws/durable-execution-sdk-js';
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import type { Clock, Logger } from 'aws-blue-green-toolkit/core';
import {
  type DurableChangeContext,
  type DurableRequest,
  type DurableResult,
  runDurably,
} from 'aws-blue-green-toolkit/durable';
import type { SimulatedClients } from 'aws-blue-green-toolkit/testing';
import type { ShiftRequest, ShiftState } from 'aws-blue-green-toolkit/traffic';
import { AlbListenerRuleTarget, albTargetGroup5xxRate, TrafficShifter } from 'aws-blue-green-toolkit/traffic';

/** Environment and dependencies that a test replaces. */
export interface Dependencies {
  readonly environment?: NodeJS.ProcessEnv;
  readonly clients?: SimulatedClients;
  readonly clock?: Clock;
  readonly logger?: Logger;
  /** Sends a message to the approvers. */
  readonly notify?: (message: string) => Promise<unknown>;
}

/** Creates the function that runs the shift of its event on a listener rule. */
export function makeShiftTraffic({
  environment = process.env,
  clients,
  clock,
  logger = console,
  notify = publishTo(environment),
}: Dependencies = {}) {
  return async (
    request: DurableRequest<ShiftRequest, ShiftState>,
    context: DurableChangeContext,
  ): Promise<DurableResult<ShiftState>> => {
    const result = await runDurably(context, makeShifter(), request, {
      requestApproval: (callbackId, { key, state }) =>
        notify(messageOf(callbackId, `${key} %`, state.incoming)),
      approvalTimeoutSeconds: 12 * 3600,
      continueIn: environment['CONTINUE_IN'],
      clock,
      logger,
    });
    if (result.outcome !== 'halted') return result;
    // Makes the execution fail, so that an alarm on failed executions calls an operator.
    throw new Error(`Traffic shift halted: ${result.reason}`);
  };

  function makeShifter(): TrafficShifter {
    const targetGroupArn = {
      blue: read('BLUE_TARGET_GROUP_ARN'),
      green: read('GREEN_TARGET_GROUP_ARN'),
    };
    return new TrafficShifter({
      target: new AlbListenerRuleTarget({
        ruleArns: [read('RULE_ARN')],
        blue: { targetGroupArn: targetGroupArn.blue },
        green: { targetGroupArn: targetGroupArn.green },
        clients,
        clock,
        logger,
      }),
      checks: [
        albTargetGroup5xxRate({
          name: '5xx rate',
          targetGroupArn,
          loadBalancerArn: read('LOAD_BALANCER_ARN'),
          maxPercent: 1,
          windowSeconds: 300,
          clients,
        }),
      ],
      // A longer interval allows a longer shift in one execution.
      policy: { intervalSeconds: 300, initialDelaySeconds: 300 },
      clock,
      logger,
    });
  }

  function read(name: string): string {
    const value = environment[name];
    if (!value) throw new Error(`Environment variable ${name} is not set`);
    return value;
  }
}

function messageOf(callbackId: string, share: string, incoming: string): string {
  return [
    `The ${incoming} stack waits at ${share} of the traffic. To approve:`,
    `aws lambda send-durable-execution-callback-success --callback-id ${callbackId}`,
    'To roll it back:',
    `aws lambda send-durable-execution-callback-failure --callback-id ${callbackId} --error ErrorMessage=Refused`,
  ].join('\n');
}

function publishTo(environment: NodeJS.ProcessEnv) {
  return async (message: string) =>
    new SNSClient().send(
      new PublishCommand({
        TopicArn: environment['APPROVAL_TOPIC_ARN'],
        Subject: 'Traffic shift waits for approval',
        Message: message,
      }),
    );
}

export const handler = withDurableExecution(makeShiftTraffic());
