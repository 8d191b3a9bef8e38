import type { ScalableTarget, SuspendedState } from '@aws-sdk/client-application-auto-scaling';

/** The parts of scaling that Application Auto Scaling can suspend separately. */
const scalingParts = [
  'DynamicScalingInSuspended',
  'DynamicScalingOutSuspended',
  'ScheduledScalingSuspended',
] as const satisfies readonly (keyof SuspendedState)[];

/** A part of scaling, named after the member that suspends it. */
type ScalingPart = (typeof scalingParts)[number];

/** Tag of a scalable target that records the parts of its scaling which this package has suspended. */
export const suspendedPartsTag = 'aws-blue-green-toolkit:suspended';

/** The parts that are not suspended. */
export function runningParts({
  SuspendedState: state,
}: Pick<ScalableTarget, 'SuspendedState'>): ScalingPart[] {
  return scalingParts.filter((part) => state?.[part] !== true);
}

export function suspendedParts({
  SuspendedState: state,
}: Pick<ScalableTarget, 'SuspendedState'>): ScalingPart[] {
  return scalingParts.filter((part) => state?.[part] === true);
}

/** The state in which every part is suspended. */
export const allSuspended: Required<SuspendedState> = {
  DynamicScalingInSuspended: true,
  DynamicScalingOutSuspended: true,
  ScheduledScalingSuspended: true,
};

/**
 * The state in which these parts run and all others stay as they are. Names every part, because the API reference does not
 * say what happens to one that is left out.
 */
export function resumed(
  target: Pick<ScalableTarget, 'SuspendedState'>,
  parts: readonly ScalingPart[],
): Required<SuspendedState> {
  const isSuspended = (part: ScalingPart) => !parts.includes(part) && target.SuspendedState?.[part] === true;
  return {
    DynamicScalingInSuspended: isSuspended('DynamicScalingInSuspended'),
    DynamicScalingOutSuspended: isSuspended('DynamicScalingOutSuspended'),
    ScheduledScalingSuspended: isSuspended('ScheduledScalingSuspended'),
  };
}

/** The tag's value for these parts. It has only characters that every tag may have. */
export function toTagValue(parts: readonly ScalingPart[]): string {
  return parts.join(' ');
}

/** The parts in a tag's value; none when there is no tag. */
export function fromTagValue(value: string | undefined): ScalingPart[] {
  const names = value?.split(' ') ?? [];
  return scalingParts.filter((part) => names.includes(part));
}

/**
 * The desired count of a service that is being enabled. Without scaling it is the normal one. With scaling it is at least the
 * normal one, so that a count which scaling has raised under load is not lowered. It stays within the scaling's bounds,
 * which Application Auto Scaling would enforce anyway.
 */
export function countToEnable(
  present: number,
  normal: number,
  target: Pick<ScalableTarget, 'MinCapacity' | 'MaxCapacity'> | undefined,
): number {
  if (target === undefined) return normal;
  const { MinCapacity = 0, MaxCapacity = Number.POSITIVE_INFINITY } = target;
  return Math.min(Math.max(present, normal, MinCapacity), MaxCapacity);
}
