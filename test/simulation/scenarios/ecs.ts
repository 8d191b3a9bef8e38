import type { MethodScenario } from '../../support/method-scenario.js';

export const ecsScenarios: readonly MethodScenario[] = [];
