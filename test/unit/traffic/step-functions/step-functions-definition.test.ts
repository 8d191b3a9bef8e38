import aslValidator from 'asl-validator';
import { describe, expect, test } from 'vitest';
import { stepFunctionsDefinition } from '../../../../src/traffic/step-functions/index.js';

const functionArn = 'arn:aws:lambda:eu-west-1:111122223333:function:shift';

describe('stepFunctionsDefinition', () => {
  test('is valid', () => {
    const { isValid, errorsText } = aslValidator(
      stepFunctionsDefinition({
        functionArn,
        preCheck: functionArn,
        cleanUp: functionArn,
        finish: functionArn,
        report: functionArn,
        approval: { functionArn, timeoutSeconds: 5 },
      }),
    );
    expect({ isValid, errors: errorsText('\n') }).toEqual({ isValid: true, errors: '' });
  });
});
