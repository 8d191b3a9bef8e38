import {
  CreateStateMachineAliasCommand,
  CreateStateMachineCommand,
  UpdateStateMachineCommand,
} from '@aws-sdk/client-sfn';
import type { Backend } from '../../support/backend.js';

/** Creates a state machine with the versions 1 and 2, and an alias of the first. Returns the ARNs. */
export async function seedStateMachineAlias(
  { cloud, clients }: Backend,
  { name, alias }: { readonly name: string; readonly alias: string },
): Promise<{ readonly stateMachineArn: string; readonly aliasArn: string }> {
  if (cloud !== undefined) {
    const stateMachine = cloud.stepFunctions.addStateMachine({ name, versions: ['1', '2'] });
    const added = cloud.stepFunctions.addAlias({ stateMachine, name: alias, weights: { '1': 100 } });
    return { stateMachineArn: stateMachine.arn, aliasArn: added.arn };
  }
  const roleArn = 'arn:aws:iam::123456789012:role/state-machine';
  const definitionOf = (state: string) =>
    JSON.stringify({ StartAt: state, States: { [state]: { Type: 'Succeed' } } });
  const { stateMachineArn } = await clients.stepFunctions.send(
    new CreateStateMachineCommand({ name, definition: definitionOf('One'), roleArn, publish: true }),
  );
  await clients.stepFunctions.send(
    new UpdateStateMachineCommand({ stateMachineArn, definition: definitionOf('Two'), publish: true }),
  );
  const { stateMachineAliasArn } = await clients.stepFunctions.send(
    new CreateStateMachineAliasCommand({
      name: alias,
      routingConfiguration: [{ stateMachineVersionArn: `${stateMachineArn}:1`, weight: 100 }],
    }),
  );
  return { stateMachineArn: `${stateMachineArn}`, aliasArn: `${stateMachineAliasArn}` };
}
