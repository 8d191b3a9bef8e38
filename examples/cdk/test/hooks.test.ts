import { afterEach, expect, test, vi } from 'vitest';
import { afterAllowTraffic } from '../lambda/hooks.js';
import { ordersFromEnvironment } from '../lambda/orders.js';
import { makeWorld } from './world.js';

afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

test('keeps the users on the new stack when the old database cannot be stopped in time', async () => {
  const { cloud, dependencies, subscriptionArns } = makeWorld();
  vi.spyOn(console, 'info').mockImplementation(() => {});
  vi.spyOn(console, 'error').mockImplementation(() => {});
  vi.stubEnv('APPLICATION', 'orders');
  vi.stubEnv('REPLACEMENT_STACK', 'green');
  vi.stubEnv('BLUE_SUBSCRIPTION_ARN', subscriptionArns.blue);
  vi.stubEnv('GREEN_SUBSCRIPTION_ARN', subscriptionArns.green);
  const handler = afterAllowTraffic(() => ordersFromEnvironment(dependencies), dependencies);
  cloud.rds.cluster('orders-blue').status = 'backing-up';

  const { status } = await cloud.codeDeploy.runDeployment({ hooks: { AfterAllowTraffic: handler } });

  expect(status).toBe('Succeeded');
  expect(cloud.codeDeploy.traffic.production).toBe('replacement');
});
