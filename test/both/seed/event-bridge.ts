import { CreateEventBusCommand, PutRuleCommand, PutTargetsCommand } from '@aws-sdk/client-eventbridge';
import type { Backend } from '../../support/backend.js';

/** Creates an event bus. */
export async function seedBus({ cloud, clients }: Backend, name: string): Promise<void> {
  if (cloud !== undefined) cloud.eventBridge.addBus(name);
  else await clients.eventBridge.send(new CreateEventBusCommand({ Name: name }));
}

/** Creates a rule with one target. */
export async function seedRule(
  { cloud, clients }: Backend,
  options: { name: string; eventBusName?: string; state: 'ENABLED' | 'DISABLED'; target: string },
): Promise<void> {
  const { name, eventBusName = 'default', state, target } = options;
  if (cloud !== undefined) {
    cloud.eventBridge.addRule({ name, eventBusName, state, targets: [target] });
    return;
  }
  const rule = { Name: name, EventBusName: eventBusName };
  await clients.eventBridge.send(
    new PutRuleCommand({ ...rule, State: state, EventPattern: '{"source":["orders"]}' }),
  );
  await clients.eventBridge.send(
    new PutTargetsCommand({
      Rule: name,
      EventBusName: eventBusName,
      Targets: [{ Id: 'reader', Arn: target }],
    }),
  );
}
