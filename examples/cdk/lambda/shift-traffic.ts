import { stepFunctionsHandler } from 'aws-blue-green-toolkit/traffic/step-functions';
import { shifterFromEnvironment } from './shifter.js';

const shifter = shifterFromEnvironment();

export const handler = stepFunctionsHandler(() => shifter);
