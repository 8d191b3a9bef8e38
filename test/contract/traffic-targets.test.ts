import { allTargets } from './all-targets.js';
import { describeTrafficTarget } from './traffic-target.js';

for (const { name, calls, setUp } of allTargets) describeTrafficTarget(name, calls, setUp);
