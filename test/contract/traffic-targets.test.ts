import { allTargets } from './all-targets.js';
import { setUpProvisionedAlias } from './lambda-alias.js';
import { describeTrafficTarget } from './traffic-target.js';

for (const { name, calls, setUp } of allTargets) describeTrafficTarget(name, calls, setUp);

describeTrafficTarget(
  'LambdaAliasTarget (provisioned concurrency)',
  { read: ['lambda:GetAlias'], write: ['lambda:UpdateAlias'] },
  setUpProvisionedAlias,
);
