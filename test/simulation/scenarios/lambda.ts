import type { MethodScenario } from '../../support/method-scenario.js';

export const lambdaScenarios: readonly MethodScenario[] = [];
