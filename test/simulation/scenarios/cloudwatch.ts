import type { MethodScenario } from '../../support/method-scenario.js';

export const cloudwatchScenarios: readonly MethodScenario[] = [];
