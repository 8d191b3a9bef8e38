import type { Action } from '@aws-sdk/client-elastic-load-balancing-v2';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { weightsOfActions, withWeights } from '../../../../src/traffic/targets/forward-action.js';

const pair = { blue: 'tg-blue', green: 'tg-green' };
const owner = { resource: 'the rule', action: 'elasticloadbalancing:DescribeRules' };

const cognito: Action = {
  Type: 'authenticate-cognito',
  Order: 1,
  AuthenticateCognitoConfig: { UserPoolArn: 'pool', UserPoolClientId: 'client', UserPoolDomain: 'domain' },
};

function forward(groups: [arn: string, weight: number][], more: Partial<Action> = {}): Action {
  const TargetGroups = groups.map(([TargetGroupArn, Weight]) => ({ TargetGroupArn, Weight }));
  return { Type: 'forward', ...more, ForwardConfig: { ...more.ForwardConfig, TargetGroups } };
}

function zeroWeights(actions: readonly Action[]): unknown {
  return JSON.parse(JSON.stringify(actions).replaceAll(/"Weight":\d+/g, '"Weight":0'));
}

describe('Function: weightsOfActions', () => {
  test('returns 100 % for a single target group in the short form', () => {
    expect(weightsOfActions([{ Type: 'forward', TargetGroupArn: 'tg-green' }], pair, owner)).toEqual({
      blue: 0,
      green: 100,
    });
  });

  test('skips authentication actions', () => {
    expect(weightsOfActions([cognito, forward([['tg-blue', 1]], { Order: 2 })], pair, owner)).toEqual({
      blue: 100,
      green: 0,
    });
  });

  test.each([
    { actions: [{ Type: 'redirect' } as Action], seen: 'redirect' },
    { actions: [cognito, { Type: 'redirect' } as Action], seen: 'authenticate-cognito, redirect' },
    { actions: [], seen: 'no action' },
  ])('throws ResourceStateError for a rule that does not forward ($seen)', ({ actions, seen }) => {
    expect(() => weightsOfActions(actions, pair, owner)).toThrowError(
      `The action does not forward: expected a forward action, got ${seen}. Forward to the target group of one of the stacks`,
    );
  });

  test('throws ResourceStateError for a target group without an ARN', () => {
    const actions: Action[] = [{ Type: 'forward', ForwardConfig: { TargetGroups: [{ Weight: 1 }] } }];

    expect(() => weightsOfActions(actions, pair, owner)).toThrowError(/alone, got \(none\)/);
  });

  test('throws ResourceStateError for a forward action without a target group', () => {
    expect(() => weightsOfActions([{ Type: 'forward' }], pair, owner)).toThrowError(/no target group/);
  });
});

describe('Function: withWeights', () => {
  test('converts the short form to the long one, which supports two target groups', () => {
    const short = { Type: 'forward', TargetGroupArn: 'tg-blue' } as const;
    const both = {
      ...short,
      ForwardConfig: {
        TargetGroups: [{ TargetGroupArn: 'tg-blue', Weight: 1 }],
        TargetGroupStickinessConfig: { Enabled: false },
      },
    };

    expect(withWeights([short], pair, { blue: 90, green: 10 }, owner)).toEqual([
      forward([
        ['tg-blue', 90],
        ['tg-green', 10],
      ]),
    ]);
    expect(withWeights([both], pair, { blue: 90, green: 10 }, owner)[0]).toEqual({
      Type: 'forward',
      ForwardConfig: {
        TargetGroups: [
          { TargetGroupArn: 'tg-blue', Weight: 90 },
          { TargetGroupArn: 'tg-green', Weight: 10 },
        ],
        TargetGroupStickinessConfig: { Enabled: false },
      },
    });
  });

  test("keeps an OIDC client's secret, which AWS does not return", () => {
    const config = {
      Issuer: 'i',
      AuthorizationEndpoint: 'a',
      TokenEndpoint: 't',
      UserInfoEndpoint: 'u',
      ClientId: 'c',
    };
    const oidc: Action = { Type: 'authenticate-oidc', Order: 1, AuthenticateOidcConfig: config };

    const [written] = withWeights([oidc, forward([['tg-blue', 1]])], pair, { blue: 50, green: 50 }, owner);

    expect(written).toEqual({
      ...oidc,
      AuthenticateOidcConfig: { ...config, UseExistingClientSecret: true },
    });
  });

  test('changes only the two weights', () => {
    const stickiness = fc.option(
      fc.record({ Enabled: fc.boolean(), DurationSeconds: fc.integer({ min: 1, max: 604_800 }) }),
      { nil: undefined },
    );
    const weight = fc.integer({ min: 0, max: 999 });
    fc.assert(
      fc.property(
        stickiness,
        weight,
        weight,
        fc.boolean(),
        fc.integer({ min: 0, max: 1000 }),
        fc.subarray([cognito, { Type: 'jwt-validation', Order: 3 } as Action]),
        (sticky, blue, green, isGreenFirst, tenths, before) => {
          fc.pre(blue + green > 0);
          const groups: [string, number][] = [
            ['tg-blue', blue],
            ['tg-green', green],
          ];
          const last = forward(isGreenFirst ? groups.reverse() : groups, {
            Order: 9,
            ...(sticky && { ForwardConfig: { TargetGroupStickinessConfig: sticky } }),
          });
          const actions = [...before, last];
          const untouched = structuredClone(actions);
          const weights = { blue: 100 - tenths / 10, green: tenths / 10 };

          const written = withWeights(actions, pair, weights, owner);

          expect(zeroWeights(written)).toEqual(zeroWeights(actions));
          expect(actions).toEqual(untouched);
          expect(weightsOfActions(written, pair, owner).green).toBeCloseTo(weights.green, 1);
        },
      ),
      { numRuns: 1000 },
    );
  });
});
