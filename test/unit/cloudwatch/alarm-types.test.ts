import { AlarmType } from '@aws-sdk/client-cloudwatch';
import { describe, expect, test } from 'vitest';
import { alarmsOf, alarmTypes } from '../../../src/cloudwatch/alarm-types.js';

describe('alarmTypes', () => {
  test('has the types that the tools and SimulatedCloud are tested with', () => {
    // A newer SDK with another type fails here: SimulatedCloud and the guide need that type as well.
    expect(Object.values(AlarmType).sort()).toEqual(['CompositeAlarm', 'LogAlarm', 'MetricAlarm']);
  });

  test('has every type of the SDK', () => {
    expect([...alarmTypes].sort()).toEqual(Object.values(AlarmType).sort());
  });
});

describe('alarmsOf', () => {
  test.each(Object.values(AlarmType))('returns the alarms of the type %s', (type) => {
    const page = { $metadata: {}, [`${type}s`]: [{ AlarmName: 'blue-any', ActionsEnabled: true }] };

    expect(alarmsOf(page)).toEqual([{ AlarmName: 'blue-any', ActionsEnabled: true }]);
  });

  test('returns nothing for a page without lists', () => {
    expect(alarmsOf({ $metadata: {} })).toEqual([]);
  });
});
