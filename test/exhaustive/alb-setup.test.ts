import { describe } from 'vitest';
import { allKinds, testInterruptions } from '../support/alb-setup-world.js';

describe.each(allKinds)('Changes of load balancer targets besides the weights: %s', (kind) =>
  testInterruptions(kind, 1),
);
