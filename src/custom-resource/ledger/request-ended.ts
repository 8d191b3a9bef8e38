import { ToolkitError } from '../../core/errors.js';
import type { RunPosition } from './request-history.js';

/** Reason why a request writes nothing more. */
export type End =
  | Exclude<RunPosition, { readonly kind: 'current' | 'unrecorded' }>
  /** CloudFormation has stopped waiting for its response. */
  | { readonly kind: 'expired' }
  /** This run has responded. */
  | { readonly kind: 'responded' };

const reasons: Readonly<Record<End['kind'], string>> = {
  ended: 'This request has its response already. Nothing was written',
  overtaken: 'A later request for this rule has replaced this one. Nothing more is written',
  duplicate: 'A later run of this request has replaced this one. Nothing more is written',
  expired: 'CloudFormation did not wait for this request any longer. Nothing more is written',
  responded: 'This run has responded. Nothing more is written',
};

/** Thrown instead of a write by a request that CloudFormation has replaced or timed out, or that another run continues. */
export class RequestEndedError extends ToolkitError {
  override readonly name = 'RequestEndedError';
  readonly code = 'REQUEST_ENDED';
  readonly end: End;

  /** @param detail - state of the traffic. */
  constructor(end: End, resource: string, detail = '') {
    const reason = reasons[end.kind];
    super(detail.includes(reason) ? detail : [reason, detail].filter(Boolean).join('. '), { resource });
    this.end = end;
  }
}
