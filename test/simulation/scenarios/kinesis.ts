import type { MethodScenario } from '../../support/method-scenario.js';

export const kinesisScenarios: readonly MethodScenario[] = [];
