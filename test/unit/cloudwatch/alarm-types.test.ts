import { AlarmType } from '@aws-sdk/client-cloudwatch';
import { describe, expect, test } from 'vitest';
import { alarmsOf, alarmTypes } from '../../../src/cloudwatch/alarm-types.js';

describe('The types of alarms', () => {
  test('are those that the tools and SimulatedCloud are tested with', () => {
    // A newer SDK with another type fails here: SimulatedCloud and the guide need that type as well.
    expect(Object.values(AlarmType).sort()).toEqual(['CompositeAlarm', 'LogAlarm', 'MetricAlarm']);
  });

  test('are all asked for', () => {
    expect([...alarmTypes].sort()).toEqual(Object.values(AlarmType).sort());
  });
});

describe('Function: alarmsOf', () => {
  test.each(Object.values(AlarmType))('returns the alarms of the type %s', (type) => {
    const page = { $metadata: {}, [`${type}s`]: [{ AlarmName: 'blue-any', ActionsEnabled: true }] };

    expect(alarmsOf(page)).toEqual([{ AlarmName: 'blue-any', ActionsEnabled: true }]);
  });

  test('returns nothing for a page without lists', () => {
    expect(alarmsOf({ $metadata: {} })).toEqual([]);
  });
});
