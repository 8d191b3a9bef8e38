import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { type ReportInput, renderReport } from '../../../src/report/index.js';
import {
  begin,
  evaluated,
  evidenceOf,
  failedRollout,
  minute,
  rehearsal,
  rolledBackShift,
  rolledBackState,
  rolledBackSwap,
  waitingRecord,
} from '../../support/reports.js';

const reports: Readonly<Record<string, ReportInput>> = {
  'a history of a shift': { shift: { history: rolledBackShift() } },
  'a state of a shift': { shift: { state: rolledBackState() } },
  'an empty history': { shift: { history: [] } },
  'a rollout': { rollout: { history: failedRollout() } },
  'a history of a swap': { swap: { history: rolledBackSwap() } },
  'a record of a swap': { swap: { record: waitingRecord() } },
  'a record of a swap with its traffic shift': {
    swap: {
      record: waitingRecord({ phase: 'switching', shift: JSON.parse(JSON.stringify(rolledBackState())) }),
    },
  },
  'a status of a swap': {
    swap: {
      status: {
        application: 'orders',
        now: '2026-11-29T20:05:00.000Z',
        traffic: { error: 'denied' },
        orphans: [],
        next: 'waits',
        swap: {
          id: 'swap-1',
          incoming: 'green',
          phase: 'testing',
          since: '2026-11-29T20:00:00.000Z',
          wanted: 'forward',
          owner: 'run run-1',
          steps: [
            {
              name: 'smoke test',
              phase: 'test',
              stack: 'incoming',
              state: 'started',
              failure: '3 of 7 failed',
            },
          ],
        },
      },
    },
  },
  'a rehearsal': { rehearsal: rehearsal() },
  'two rehearsals': { rehearsal: [rehearsal(), rehearsal('latency')] },
  'no rehearsal of an empty list': { rehearsal: [] },
  'everything at once': {
    title: 'Release 42',
    facts: { commit: 'abc', requests: 29_000 },
    shift: { history: rolledBackShift() },
    rollout: { history: failedRollout() },
    swap: { history: rolledBackSwap() },
    rehearsal: rehearsal(),
  },
};

/** Returns the text at the top of a report, up to its first section. */
function topOf(html: string): string {
  return textOf(/<header>([\s\S]*?)<\/header>/.exec(html)?.[1] ?? '');
}

function textOf(html: string): string {
  return html
    .replace(/<[^>]*>/g, ' ')
    .replace(/&#(\d+);/g, (_, code) => String.fromCharCode(Number(code)))
    .replace(/\s+/g, ' ')
    .trim();
}

describe.each(Object.entries(reports))('renderReport of %s', (_name, input) => {
  const html = renderReport(input);

  test('returns one file without a request, a script or a style attribute', () => {
    expect(html).not.toMatch(
      /<script|<link|<img|<iframe|\ssrc=|\shref=|\sstyle=|\son\w+=|@import|url\(|https?:/i,
    );
  });

  test('allows nothing but its own style sheet', () => {
    const style = /<style>([\s\S]*?)<\/style>/.exec(html)?.[1] ?? '';
    const hash = createHash('sha256').update(style).digest('base64');

    expect(html).toContain(
      `<meta http-equiv="Content-Security-Policy" content="default-src &#39;none&#39;; style-src &#39;sha256-${hash}&#39;;`,
    );
  });

  test('returns the same text for the same input, and for its JSON', () => {
    expect(renderReport(input)).toBe(html);
    expect(renderReport(JSON.parse(JSON.stringify(input)))).toBe(html);
  });

  test('shows no value that is missing', () => {
    expect(textOf(html)).not.toMatch(/NaN|undefined|Infinity|\[object/);
    expect(html).not.toMatch(/="[^"]*(NaN|undefined|Infinity)/);
  });

  test('gives every element its own ID, and refers to existing ones', () => {
    const ids = [...html.matchAll(/\sid="([^"]*)"/g)].map(([, id]) => id);
    const references = [...html.matchAll(/\saria-(?:labelledby|describedby)="([^"]*)"/g)].map(([, id]) => id);

    expect(new Set(ids).size).toBe(ids.length);
    expect(ids).toEqual(expect.arrayContaining(references));
  });

  test('gives every diagram a title and a description, or hides it beside its text', () => {
    const diagrams = [...html.matchAll(/<svg ([^>]*)>(?=\n|<)/g)].map(([, attributes]) => attributes ?? '');
    const outer = diagrams.filter((it) => it.includes('role="img"'));
    const described = [
      ...html.matchAll(/role="img"[^>]*>\n<title id="[^"]+">[^<]+<\/title>\n<desc id="[^"]+">[^<]+<\/desc>/g),
    ];

    expect(described).toHaveLength(outer.length);
  });

  test('closes every element in order', () => {
    const open: string[] = [];
    for (const [, close, name = '', isEmpty] of html.matchAll(/<(\/?)([a-z]\w*)[^>]*?(\/?)>/gi)) {
      if (isEmpty === '/' || name === 'meta') continue;
      if (close === '') open.push(name);
      else expect(open.pop()).toBe(name);
    }
    expect(open).toEqual([]);
  });
});

describe('renderReport of a shift', () => {
  test('shows the check that failed first at the top, with the time, the share and the consequences', () => {
    const top = topOf(renderReport({ shift: { history: rolledBackShift() } }));

    expect(top).toBe(
      'Traffic shift to green ✖ rolled back What failed first Check “errors” failed 4 % failed ' +
        '00:03:00 after the beginning, with 10 % on green Rollback started at 00:03:00 The initial weights were live again at 00:04:00',
    );
  });

  test('shows the share at the failure, when the rollback was read back within the same millisecond', () => {
    const history = rolledBackShift();
    const at = history.find(({ type }) => type === 'rollingBack')?.at ?? 0;
    const atOnce = history.map((event) => (event.at > at ? { ...event, at } : event));

    expect(topOf(renderReport({ shift: { history: atOnce } }))).toContain(
      'Check “errors” failed 4 % failed 00:03:00 after the beginning, with 10 % on green',
    );
  });

  test('shows the drift at the top when no check failed before it', () => {
    const history = rolledBackShift().slice(0, 5);
    const halted = { type: 'halted', at: minute(3), reason: 'drift: expected 90/10, got 50/50' } as const;
    const later = evaluated(minute(4), { outcome: 'fail', detail: 'too late' });
    const top = topOf(renderReport({ shift: { history: [...history, halted, later] } }));

    expect(top).toContain(
      'What failed first Halted at 00:03:00, nothing more is written drift: expected 90/10',
    );
    expect(top).not.toContain('too late');
  });

  test.each([
    ['a dry run', evaluated(minute(1), { outcome: 'fail' }, 'latency', true)],
    ['an inconclusive evaluation', evaluated(minute(1), { outcome: 'inconclusive' })],
  ])('does not take %s for the failure', (_name, event) => {
    const top = topOf(renderReport({ shift: { history: [event, ...rolledBackShift()] } }));

    expect(top).toContain('Check “errors” failed 4 % failed 00:03:00');
  });

  test('shows no failure of a shift that succeeded', () => {
    const succeeded = { type: 'succeeded', at: minute(9), weights: { blue: 0, green: 100 } } as const;
    const history = [...rolledBackShift().slice(0, 7), succeeded];

    expect(topOf(renderReport({ shift: { history } }))).toBe('Traffic shift to green ✔ succeeded');
  });

  test('takes the reason of a state when the history is unknown', () => {
    const top = topOf(renderReport({ shift: { state: rolledBackState('The check errors failed once') } }));

    expect(top).toContain('✖ rolled back What failed first Rolled back The check errors failed once');
  });

  test('draws the evidence with the line at 1/α, and the error rates of both stacks', () => {
    const text = textOf(renderReport({ shift: { history: rolledBackShift() } }));

    expect(text).toContain('fails at 1/α = 100');
    expect(text).toContain('Evidence that green fails more often');
    expect(text).toContain('the largest evidence was 240; 100 is enough.');
    expect(text).toContain('Error rates since the beginning green 4 % blue 0.5 %');
  });

  test('draws failed evidence as a cross and the rest as dots', () => {
    const html = renderReport({ shift: { history: rolledBackShift() } });

    expect(html.match(/<path class="cross"/g)).toHaveLength(1);
    expect(html.match(/<circle class="dot"/g)).toHaveLength(2);
  });

  test.each([1e3, 1e12, Number.MAX_VALUE, Number.POSITIVE_INFINITY])(
    'keeps the line at 1/α within the diagram when the evidence is %s',
    (value) => {
      const history = [
        evaluated(begin, { evidence: evidenceOf(1) }),
        evaluated(minute(1), { evidence: evidenceOf(value) }),
      ];
      const y = Number(
        /<line class="limit"[^>]*y1="([^"]+)"/.exec(renderReport({ shift: { history } }))?.[1],
      );

      expect(y).toBeGreaterThan(20);
      expect(y).toBeLessThan(110);
    },
  );

  test('lists every change of the weights, every evaluation and every event', () => {
    const history = rolledBackShift();
    const html = renderReport({ shift: { history } });

    for (const caption of [
      'Weights, as read back from AWS',
      'Evaluations of errors',
      'Events, without passed checks',
    ])
      expect(html).toContain(`<caption>${caption}</caption>`);
    expect(textOf(html)).toContain(
      'evidence 240 of 100; green 8 of 200 requests (4 %); blue 5 of 1000 requests (0.5 %)',
    );
  });

  test('accepts the result of a shift as it is', () => {
    const state = rolledBackState();
    const result = { outcome: 'rolledBack', state, reason: 'why', history: rolledBackShift() } as const;

    expect(topOf(renderReport({ shift: result }))).toContain('✖ rolled back');
  });

  test('draws an axis with few marks for every length of time', () => {
    for (const milliseconds of [0, 1, 59_000, 3_600_000, 86_400_000 * 3, 86_400_000 * 366, 8e15]) {
      const history = [evaluated(0, { value: 1 }), evaluated(milliseconds, { value: 2 })];
      const ticks = renderReport({ shift: { history } }).match(/text-anchor="middle"/g) ?? [];

      expect(ticks.length).toBeGreaterThan(1);
      expect(ticks.length).toBeLessThanOrEqual(7);
    }
  });
});

describe('renderReport of a swap', () => {
  test('shows the step that failed first at the top', () => {
    expect(topOf(renderReport({ swap: { history: rolledBackSwap() } }))).toBe(
      'Swap to green ✖ rolled back What failed first Step “smoke test” failed 3 of 7 failed 00:03:00 after the beginning ' +
        'Rolled back: step "smoke test" failed The swap ended at 00:05:00',
    );
  });

  test('does not take a step that failed and was then completed for the failure', () => {
    const events = rolledBackSwap();
    const failed = {
      type: 'stepFailed',
      at: minute(1),
      swapId: 'swap-1',
      step: 'start database',
      failure: 'throttled',
    } as const;
    const top = topOf(
      renderReport({ swap: { history: [...events.slice(0, 3), failed, ...events.slice(3)] } }),
    );

    expect(top).toContain('What failed first Step “smoke test” failed');
    expect(top).not.toContain('throttled');
  });

  test('shows a requested rollback at the top, and not a later failure of an undo', () => {
    const events = rolledBackSwap().filter(({ type }) => type !== 'stepFailed' && type !== 'ended');
    const failed = {
      type: 'stepFailed',
      at: minute(6),
      swapId: 'swap-1',
      step: 'start database',
      failure: 'denied',
    } as const;
    const halted = {
      type: 'phaseChanged',
      at: minute(7),
      swapId: 'swap-1',
      phase: 'halted',
      reason: 'undo failed',
    } as const;
    const top = topOf(renderReport({ swap: { history: [...events, failed, halted] } }));

    expect(top).toContain(
      'Swap to green ✖ halted What failed first Rolling back: step "smoke test" failed 00:03:00 after the beginning ' +
        'Halted, nothing more is changed: undo failed',
    );
  });

  test('shows no failure of an undo as the first one, in a record and in a status', () => {
    const failed = 'step "smoke test" failed 5 times: 3 of 7 failed';
    const record = waitingRecord({
      phase: 'undoing',
      wanted: 'back',
      reason: failed,
      plan: ['prepare 1 · start database · incoming · 0 s', 'test 1 · smoke test · incoming · 0 s'],
      steps: {
        'smoke test': { claimedAt: minute(2), attemptedAt: minute(2), failure: '3 of 7 failed' },
        'start database': {
          claimedAt: minute(1),
          doneAt: minute(1),
          undoClaimedAt: minute(3),
          undoAttemptedAt: minute(4),
          failure: 'denied',
        },
      },
    });
    const { doneAt: _, ...undoing } = record.swap?.steps['start database'] ?? {};
    const withoutTest = waitingRecord({
      phase: 'undoing',
      wanted: 'back',
      reason: 'asked by a person',
      steps: { 'start database': undoing },
    });
    const status = {
      application: 'orders',
      now: '2026-11-29T20:05:00.000Z',
      traffic: { blue: 100, green: 0 },
      orphans: [],
      next: 'undoes "start database"',
      swap: {
        id: 'swap-1',
        incoming: 'green',
        phase: 'undoing',
        since: '2026-11-29T20:03:00.000Z',
        wanted: 'back',
        reason: failed,
        owner: 'run run-1',
        steps: [
          {
            name: 'start database',
            phase: 'prepare',
            stack: 'incoming',
            state: 'undoing',
            failure: 'denied',
          },
          {
            name: 'smoke test',
            phase: 'test',
            stack: 'incoming',
            state: 'started',
            failure: '3 of 7 failed',
          },
        ],
      },
    } as const;

    expect(topOf(renderReport({ swap: { record } }))).toContain(
      'first Step “smoke test” failed 3 of 7 failed',
    );
    expect(topOf(renderReport({ swap: { status } }))).toContain(
      'first Step “smoke test” failed 3 of 7 failed',
    );
    expect(topOf(renderReport({ swap: { record: withoutTest } }))).toContain(
      'first Rolling back: asked by a person',
    );
    expect(textOf(renderReport({ swap: { record } }))).toContain('undo failed at 00:04:00: denied');
  });

  test('shows steps of retire that are left after a success', () => {
    const [started] = rolledBackSwap();
    const ended = {
      type: 'ended',
      at: minute(5),
      swapId: 'swap-1',
      beganAt: minute(0),
      end: 'succeeded',
      orphans: ['stop database'],
    } as const;
    const history = [...(started ? [started] : []), ended];

    expect(topOf(renderReport({ swap: { history } }))).toContain(
      '✔ succeeded What failed first Left of retire: stop database',
    );
  });

  test('draws the lanes of the plan in its order, with waits, and steps that are not started', () => {
    const text = textOf(renderReport({ swap: { record: waitingRecord() } }));

    expect(text).toContain('start database green · started at 00:00:00 · done after 2 min');
    expect(text).toContain(
      'enable subscription green · started at 00:02:00 · done after 1 min · in effect at 00:18:00',
    );
    expect(text).toContain('purge · all · queues blue · not started');
    expect(renderReport({ swap: { record: waitingRecord() } })).toMatch(
      /class="bar wait" x="16\.67%" y="5" width="83\.33%"/,
    );
  });

  test('draws the undo of a step', () => {
    const html = renderReport({ swap: { history: rolledBackSwap() } });

    expect(html).toMatch(/class="bar undo" x="60%" y="3" width="40%"/);
    expect(textOf(html)).toContain(
      'start database started at 00:00:00 · done after 2 min · undone at 00:05:00',
    );
  });

  test('adds the traffic shift of the record', () => {
    const record = waitingRecord({ shift: JSON.parse(JSON.stringify(rolledBackState())) });

    expect(textOf(renderReport({ swap: { record } }))).toContain('Weights over time');
    expect(textOf(renderReport({ swap: { record: waitingRecord({ shift: { own: 1 } }) } }))).not.toContain(
      'Weights over time',
    );
  });

  test('shows the last of several swaps in a history', () => {
    const earlier = rolledBackSwap('old test').map((event) => ({ ...event, swapId: 'swap-0' }));
    const text = textOf(renderReport({ swap: { history: [...earlier, ...rolledBackSwap()] } }));

    expect(text).not.toContain('old test');
  });
});

describe('renderReport of a rollout', () => {
  test('shows the phase that failed at the top, with the state of the service', () => {
    expect(topOf(renderReport({ rollout: { history: failedRollout() } }))).toBe(
      'Rollout of an ECS service ✖ failed What failed first Failed in the phase “Start the canary” The canary stopped ' +
        '00:02:00 after the beginning The service is intact',
    );
  });

  test('shows a failed check before the end of its rollout, and the remedy of the error', () => {
    const check = {
      type: 'checkEvaluated',
      at: minute(1),
      check: 'page',
      dryRun: false,
      result: { outcome: 'error', detail: 'refused' },
    } as const;
    const history = [check, ...failedRollout('checks failed')];
    const top = topOf(renderReport({ rollout: { history, remedy: 'Canaries that may still run: 1' } }));

    expect(top).toContain('What failed first Check “page” threw an error refused');
    expect(top).toContain('Canaries that may still run: 1');
  });
});

describe('renderReport of a rehearsal', () => {
  test('shows the first stopped shift at the top', () => {
    expect(topOf(renderReport({ rehearsal: rehearsal() }))).toBe(
      'Rehearsal of errors ✖ stops 1 of 3 healthy shifts What failed first Check “errors” stopped a healthy shift ' +
        'Stopped by “errors” after 15 min at 10 %: 4 % failed in the shift of 2026-11-29 21:00 UTC ' +
        '1 of 3 healthy shifts would have been stopped',
    );
  });

  test('draws a mark for each shift, and describes those that did not pass', () => {
    const html = renderReport({ rehearsal: rehearsal() });

    expect(html.match(/<path class="mark green"/g)).toHaveLength(2);
    expect(html.match(/<path class="cross"/g)).toHaveLength(2);
    expect(html.match(/<circle class="dot"/g)).toHaveLength(2);
    expect(textOf(html)).toContain('Without data: errors');
    expect(textOf(html)).toContain('page not rehearsed: it reads no CloudWatch metric');
    expect(textOf(html)).toContain('Time until it was found 9 min not found');
  });

  test('needs a row only for the days with shifts', () => {
    const far = { ...rehearsal(), from: -8.64e15, to: 8.64e15 };

    expect(renderReport({ rehearsal: far }).length).toBeLessThan(20_000);
  });
});

describe('renderReport of a part of a history', () => {
  test.each<[string, ReportInput]>([
    ['shift', { shift: { history: [], outcome: 'halted', reason: 'AccessDenied' } }],
    ['rollout', { rollout: { history: [] } }],
    ['swap', { swap: { history: [], outcome: 'halted', reason: 'AccessDenied' } }],
  ])('shows no time of a %s without an event', (_name, input) => {
    expect(textOf(renderReport(input))).not.toMatch(/Began|Time covered|1970/);
  });

  test('names no direction of a shift whose beginning is missing', () => {
    const toBlue = rolledBackShift().filter(({ type }) => type !== 'started' && type !== 'weightsWritten');
    const text = textOf(renderReport({ shift: { history: toBlue } }));

    expect(text).toContain('Traffic shift: rolled back');
    expect(text).toContain('Evidence that incoming fails more often');
    expect(text).not.toMatch(/on green|to green|green fails/);
  });

  test('shows the time that has passed, not the minute that a diagram needs at least', () => {
    const at = (seconds: number) => begin + seconds * 1000;
    const swapId = 'swap-1';
    const text = textOf(
      renderReport({
        shift: { history: rolledBackShift().map((event, index) => ({ ...event, at: at(index / 4) })) },
        rollout: {
          history: [
            { type: 'phaseStarted', at: at(0), phase: 'prepare' },
            { type: 'failed', at: at(2), phase: 'prepare', reason: 'refused', serviceIntact: true },
          ],
        },
        swap: {
          history: [
            { type: 'started', at: at(0), swapId, incoming: 'green', owner: 'run 1' },
            { type: 'phaseChanged', at: at(0), swapId, phase: 'preparing' },
            { type: 'stepStarted', at: at(2), swapId, step: 'smoke test' },
          ],
        },
      }),
    );

    expect(text.match(/Time covered \S+ \S+/g)).toEqual(Array(3).fill('Time covered 2 s'));
    expect(text).toContain('Prepare from 00:00:00, 2 s, failed');
    expect(text).toContain('Preparing from 00:00:00, 2 s');
  });

  test('calls a rollout that rolls back so, and not rolled back before it is', () => {
    const rollingBack = {
      type: 'rollingBack',
      at: minute(1),
      to: 'web:1',
      reason: 'Service unstable',
    } as const;
    const failed = {
      type: 'failed',
      at: minute(2),
      phase: 'serviceStable',
      reason: 'UpdateService refused',
      serviceIntact: false,
    } as const;

    expect(topOf(renderReport({ rollout: { history: [rollingBack] } }))).toContain('✖ rolling back');
    for (const history of [[rollingBack], [rollingBack, failed]])
      expect(textOf(renderReport({ rollout: { history } }))).not.toMatch(/rolled back/i);
  });

  test.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty'])(
    'shows a phase and a step that are named %s',
    (name) => {
      const swapId = 'swap-1';
      const rollout = textOf(
        renderReport({
          rollout: {
            history: [
              { type: 'phaseStarted', at: begin, phase: name as never },
              { type: 'failed', at: begin, phase: name as never, reason: 'no', serviceIntact: true },
            ],
          },
        }),
      );
      const swap = textOf(
        renderReport({
          swap: {
            history: [
              { type: 'started', at: begin, swapId, incoming: 'green', owner: 'run 1' },
              { type: 'phaseChanged', at: begin, swapId, phase: name as never },
              { type: 'stepStarted', at: begin, swapId, step: name },
            ],
          },
        }),
      );

      expect(rollout).toContain(`Failed in the phase “${name}”`);
      expect(swap).toContain(`${name} Prepare started at 00:00:00`);
      expect(`${rollout}${swap}`).not.toMatch(/native code|\[object/);
    },
  );
});

describe('renderReport of several changes', () => {
  test.each(['', '  ', '\n'])('has its own title in place of the blank title %j', (title) => {
    const html = renderReport({ title, shift: { history: rolledBackShift() } });

    expect(html).toContain('<h1>Traffic shift to green</h1>');
  });

  test('shows the earliest failure first', () => {
    const history = rolledBackShift().map((event) => ({ ...event, at: event.at + 3_600_000 }));
    const top = topOf(
      renderReport({
        shift: { history },
        swap: { history: rolledBackSwap() },
        rollout: { history: failedRollout() },
      }),
    );

    expect(top).toMatch(
      /What failed first Failed in the phase .* What else failed Step “smoke test”.* What else failed Check “errors”/,
    );
  });

  test('shows the title and the facts of the caller', () => {
    const html = renderReport({
      title: 'Release 42',
      facts: { commit: 'abc' },
      shift: { history: rolledBackShift() },
    });

    expect(html).toContain('<title>Release 42: rolled back</title>');
    expect(textOf(html)).toContain('commit abc');
  });
});
