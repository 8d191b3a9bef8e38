import { stepFunctionsHandler } from 'aws-blue-green-toolkit/step-functions';
import { shifterFromEnvironment } from './shifter.js';

const shifter = shifterFromEnvironment();

export const handler = stepFunctionsHandler(() => shifter);
