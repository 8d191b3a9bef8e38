import type { MethodScenario } from '../../support/method-scenario.js';

export const auroraScenarios: readonly MethodScenario[] = [];
