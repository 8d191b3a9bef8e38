import { describe, expect, test } from 'vitest';
import { familyOf } from '../../../../src/ecs-rollout/service/task-definitions.js';

describe('familyOf', () => {
  test.each([
    ['arn:aws:ecs:eu-west-1:123456789012:task-definition/web:7', 'web'],
    ['web:7', 'web'],
    ['web', 'web'],
  ])('returns the family of %s', (taskDefinition, family) => {
    expect(familyOf(taskDefinition)).toBe(family);
  });
});
