import type { MethodScenario } from '../../support/method-scenario.js';

export const dynamoScenarios: readonly MethodScenario[] = [];
