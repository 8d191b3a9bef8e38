import type { MethodScenario } from '../../support/method-scenario.js';

export const snsScenarios: readonly MethodScenario[] = [];
